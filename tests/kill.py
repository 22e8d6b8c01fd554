"""Kill -9 at random moments of everything that writes, start again, and look: ``python -m tests.kill --times 50``.

Each time a process of its own trains a model (a checkpoint after every step), lets every second concept be examined, and meanwhile
imports maps, renames, deletes and restores them, and says what is done. It is killed at a random moment. A second process starts a
studio on the same home and checks:

- what was said to be done is there, with the same numbers and sentences,
- a training that was interrupted is resumed and ends in the map, bit for bit, of one that was never disturbed,
- nothing half done is left over.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "helpers")]

import torch
from polling import wait_for
from tiny import SOURCE, TARGET, make_model

import lineas.training.trainer
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap

STEPS = 12
LONGEST = {"tiny": (0.1, 0.5, 2.0), "default": (2.0, 10.0, 40.0)}
"""Seconds after which a worker is killed at the latest, one of these each time, so that its beginning is killed often, too."""
KEPT = {"names.lock", "runs", "maps", "trash", "theirs.safetensors"}
KEPT_IN_A_RUN = {
    "run.json", "run.lock", "source.txt", "target.txt", "metrics.jsonl", "checkpoint.safetensors", "map.safetensors", "log.txt",
    "health.json",
}  # fmt: skip


def main(times: int, seed: int, kind: str) -> int:
    """Kill as often as asked; returns the exit code."""
    torch.set_num_threads(1)
    lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    moments = random.Random(seed)
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        model = make_model("llama") if kind == "tiny" else load_model("default", device="cpu")
        _in_process(lambda: _reference(home, model), Path(scratch) / "reference")
        for number in range(times):
            told = Path(scratch) / f"told-{number}"
            worker = _fork(lambda: _work(home, model), told)
            wait_for(lambda file=told: file.exists() and file.stat().st_size)
            time.sleep(moments.random() * moments.choice(LONGEST[kind]))
            os.kill(worker, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(worker, 0)[1]) == signal.SIGKILL, "the worker ended by itself: see above"
            found = _in_process(lambda file=told: _check(home, model, _lines(file)), Path(scratch) / "checked")
            for name, count in found[-1].items():
                counts[name] = counts.get(name, 0) + count
            print(f"kill {number + 1} of {times}: {found[-1]}", flush=True)
    print(json.dumps({"kills": times, "seed": seed, **counts}))
    return 0


def _work(home: Path, model: LoadedModel) -> Iterator[dict[str, Any]]:
    """Do everything that writes, again and again, and say what is done when it is done."""
    yield {"did": "start"}
    service = _studio(home, model)
    theirs = home / "theirs.safetensors"
    for number in count(1):
        run = service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=STEPS, seed=7)
        yield {"did": "teach", "id": run}
        while service.snapshot().run.state != "done":
            concept = service.import_concept(theirs).id
            yield {"did": "import", "id": concept}
            service.rename(concept, f"mine {time.monotonic_ns()}")
            yield {"did": "rename", "id": concept}
            service.delete(concept)
            yield {"did": "delete", "id": concept}
            if len(service.concepts()) % 2:  # the others stay in the trash
                service.undelete(concept)
                yield {"did": "undelete", "id": concept}
        yield {"did": "done", "id": run}
        if number % 2:
            wait_for((home / "runs" / run / "health.json").exists, seconds=600)
            yield {"did": "examine", "id": run}


def _check(home: Path, model: LoadedModel, told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Start again, and look at what there is; raises if anything is lost, changed or left over."""
    service = _studio(home, model)
    runs = {record.id: record for record in service.runs()}
    counts = {"trainings": 0, "resumed": 0, "examined": 0, "imports": 0, "deletions": 0}
    reference = SteeringMap.load(home / "theirs.safetensors")
    for id in [line["id"] for line in told if line["did"] == "teach"]:
        assert id in runs, f"the training {id} is lost"
        counts["trainings"] += 1
    for line in told:
        assert line["did"] != "done" or runs[line["id"]].state == "done", f"{line['id']} was done"
        if line["did"] == "examine":
            assert (home / "runs" / line["id"] / "health.json").exists(), f"{line['id']} has lost its health card"
            counts["examined"] += 1
    for id, record in runs.items():
        assert service.sentences(id) == (SOURCE, TARGET), f"sentences of {id}"
        assert record.state in ("done", "interrupted"), f"{id} is {record.state}"
        if record.state == "interrupted":
            service.resume(id)
            wait_for(lambda: service.snapshot().run.state == "done" and service.snapshot().queue_length == 0)
            counts["resumed"] += 1
        _same(service.steering_map(f"run:{id}"), reference)
    last = {line["id"]: line["did"] for line in told if line["did"] in ("import", "rename", "delete", "undelete")}
    present = {concept.id for concept in service.concepts()}
    for id, did in last.items():  # the deed after the last one that was told may be done or not
        counts["imports"] += 1
        if id not in present:
            assert did in ("rename", "delete"), f"{id} is lost after {did}"
            service.undelete(id)
            counts["deletions"] += 1
        _same(service.steering_map(id), reference)
    _nothing_left_over(home)
    names = [concept.name.casefold() for concept in service.concepts() if concept.kind != "preset"]
    assert len(names) == len(set(names)), f"names appear twice: {names}"
    service.close()
    for folder in ("runs", "maps", "trash"):
        shutil.rmtree(home / folder, ignore_errors=True)
    yield counts


def _nothing_left_over(home: Path) -> None:
    unknown = {path.name for path in home.iterdir()} - KEPT
    unknown |= {file.name for run in home.glob("runs/*") for file in run.iterdir()} - KEPT_IN_A_RUN
    if (home / "maps").is_dir():
        unknown |= {
            path.name for path in (home / "maps").iterdir() if path.suffix != ".safetensors" or path.name[0] == "."
        }
    assert not unknown, f"left over: {sorted(unknown)}"


def _same(map: SteeringMap, reference: SteeringMap) -> None:
    assert map.sites == reference.sites
    for site in reference.sites:
        assert torch.equal(map.scale[site], reference.scale[site]) and torch.equal(
            map.shift[site], reference.shift[site]
        )


def _reference(home: Path, model: LoadedModel) -> Iterator[dict[str, Any]]:
    """Train once without being disturbed, and keep the map outside of what is cleared."""
    service = _studio(home, model)
    run = service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=STEPS, seed=7)
    wait_for(lambda: service.snapshot().run.state == "done")
    service.steering_map(f"run:{run}").with_metadata(name="theirs").save(home / "theirs.safetensors")
    service.close()
    shutil.rmtree(home / "runs")
    yield {"did": "reference"}


def _studio(home: Path, model: LoadedModel) -> StudioService:
    service = StudioService(root=home)
    service.start(load=False)
    service.use_model(model)
    return service


def _fork(work: Callable[[], Iterator[dict[str, Any]]], told: Path) -> int:
    """Run ``work`` in a copy of this process, which has no threads; every line that it yields is on the disk before it goes on."""
    if (process := os.fork()) == 0:
        try:
            with told.open("a") as file:
                for line in work():
                    file.write(json.dumps(line) + "\n")
                    file.flush()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return process


def _in_process(work: Callable[[], Iterator[dict[str, Any]]], told: Path) -> list[dict[str, Any]]:
    told.unlink(missing_ok=True)
    _, status = os.waitpid(_fork(work, told), 0)
    if status != 0:
        raise SystemExit("something was lost, changed or left over: see above")
    return _lines(told)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.kill", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", dest="kind", choices=LONGEST, default="tiny")
    sys.exit(main(**vars(parser.parse_args())))
