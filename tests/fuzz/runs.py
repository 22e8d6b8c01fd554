"""Run folders with damaged, missing or foreign files: listed, read, resumed, renamed and deleted."""

import json
import random
import shutil
from pathlib import Path

from lineas.errors import LineasError
from lineas.storage import ConceptStore, MetricPoint, Preview, RunSpec, RunStore
from lineas.storage.records import STATES
from lineas.storage.run_files import thin
from tests.fuzz import maps
from tests.fuzz.mutate import TEXTS, dumps, mutate_bytes, mutate_value
from tests.fuzz.runner import Case


def make(folder: Path) -> Case:
    template = _run_folder(folder / "template")
    maps.make(folder)
    shutil.copy(folder / "a.safetensors", template / "map.safetensors")
    root = folder / "home"

    def case(draw: random.Random) -> None:
        shutil.rmtree(root, ignore_errors=True)
        place = root / "runs" / draw.choice([template.name, template.name, "x", "20260101", "ä ö"])
        shutil.copytree(template, place)
        for _ in range(draw.randint(1, 3)):
            _damage(draw, place)
        _use(root)

    return case


def _run_folder(root: Path) -> Path:
    run = RunStore(root).create(
        RunSpec("sailor", ("One day.", "Two\ndays."), ("Arr, one day.",), settings={"steps": 3})
    )
    for step in range(3):
        run.add_metric(MetricPoint(step, 1.0 / (step + 1), 0.5))
        run.add_preview(Preview(step, "Arr."))
    run.log("It began.")
    run.health_path.write_text(json.dumps({"title": "Works"}), encoding="utf-8")
    run.checkpoint_path.write_bytes(b"")
    run.end(state="done", step=3, of=3)
    return run.folder


def _damage(draw: random.Random, place: Path) -> None:
    files = [path for path in place.iterdir() if path.is_file()]
    if not files:
        return
    path = draw.choice([*files, *[file for file in files if file.name == "run.json"] * 4])
    data = path.read_bytes()
    match draw.randrange(8):
        case 0:
            path.unlink()
        case 1:
            path.unlink()
            path.mkdir()
        case 2:
            path.unlink()
            path.symlink_to(draw.choice(["/nowhere", path.name, "/dev/null"]))
        case 3 if path.name == "run.json":
            state = draw.choice([*STATES, *TEXTS[:4]])
            path.write_bytes(data.replace(b'"done"', dumps(state)))
        case 4 | 5 if path.suffix == ".json":
            try:
                path.write_bytes(dumps(mutate_value(draw, json.loads(data))))
            except ValueError:
                path.write_bytes(b"")
        case _:
            path.write_bytes(mutate_bytes(draw, data))


def _use(root: Path) -> None:
    """Do what pages and commands do. A refusal of one part does not end the others."""
    store = RunStore(root)
    concepts = ConceptStore(root, store, lambda: [])
    refusal: LineasError | None = None
    for run in store.runs():
        record = run.record
        assert record.state in STATES and isinstance(record.name, str)
        thin(run.metrics(), 300), run.previews(), run.log_tail(), record.resumable, record.to_json()
        for act in (
            run.sentences,
            lambda run=run: run.record.resumable and store.resume(run.id).release(),
            lambda run=run: run.add_metric(MetricPoint(9, 1, 1)),
        ):
            try:
                act()
            except LineasError as error:
                refusal = error
        run.release()
    for concept in concepts.concepts():
        for act in (
            lambda concept=concept: concepts.load(concept),
            lambda concept=concept: concepts.examples(concept.id),
            lambda concept=concept: concepts.rename(concept.id, "new"),
            lambda concept=concept: concepts.annotate(concept.id, "note"),
        ):
            try:
                act()
            except LineasError as error:
                refusal = error
    for run in RunStore(root).runs():
        try:
            concepts.delete(f"run:{run.id}")
        except LineasError as error:
            refusal = error
    if refusal:
        raise refusal
