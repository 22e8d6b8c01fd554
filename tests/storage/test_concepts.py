"""Concepts: found, brought in, renamed, deleted and brought back."""

import os
import time
from pathlib import Path

import pytest
import torch

from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.steering.map import SteeringMap
from lineas.storage import ConceptStore, RunSpec, RunStore

SITES = ("layers.0.norm", "layers.1.norm")


def make_map(name="pirate", shift=0.5, **metadata):
    strings = {
        "name": name,
        "base_model": "tiny",
        "recommended_strength": "0.75",
        "created": "2026-01-01T00:00:00+00:00",
    }
    return SteeringMap(
        {site: torch.full((4,), 1.5) for site in SITES},
        {site: torch.full((4,), shift) for site in SITES},
        strings | metadata,
    )


@pytest.fixture
def presets(tmp_path):
    path = tmp_path / "assets" / "cheerful.safetensors"
    path.parent.mkdir()
    make_map("Cheerful").save(path)
    fields = {"instruction": "", "prompts": (), "source": (), "target": ()}
    return [
        Preset(id="cheerful", name="Cheerful", description="Sunny", map_path=path, **fields),
        Preset(id="bare", name="Bare", description="No map yet", **fields),
    ]


@pytest.fixture
def root(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def runs(root):
    return RunStore(root)


@pytest.fixture
def library(root, runs, presets):
    return ConceptStore(root, runs, lambda: presets)


def finished(runs, name="pirate", state="done"):
    run = runs.create(RunSpec(name, ("a",), ("b",)))
    if state == "done":
        make_map(name).save(run.map_path)
    run.update(state=state, ended="2026-02-02T00:00:00+00:00")
    run.release()
    return run


def test_all_kinds_are_listed_own_ones_first(library, runs, tmp_path):
    run = finished(runs)
    finished(runs, "unfinished", "cancelled")
    make_map("brought").save(tmp_path / "x.safetensors")
    brought = library.import_file(tmp_path / "x.safetensors")
    concepts = library.concepts()
    assert [(c.id, c.kind, c.name) for c in concepts] == [
        (brought.id, "imported", "brought"),
        (f"run:{run.id}", "run", "pirate"),
        ("preset:cheerful", "preset", "Cheerful"),
    ]
    assert all(c.recommended_strength == 0.75 and c.base_model == "tiny" for c in concepts)
    for concept in concepts:
        assert library.find(concept.id) == concept
        assert library.load(concept).name == concept.name


def test_an_empty_home_has_the_ready_made_ones(library):
    assert [c.id for c in library.concepts()] == ["preset:cheerful"]


@pytest.mark.parametrize(
    "concept_id", ["", "map:", "map:../../x", "run:..", "preset:bare", "pirate", "map:/etc/passwd"]
)
def test_unknown_ids(library, concept_id):
    for act in (library.find, library.duplicate, library.delete, library.undelete, lambda i: library.rename(i, "x")):
        with pytest.raises(LineasError):
            act(concept_id)


# ---- importing


def test_import_copies_and_validates(library, tmp_path):
    path = tmp_path / "their file.safetensors"
    make_map("Ahoy").save(path)
    first, second = library.import_file(path), library.import_file(path)
    assert (first.name, second.name) == ("Ahoy", "Ahoy 2")
    assert first.path.parent == library.folder
    path.unlink()
    assert torch.equal(library.load(first).shift[SITES[0]], torch.full((4,), 0.5))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_what_is_no_map_is_refused_and_nothing_changes(library, tmp_path, content):
    (tmp_path / "bad.safetensors").write_bytes(content)
    with pytest.raises(LineasError, match=r"bad\.safetensors"):
        library.import_file(tmp_path / "bad.safetensors")
    assert not library.folder.exists() or not list(library.folder.iterdir())


def test_nan_cut_short_and_missing_maps_are_refused(library, tmp_path):
    make_map(shift=float("nan")).save(tmp_path / "nan.safetensors")
    make_map().save(tmp_path / "cut.safetensors")
    whole = (tmp_path / "cut.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-3])
    for name in ("nan.safetensors", "cut.safetensors", "missing.safetensors"):
        with pytest.raises(LineasError):
            library.import_file(tmp_path / name)
    assert [c.kind for c in library.concepts()] == ["preset"]


def test_damaged_files_in_the_folder_do_not_break_the_list(library, runs, tmp_path):
    run = finished(runs)
    run.map_path.write_bytes(b"broken")
    good = library.add(make_map(), "good")
    (library.folder / "bad.safetensors").write_bytes(b"x" * 100)
    (library.folder / "empty.safetensors").write_bytes(b"")
    (library.folder / "folder.safetensors").mkdir()
    (library.folder / "cut.safetensors").write_bytes(good.path.read_bytes()[:-3])
    assert [c.id for c in library.concepts()] == [good.id, "preset:cheerful"]


@pytest.mark.parametrize(
    ("said", "meant"), [("abc", 1.0), ("nan", 1.0), ("-3", 1.0), ("17", 2.0), ("0.4", 0.4), ("inf", 2.0)]
)
def test_odd_recommended_strengths(library, said, meant):
    assert library.add(make_map(recommended_strength=said), "x").recommended_strength == meant


# ---- changing


def test_rename(library, runs):
    run, file = finished(runs), library.add(make_map(), "poet")
    assert library.rename(f"run:{run.id}", "  Buccaneer ").name == "Buccaneer"
    assert library.rename(file.id, "buccaneer").name == "buccaneer 2"
    assert library.rename(file.id, "Buccaneer 2").name == "Buccaneer 2"  # its own name in other letters
    assert library.find(f"run:{run.id}").name == "Buccaneer"
    assert library.find(file.id).name == "Buccaneer 2"
    assert SteeringMap.load(run.map_path).name == "Buccaneer"  # the file takes its name along
    with pytest.raises(LineasError, match="needs a name"):
        library.rename(file.id, " \n ")
    with pytest.raises(LineasError, match="Duplicate it"):
        library.rename("preset:cheerful", "x")


def test_notes(library, runs, root, presets):
    run, file = finished(runs), library.add(make_map(), "poet")
    for concept_id in (f"run:{run.id}", file.id):
        library.annotate(concept_id, " works best at ½ \n")
        assert library.find(concept_id).note == "works best at ½"
    again = ConceptStore(root, RunStore(root), lambda: presets)
    assert {c.note for c in again.concepts()} == {"works best at ½", "Sunny"}


def test_a_run_taught_by_another_process_is_not_renamed(library, runs, root):
    other = RunStore(root)
    run = other.create(RunSpec("pirate", ("a",), ("b",)))
    with pytest.raises(LineasError, match="command line"):
        library.rename(f"run:{run.id}", "x")
    with pytest.raises(LineasError, match="Stop it first"):
        library.delete(f"run:{run.id}")
    run.release()


def test_duplicate(library, runs):
    run = finished(runs)
    library.annotate(f"run:{run.id}", "mine")
    copy = library.duplicate(f"run:{run.id}")
    assert (copy.name, copy.kind, copy.note) == ("pirate 2", "imported", "mine")
    assert library.duplicate("preset:cheerful").name == "Cheerful 2"
    library.delete(f"run:{run.id}")
    assert library.load(copy).sites == SITES


def test_mix_is_one_after_the_other(library):
    first, second = library.add(make_map(shift=0.5), "first"), library.add(make_map(shift=-1.0), "second")
    mixed = library.mix([(first.id, 1.0), (second.id, 0.5)], "both")
    expected = make_map(shift=0.5).then(make_map(shift=-1.0).at_strength(0.5))
    assert torch.equal(library.load(mixed).shift[SITES[0]], expected.shift[SITES[0]])
    assert torch.equal(library.load(mixed).scale[SITES[0]], expected.scale[SITES[0]])
    assert (mixed.note, mixed.kind) == ("1 × first + 0.5 × second", "mixed")
    with pytest.raises(LineasError, match="nothing to mix"):
        library.mix([], "none")


# ---- deleting


@pytest.mark.parametrize("state", ["done", "failed", "interrupted"])
def test_delete_and_undo_a_run(library, runs, state):
    run = finished(runs, state=state)
    before = library.concepts()
    library.delete(f"run:{run.id}")
    assert [c.id for c in library.concepts()] == ["preset:cheerful"]
    assert runs.runs() == []
    with pytest.raises(LineasError):
        runs.get(run.id)
    library.undelete(f"run:{run.id}")
    assert library.concepts() == before
    assert runs.get(run.id).record.state == state


def test_delete_and_undo_a_file(library):
    file = library.add(make_map(), "poet")
    library.delete(file.id)
    other = library.add(make_map(), "poet")  # the name is free again
    assert other.name == "poet"
    library.undelete(file.id)
    assert {c.id for c in library.concepts()} == {file.id, other.id, "preset:cheerful"}
    with pytest.raises(LineasError, match="no longer in the trash"):
        library.undelete(file.id)


def test_ready_made_ones_stay(library):
    with pytest.raises(LineasError, match="came with the program"):
        library.delete("preset:cheerful")


def test_the_trash_is_emptied_after_a_month(library, runs, root):
    old, new = finished(runs), library.add(make_map(), "poet")
    library.delete(f"run:{old.id}")
    library.delete(new.id)
    long_ago = time.time() - 40 * 86_400
    os.utime(root / "trash" / "runs" / old.id, (long_ago, long_ago))
    library.trash.empty()
    with pytest.raises(LineasError, match="no longer"):
        library.undelete(f"run:{old.id}")
    library.undelete(new.id)


def test_nasty_names_are_only_names(library, root):
    for name in ("<img src=x onerror=alert(1)>", "../../up", "${x}{{y}}", "\u202eevil", "🦜" * 100):
        concept = library.add(make_map(), name)
        assert concept.path.parent == root / "maps"
        assert library.find(concept.id) == concept
        assert Path(concept.path).is_file()
