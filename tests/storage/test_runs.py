"""Runs on disk: written completely, read however they were left, and locked while a process works on them."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from lineas.errors import LineasError
from lineas.storage import MetricPoint, Preview, RunRecord, RunSpec, RunStore
from lineas.storage.runs import mark_if_interrupted

SPEC = RunSpec("pirate", ("one .", "two ."), ("arr one !", "arr two !", "arr three !"), settings={"steps": 5}, seed=3)


def ended(store, spec=SPEC, **changes):
    run = store.create(spec)
    run.update(**changes)
    run.release()
    return run


# ---- the folder


def test_a_new_run_is_a_folder_with_its_sentences(store):
    run = store.create(SPEC)
    assert run.folder.parent == store.folder
    assert {path.name for path in run.folder.iterdir()} == {"run.json", "source.txt", "target.txt", "run.lock"}
    assert run.source_path.read_text() == "one .\ntwo .\n"
    assert run.sentences() == (list(SPEC.source), list(SPEC.target))
    data = json.loads((run.folder / "run.json").read_text())
    assert data["state"] == "queued"
    assert data["settings"] == {"steps": 5}
    assert (data["source_count"], data["target_count"], data["seed"]) == (2, 3, 3)
    assert "torch" in data["versions"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_run_is_readable_by_its_owner_only(lineas_home: Path) -> None:
    run = RunStore(lineas_home).create(SPEC)
    run.add_metric(MetricPoint(1, 1.0, 1.0))
    run.add_preview(Preview(1, "arr"))
    run.log("began")
    run.release()
    folders = [lineas_home, *(path for path in lineas_home.rglob("*") if path.is_dir())]
    files = [path for path in lineas_home.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len(files) == 7


def test_another_process_reads_the_same_record(store, tmp_path):
    run = store.create(SPEC)
    run.update(state="running", step=4, of=9, distance=0.5, note="grüß dich ☠")
    other = RunStore(tmp_path).get(run.id)
    assert other.record == run.record
    run.update(step=5, of=10)
    assert other.record.step == 5  # the file changed, so it was read again


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"state": "running"}', '{"name": "x", "created": "y", "state": "flying"}', "\x00" * 50,
     '{"name": 3, "created": "y", "state": "done"}', '{"name": "x", "created": "y", "state": "done", "step": "many"}',
     "[" * 100_000],
)  # fmt: skip
def test_a_damaged_record_shows_as_failed_with_a_reason(store, tmp_path, text):
    good = ended(store, state="done")
    bad = ended(store, state="done")
    (bad.folder / "run.json").write_text(text)
    records = {run.id: run.record for run in RunStore(tmp_path).runs()}
    assert records[good.id].state == "done"
    assert records[bad.id].state == "failed"
    assert "cannot be read" in records[bad.id].error
    assert not records[bad.id].resumable


def test_a_record_that_is_not_text_or_is_missing(store, tmp_path):
    first, second = ended(store), ended(store)
    (first.folder / "run.json").write_bytes(b"\xff\xfe\x00")
    (second.folder / "run.json").unlink()
    (store.folder / "not a run").mkdir()
    (store.folder / "a file").write_text("x")
    runs = RunStore(tmp_path).runs()
    assert {run.id for run in runs} == {first.id, second.id}
    assert all(run.record.state == "failed" and run.record.error for run in runs)
    assert all(run.sentences()[0] == list(SPEC.source) for run in runs)  # nothing that was typed is lost


def test_fields_of_a_later_version_are_ignored():
    record = RunRecord("a", "pirate", "done", "2026-01-01T00:00:00+00:00", step=7)
    data = json.loads(record.to_json()) | {"moon": "full"}
    assert RunRecord.from_json("a", json.dumps(data)) == record


def test_runs_come_newest_first(store, tmp_path):
    ids = [ended(store, state="done").id for _ in range(5)]
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in RunStore(tmp_path).runs()] == ids[::-1]


@pytest.mark.parametrize("run_id", ["", ".", "..", "../runs", "/etc", "nothing", "a\x00b"])
def test_unknown_ids_are_refused(store, run_id):
    ended(store)
    with pytest.raises(LineasError, match="no run"):
        store.get(run_id)


def test_a_full_disk_leaves_no_half_run(store, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LineasError, match="disk is full"):
        store.create(SPEC)
    assert list(store.folder.iterdir()) == []
    assert store.runs() == []


def test_a_home_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    store = RunStore(tmp_path)
    with pytest.raises(LineasError, match="in its place"):
        store.create(SPEC)
    assert store.runs() == []


def test_two_threads_change_different_things(store):
    run = store.create(SPEC)
    threads = [
        threading.Thread(target=lambda: [run.update(step=i) for i in range(50)]),
        threading.Thread(target=lambda: [run.update(note=str(i)) for i in range(50)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (run.record.step, run.record.note) == (49, "49")


# ---- sentences


def test_missing_sentences_are_reported(store):
    run = ended(store)
    run.source_path.unlink()
    with pytest.raises(LineasError, match="cannot be read any more"):
        run.sentences()


# ---- alive or not


def test_a_claimed_run_is_left_alone_and_a_free_one_becomes_interrupted(store, tmp_path):
    alive, dead = store.create(SPEC), store.create(SPEC)
    alive.update(state="running")
    dead.update(state="running")
    dead.add_metric(MetricPoint(1, 1.0, 1.0))
    dead.add_metric(MetricPoint(2, 0.9, 1.0))
    dead.release()
    states = {run.id: run.record for run in RunStore(tmp_path).runs()}
    assert states[alive.id].state == "running"
    assert (states[dead.id].state, states[dead.id].step) == ("interrupted", 2)
    alive.update(state="done")
    alive.release()
    assert {run.record.state for run in RunStore(tmp_path).runs()} == {"done", "interrupted"}


def test_a_run_that_ends_while_it_is_checked_stays_done(store, tmp_path):
    run = store.create(SPEC)
    run.update(state="running")
    other = RunStore(tmp_path).get(run.id)
    assert other.record.state == "running"
    run.update(state="done")
    run.release()
    mark_if_interrupted(other)
    assert other.record.state == "done"


def test_an_ended_run_can_be_resumed_by_one_worker(store, tmp_path):
    run = ended(store, state="cancelled")
    taken = store.resume(run.id)
    assert taken is run and taken.claimed
    for again in (store, RunStore(tmp_path)):
        with pytest.raises(LineasError, match="being taught already"):
            again.resume(run.id)
    taken.update(state="done")
    taken.release()
    with pytest.raises(LineasError, match="nothing to resume"):
        store.resume(run.id)
    assert not run.claimed
    (run.folder / "run.json").write_text("{")
    with pytest.raises(LineasError, match="cannot be resumed"):
        store.resume(run.id)
    assert not run.claimed


def test_a_killed_process_leaves_an_interrupted_run(tmp_path):
    """The next process sees an interrupted run and may resume it."""
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from lineas.storage import MetricPoint, RunSpec, RunStore
        store = RunStore(Path(sys.argv[1]))
        run = store.create(RunSpec("pirate", ("a",), ("b",)))
        queued = store.create(RunSpec("poet", ("a",), ("b",)))
        run.update(state="running")
        for step in range(1, 4):
            run.add_metric(MetricPoint(step, 1 / step, 1 / step))
        print(run.id, flush=True)
        time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    run_id = process.stdout.readline().strip()
    store = RunStore(tmp_path)
    assert store.get(run_id).record.state == "running"
    assert sorted(run.record.state for run in store.runs()) == ["queued", "running"]
    with pytest.raises(LineasError, match="being taught already"):
        store.resume(run_id)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert [run.record.state for run in store.runs()] == ["interrupted", "interrupted"]
    run = store.resume(run_id)
    assert run.record.step == 3
    assert [point.step for point in run.metrics()] == [1, 2, 3]


def test_the_state_says_whether_a_run_can_be_resumed():
    record = RunRecord("a", "pirate", "interrupted", "", source_count=4, target_count=4)
    assert record.resumable and not record.active
    assert replace(record, state="queued").active
    assert not replace(record, state="done").resumable
    assert not replace(record, source_count=0).resumable
