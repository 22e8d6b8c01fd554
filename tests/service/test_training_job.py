"""One run from start to end, with a fake trainer."""

import errno
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from fake_trainer import MODEL, SPEC

import lineas.training.trainer
from lineas.errors import LineasError, describe
from lineas.models.fair_lock import FairLock
from lineas.service.training_job import run_training
from lineas.steering.map import SteeringMap
from lineas.storage import RunStore
from lineas.training.events import Done, Reading, Started, Step


def steps_on_disk(run):
    return [json.loads(line)["step"] for line in run.metrics_path.read_text().splitlines()]


def test_a_run_from_start_to_end(store, trainer):
    run, events = store.create(SPEC), []
    record = run_training(run, MODEL, on_event=events.append)
    assert (record.state, record.step, record.of) == ("done", 10, 10)
    assert (record.distance_start, record.distance) == (2.0, 0.2)
    assert (record.model, record.fingerprint, record.message) == (
        "tiny",
        "structure:weights",
        "All 10 steps are done.",
    )
    assert record.started and record.ended and record.seconds >= 0
    assert SteeringMap.load(run.map_path).name == "pirate"
    assert steps_on_disk(run) == list(range(1, 11))
    assert [type(event) for event in events[:3]] == [Reading, Started, Step]
    assert isinstance(events[-1], Done)
    assert not run.claimed
    assert trainer.closed == 1


def test_done_is_reported_after_the_map_is_written(store, trainer):
    run, seen = store.create(SPEC), []
    run_training(
        run, MODEL, on_event=lambda event: seen.append((type(event), run.record.state, run.map_path.exists()))
    )
    assert seen[-1] == (Done, "running", True)
    assert not any(exists for _, _, exists in seen[:-1])


def test_a_run_whose_map_cannot_be_written_has_failed(store, trainer, monkeypatch):
    run = store.create(SPEC)

    def full(self, path):
        raise LineasError("There is no space left on the disk.")

    monkeypatch.setattr(SteeringMap, "save", full)
    record = run_training(run, MODEL)
    assert (record.state, record.error) == ("failed", "There is no space left on the disk.")
    assert not run.map_path.exists()


def test_cancelling_takes_at_most_a_step(store, trainer):
    run = store.create(SPEC)
    record = run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 4)
    assert (record.state, record.step, record.distance) == ("cancelled", 4, 0.5)
    assert [step for _, step in trainer.made] == [1, 2, 3, 4]
    assert trainer.closed == 1
    assert not run.claimed


def test_a_stopped_run_continues_where_it_was(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 5)
    trainer.made.clear()
    assert run_training(store.resume(run.id), MODEL).state == "done"
    assert [step for _, step in trainer.made] == list(range(6, 11))


def test_a_failed_run_continues_from_the_checkpoint_and_repeats_no_metrics(store, trainer):
    run = store.create(SPEC)
    trainer.fails_at = {6: ValueError("the power fails")}
    run_training(run, MODEL)
    assert steps_on_disk(run) == [1, 2, 3, 4, 5]
    trainer.made.clear()
    events = []
    record = run_training(store.resume(run.id), MODEL, on_event=events.append)
    assert record.state == "done"
    assert [step for _, step in trainer.made] == list(range(4, 11))  # the checkpoint was of step 3
    assert steps_on_disk(run) == list(range(1, 11))
    assert next(event for event in events if isinstance(event, Started)).first == 3


def test_a_run_without_a_checkpoint_starts_again(store, trainer):
    run = store.create(SPEC)
    trainer.fails_at = {3: ValueError("the power fails")}
    run_training(run, MODEL)
    record = run_training(store.resume(run.id), MODEL)
    assert record.state == "done"
    assert steps_on_disk(run) == list(range(1, 11))


def test_a_run_cannot_be_resumed_on_another_model(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 5)
    record = run_training(store.resume(run.id), SimpleNamespace(id="other", fingerprint="x:y", lock=FairLock()))
    assert record.state == "failed"
    assert "'tiny'" in record.error and "'other'" in record.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LineasError("The left side has 3 sentences."), "The left side has 3 sentences."),
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"), "ran out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "computer ran out of memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "graphics card ran out of memory"),
        (MemoryError(), "ran out of memory"),
        (PermissionError(13, "Permission denied", "/x/log.txt"), "not allowed to write /x/log.txt"),
        (ValueError("shapes differ\nand more"), "ValueError: shapes differ"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_errors_become_sentences(store, trainer, error, words):
    trainer.fails_at = {4: error}
    run = store.create(SPEC)
    record = run_training(run, MODEL)
    assert record.state == "failed"
    assert words in record.error
    assert "Traceback" not in record.error and "\n" not in record.error
    assert not run.claimed
    if not isinstance(error, LineasError):
        assert "Traceback" in run.log_path.read_text()
    record = run_training(store.resume(run.id), MODEL)
    assert (record.state, record.error) == ("done", "")


def test_lineas_errors_are_shown_verbatim():
    assert describe(LineasError("out of memory, disk full")) == "out of memory, disk full"


def test_a_disk_that_fills_up_during_training(store, trainer, monkeypatch):
    """This process still shows the failure; the next one, which cannot read it, shows the run as interrupted."""
    run = store.create(SPEC)
    real = Path.write_bytes

    def full_from_step_4(self, data):
        if len(trainer.made) >= 4 and "run.json" in self.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    trainer.fails_at = {5: OSError(errno.ENOSPC, "No space left on device")}
    monkeypatch.setattr(Path, "write_bytes", full_from_step_4)
    record = run_training(run, MODEL)
    assert record.state == "failed"
    assert "disk is full" in record.error
    assert store.runs()[0].record.state == "failed"
    monkeypatch.undo()
    assert RunStore(store.folder.parent).runs()[0].record.state == "interrupted"
    monkeypatch.setattr(lineas.training.trainer, "train", trainer)
    assert run_training(store.resume(run.id), MODEL).state == "done"


def test_ctrl_c_leaves_a_cancelled_run(store, trainer):
    run = store.create(SPEC)

    def press(event):
        if isinstance(event, Step) and event.step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(run, MODEL, on_event=press)
    assert run.record.state == "cancelled"
    assert not run.claimed
    assert trainer.closed == 1


def test_missing_sentences_fail_with_a_sentence(store, trainer):
    run = store.create(SPEC)
    run.source_path.unlink()
    record = run_training(run, MODEL)
    assert record.state == "failed"
    assert "cannot be read any more" in record.error


def test_a_name_changed_during_training_is_in_the_map(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, on_event=lambda event: run.update(name="buccaneer", note="mine"))
    steering_map = SteeringMap.load(run.map_path)
    assert (steering_map.name, steering_map.metadata["description"]) == ("buccaneer", "mine")


def test_the_model_is_locked_for_steps_only(store, trainer):
    lock, states = MODEL.lock, []
    run_training(store.create(SPEC), MODEL, on_event=lambda event: states.append(lock.locked))
    assert not any(states)
    assert not lock.locked
