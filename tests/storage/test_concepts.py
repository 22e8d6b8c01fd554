"""Concepts: listed, imported, renamed, mixed, deleted and restored."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from own_concepts import SITES, finished, make_map

from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.steering.map import SteeringMap
from lineas.storage import ConceptStore, RunSpec, RunStore


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
def store(root, runs, presets):
    return ConceptStore(root, runs, lambda: presets)


def test_all_kinds_are_listed_own_ones_first(store, runs, tmp_path):
    run = finished(runs)
    finished(runs, "unfinished", "cancelled")
    make_map("brought").save(tmp_path / "x.safetensors")
    brought = store.import_file(tmp_path / "x.safetensors")
    listed = store.concepts()
    assert [(c.id, c.kind, c.name) for c in listed] == [
        (brought.id, "imported", "brought"),
        (f"run:{run.id}", "run", "pirate"),
        ("preset:cheerful", "preset", "Cheerful"),
    ]
    assert all(c.recommended_strength == 0.75 and c.base_model == "tiny" for c in listed)
    for concept in listed:
        assert store.find(concept.id) == concept
        assert store.load(concept).name == concept.name


def test_an_empty_home_has_the_ready_made_concepts(store):
    assert [c.id for c in store.concepts()] == ["preset:cheerful"]


@pytest.mark.parametrize(
    "concept_id", ["", "map:", "map:../../x", "run:..", "preset:bare", "pirate", "map:/etc/passwd"]
)
def test_unknown_ids_are_refused(store, concept_id):
    for act in (store.find, store.duplicate, store.delete, store.undelete, lambda i: store.rename(i, "x")):
        with pytest.raises(LineasError):
            act(concept_id)


# ---- importing


def test_import_copies_and_validates(store, tmp_path):
    path = tmp_path / "their file.safetensors"
    make_map("Ahoy").save(path)
    first, second = store.import_file(path), store.import_file(path)
    assert (first.name, second.name) == ("Ahoy", "Ahoy 2")
    assert first.path.parent == store.folder
    path.unlink()
    assert torch.equal(store.load(first).shift[SITES[0]], torch.full((4,), 0.5))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_file_that_is_no_map_is_refused_and_nothing_changes(store, tmp_path, content):
    (tmp_path / "bad.safetensors").write_bytes(content)
    with pytest.raises(LineasError, match=r"bad\.safetensors"):
        store.import_file(tmp_path / "bad.safetensors")
    assert not store.folder.exists() or not list(store.folder.iterdir())


def test_nan_cut_short_and_missing_maps_are_refused(store, tmp_path):
    make_map(shift=float("nan")).save(tmp_path / "nan.safetensors")
    make_map().save(tmp_path / "cut.safetensors")
    whole = (tmp_path / "cut.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-3])
    for name in ("nan.safetensors", "cut.safetensors", "missing.safetensors"):
        with pytest.raises(LineasError):
            store.import_file(tmp_path / name)
    assert [c.kind for c in store.concepts()] == ["preset"]


def test_damaged_files_in_the_folder_do_not_break_the_list(store, runs, tmp_path):
    run = finished(runs)
    run.map_path.write_bytes(b"broken")
    good = store.add(make_map(), "good")
    (store.folder / "bad.safetensors").write_bytes(b"x" * 100)
    (store.folder / "empty.safetensors").write_bytes(b"")
    (store.folder / "folder.safetensors").mkdir()
    (store.folder / "cut.safetensors").write_bytes(good.path.read_bytes()[:-3])
    assert [c.id for c in store.concepts()] == [good.id, "preset:cheerful"]


@pytest.mark.parametrize(
    ("said", "meant"), [("abc", 1.0), ("nan", 1.0), ("-3", 1.0), ("17", 2.0), ("0.4", 0.4), ("inf", 2.0)]
)
def test_odd_recommended_strengths_are_clamped(store, said, meant):
    assert store.add(make_map(recommended_strength=said), "x").recommended_strength == meant


# ---- instructions


@pytest.mark.parametrize(
    ("metadata", "instruction", "mode"),
    [
        ({}, "", "show"),
        ({"instruction": " Talk like a pirate.\n", "mode": "both"}, "Talk like a pirate.", "both"),
        ({"instruction": "Talk like a pirate.", "mode": "sing"}, "Talk like a pirate.", "show"),
        ({"instruction": "Talk like a pirate."}, "Talk like a pirate.", "show"),
        ({"instruction": " ", "mode": "say"}, "", "show"),  # nothing to say
        ({"instruction": "x" * 5000, "mode": "say"}, "x" * 2000, "say"),
    ],
)
def test_a_map_brings_its_instruction_and_advised_mode(store, metadata, instruction, mode):
    concept = store.add(make_map(**metadata), "x")
    assert (concept.instruction, concept.mode) == (instruction, mode)


def test_a_preset_lends_its_instruction_to_a_map_without_one(store, presets):
    presets[0] = replace(presets[0], instruction="Be cheerful.")
    path = presets[0].map_path
    for metadata, instruction, mode in (
        ({}, "Be cheerful.", "show"),
        ({"mode": "both"}, "Be cheerful.", "both"),
        ({"instruction": "Smile.", "mode": "say"}, "Smile.", "say"),
    ):
        make_map(**metadata).save(path)
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns + 10**9))
        concept = store.find("preset:cheerful")
        assert (concept.instruction, concept.mode) == (instruction, mode)
        copy = store.duplicate(concept.id)  # it keeps both under any name
        assert (copy.instruction, copy.mode) == (instruction, mode)


def test_a_mix_has_no_instruction_of_its_parts(store):
    part = store.add(make_map(instruction="Talk like a pirate.", mode="both"), "pirate")
    mixed = store.mix([(part.id, 1.0), ("preset:cheerful", 0.5)], "both")
    assert (mixed.instruction, mixed.mode) == ("", "show")


# ---- changing


def test_a_concept_can_be_renamed(store, runs):
    run, file = finished(runs), store.add(make_map(), "poet")
    assert store.rename(f"run:{run.id}", "  Buccaneer ").name == "Buccaneer"
    assert store.rename(file.id, "buccaneer").name == "buccaneer 2"
    assert store.rename(file.id, "Buccaneer 2").name == "Buccaneer 2"  # its own name in other letters
    assert store.find(f"run:{run.id}").name == "Buccaneer"
    assert store.find(file.id).name == "Buccaneer 2"
    assert SteeringMap.load(run.map_path).name == "Buccaneer"  # the file takes its name along
    with pytest.raises(LineasError, match="needs a name"):
        store.rename(file.id, " \n ")
    with pytest.raises(LineasError, match="Duplicate it"):
        store.rename("preset:cheerful", "x")


def test_a_note_is_kept(store, runs, root, presets):
    run, file = finished(runs), store.add(make_map(), "poet")
    for concept_id in (f"run:{run.id}", file.id):
        store.annotate(concept_id, " works best at ½ \n")
        assert store.find(concept_id).note == "works best at ½"
    again = ConceptStore(root, RunStore(root), lambda: presets)
    assert {c.note for c in again.concepts()} == {"works best at ½", "Sunny"}


def test_a_run_taught_by_another_process_is_not_renamed(store, runs, root):
    other = RunStore(root)
    run = other.create(RunSpec("pirate", ("a",), ("b",)))
    with pytest.raises(LineasError, match="command line"):
        store.rename(f"run:{run.id}", "x")
    with pytest.raises(LineasError, match="Stop it first"):
        store.delete(f"run:{run.id}")
    run.release()


def test_a_concept_can_be_duplicated(store, runs):
    run = finished(runs)
    store.annotate(f"run:{run.id}", "mine")
    copy = store.duplicate(f"run:{run.id}")
    assert (copy.name, copy.kind, copy.note) == ("pirate 2", "imported", "mine")
    assert store.duplicate("preset:cheerful").name == "Cheerful 2"
    store.delete(f"run:{run.id}")
    assert store.load(copy).sites == SITES


@pytest.mark.parametrize("how", ["duplicate", "download and import"])
def test_sentences_travel(store, runs, tmp_path, how):
    run = finished(runs)
    if how == "duplicate":
        copy = store.duplicate(f"run:{run.id}")
        copy = store.duplicate(copy.id)  # of a copy, too
    else:
        store.to_give(f"run:{run.id}").save(tmp_path / "given.safetensors")
        copy = store.import_file(tmp_path / "given.safetensors")
    store.delete(f"run:{run.id}")
    assert copy.kind == "imported" and copy.has_sentences
    assert store.examples(copy.id) == (["a"], ["b"])
    mixed = store.mix([(copy.id, 1.0)], "mix")
    assert not mixed.has_sentences and store.examples(mixed.id) is None


@pytest.mark.parametrize("text", ["", "7", "[[], []]", '[["a"], [1]]', '[["a"]]', '{"a": 1, "b": 2}', "[" * 9999])
def test_what_is_no_list_of_sentences_is_none(store, tmp_path, text):
    make_map("odd").with_metadata(sentences=text).save(tmp_path / "odd.safetensors")
    assert store.examples(store.import_file(tmp_path / "odd.safetensors").id) is None


def test_mix_is_one_after_the_other(store):
    first, second = store.add(make_map(shift=0.5), "first"), store.add(make_map(shift=-1.0), "second")
    mixed = store.mix([(first.id, 1.0), (second.id, 0.5)], "both")
    expected = make_map(shift=0.5).then(make_map(shift=-1.0).at_strength(0.5))
    assert torch.equal(store.load(mixed).shift[SITES[0]], expected.shift[SITES[0]])
    assert torch.equal(store.load(mixed).scale[SITES[0]], expected.scale[SITES[0]])
    assert (mixed.note, mixed.kind) == ("1 × first + 0.5 × second", "mixed")
    with pytest.raises(LineasError, match="nothing to mix"):
        store.mix([], "none")


# ---- deleting


@pytest.mark.parametrize("state", ["done", "failed", "interrupted"])
def test_a_deleted_run_can_be_restored(store, runs, state):
    run = finished(runs, state=state)
    before = store.concepts()
    store.delete(f"run:{run.id}")
    assert [c.id for c in store.concepts()] == ["preset:cheerful"]
    assert runs.runs() == []
    with pytest.raises(LineasError):
        runs.get(run.id)
    store.undelete(f"run:{run.id}")
    assert store.concepts() == before
    assert runs.get(run.id).record.state == state


def test_a_deleted_file_can_be_restored(store):
    file = store.add(make_map(), "poet")
    store.delete(file.id)
    other = store.add(make_map(), "poet")  # the name is free again
    assert other.name == "poet"
    store.undelete(file.id)
    assert {c.id for c in store.concepts()} == {file.id, other.id, "preset:cheerful"}
    with pytest.raises(LineasError, match="no longer in the trash"):
        store.undelete(file.id)


def test_ready_made_concepts_cannot_be_deleted(store):
    with pytest.raises(LineasError, match="came with the program"):
        store.delete("preset:cheerful")


def test_the_trash_is_emptied_after_a_month(store, runs, root):
    old, new = finished(runs), store.add(make_map(), "poet")
    store.delete(f"run:{old.id}")
    store.delete(new.id)
    long_ago = time.time() - 40 * 86_400
    os.utime(root / "trash" / "runs" / old.id, (long_ago, long_ago))
    store.trash.empty()
    with pytest.raises(LineasError, match="no longer"):
        store.undelete(f"run:{old.id}")
    store.undelete(new.id)


def test_nasty_names_are_only_names(store, root):
    for name in ("<img src=x onerror=alert(1)>", "../../up", "${x}{{y}}", "\u202eevil", "🦜" * 100):
        concept = store.add(make_map(), name)
        assert concept.path.parent == root / "maps"
        assert store.find(concept.id) == concept
        assert Path(concept.path).is_file()
