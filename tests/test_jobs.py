"""The background worker, with a trainer that only pretends, and one that is real."""

import errno
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from waiting import wait_for

import lineas.training
from lineas.core.maps import SteeringMap
from lineas.errors import LineasError
from lineas.events import Checkpoint, Done, Reading, Started, Step
from lineas.explain import explain
from lineas.fairlock import FairLock
from lineas.jobs import Worker
from lineas.recipes import RECIPES
from lineas.store import RunSpec, RunStore
from lineas.teaching import run_training

MODEL = SimpleNamespace(id="tiny", fingerprint="structure:weights")
SPEC = RunSpec("pirate", ("a",) * 4, ("b",) * 4, settings={"steps": 10})


@dataclass
class Saved:
    """What a checkpoint of the pretended trainer holds: the step."""

    step: int

    def save(self, path: Path) -> None:
        path.write_text(str(self.step))


class PretendedTrainer:
    """Counts steps, saves a checkpoint at every third, and remembers how it was used."""

    def __init__(self, seconds: float = 0.0, fails_at: dict[int, Exception] | None = None) -> None:
        self.seconds = seconds
        self.fails_at = fails_at or {}
        self.made: list[tuple[str, int]] = []
        self.closed = 0
        self.go_on = threading.Event()  # where set before the start, nothing waits
        self.go_on.set()

    def __call__(self, model, source, target, recipe, *, sites, seed, name, resume_from):
        first = int(resume_from.read_text()) if resume_from else 0
        try:
            yield Reading(4, 4)
            yield Started(recipe.steps, first, 2.0)
            for step in range(first + 1, recipe.steps + 1):
                assert self.go_on.wait(10)
                time.sleep(self.seconds)
                if error := self.fails_at.pop(step, None):
                    raise error
                self.made.append((name, step))
                yield Step(step, recipe.steps, 1 / step, 2 / step, 0.1 * step, 0.1 * (recipe.steps - step))
                if step % 3 == 0:
                    yield Checkpoint(step, Saved(step))
            steering_map = SteeringMap({"site": torch.ones(2)}, {"site": torch.ones(2)}, {"name": name})
            yield Done(steering_map, 2.0, 0.2, 1.0, recipe.steps, "finished", f"All {recipe.steps} steps are done.")
        finally:
            self.closed += 1


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


@pytest.fixture
def trainer(monkeypatch):
    trainer = PretendedTrainer()
    monkeypatch.setattr(lineas.training, "train", trainer)
    return trainer


@pytest.fixture
def worker():
    workers = []

    def make(**overrides):
        arguments = {"lock": FairLock(), "changed": lambda: None, "ended": lambda run: None, "examine": False}
        workers.append(Worker(**(arguments | overrides)))
        workers[-1].start()
        return workers[-1]

    yield make
    for each in workers:
        each.close()


def steps_on_disk(run):
    return [json.loads(line)["step"] for line in run.metrics_path.read_text().splitlines()]


# ---- one run, in the foreground


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


def test_done_is_said_only_after_the_map_is_there(store, trainer):
    run, seen = store.create(SPEC), []
    run_training(
        run, MODEL, on_event=lambda event: seen.append((type(event), run.record.state, run.map_path.exists()))
    )
    assert seen[-1] == (Done, "running", True)
    assert not any(exists for _, _, exists in seen[:-1])


def test_a_map_that_cannot_be_written_is_no_done_run(store, trainer, monkeypatch):
    run = store.create(SPEC)

    def full(self, path):
        raise LineasError("There is no space left on the disk.")

    monkeypatch.setattr(SteeringMap, "save", full)
    record = run_training(run, MODEL)
    assert (record.state, record.error) == ("failed", "There is no space left on the disk.")
    assert not run.map_path.exists()


def test_cancel_is_within_a_step(store, trainer):
    run = store.create(SPEC)
    record = run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 4)
    assert (record.state, record.step, record.distance) == ("cancelled", 4, 0.5)
    assert [step for _, step in trainer.made] == [1, 2, 3, 4]
    assert trainer.closed == 1
    assert not run.claimed


def test_resume_goes_on_from_the_checkpoint_and_repeats_no_line(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 5)
    assert steps_on_disk(run) == [1, 2, 3, 4, 5]
    trainer.made.clear()
    events = []
    record = run_training(store.take_up(run.id), MODEL, on_event=events.append)
    assert record.state == "done"
    assert [step for _, step in trainer.made] == list(range(4, 11))  # the checkpoint was of step 3
    assert steps_on_disk(run) == list(range(1, 11))
    assert next(event for event in events if isinstance(event, Started)).first == 3


def test_resume_without_a_checkpoint_starts_again(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 2)
    record = run_training(store.take_up(run.id), MODEL)
    assert record.state == "done"
    assert steps_on_disk(run) == list(range(1, 11))


def test_resume_on_another_model_is_refused(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, should_stop=lambda: len(trainer.made) == 5)
    record = run_training(store.take_up(run.id), SimpleNamespace(id="other", fingerprint="x:y"))
    assert record.state == "failed"
    assert "'tiny'" in record.error and "'other'" in record.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LineasError("The left side has 3 sentences."), "The left side has 3 sentences."),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"), "ran out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "computer ran out of memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "graphics card ran out of memory"),
        (MemoryError(), "ran out of memory"),
        (PermissionError(13, "Permission denied", "/x/log.txt"), "'/x/log.txt' may not be written"),
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
    record = run_training(store.take_up(run.id), MODEL)
    assert (record.state, record.error) == ("done", "")


def test_our_own_errors_are_verbatim():
    assert explain(LineasError("out of memory, disk full")) == "out of memory, disk full"


def test_a_disk_that_fills_up_while_teaching(store, trainer, monkeypatch):
    """Neither the metrics nor run.json can be written: this process still knows, and the next one calls it interrupted."""
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
    assert run_training_again(store, run, trainer, monkeypatch).state == "done"


def run_training_again(store, run, trainer, monkeypatch):
    monkeypatch.setattr(lineas.training, "train", trainer)
    return run_training(store.take_up(run.id), MODEL)


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


def test_lost_sentences_fail_in_words(store, trainer):
    run = store.create(SPEC)
    run.source_path.unlink()
    record = run_training(run, MODEL)
    assert record.state == "failed"
    assert "cannot be read any more" in record.error


def test_a_rename_while_it_learns_ends_up_in_the_map(store, trainer):
    run = store.create(SPEC)
    run_training(run, MODEL, on_event=lambda event: run.update(name="buccaneer", note="mine"))
    steering_map = SteeringMap.load(run.map_path)
    assert (steering_map.name, steering_map.metadata["description"]) == ("buccaneer", "mine")


def test_the_lock_is_held_for_steps_and_free_between(store, trainer):
    lock, states = FairLock(), []
    run_training(store.create(SPEC), MODEL, lock=lock, on_event=lambda event: states.append(lock.locked))
    assert not any(states)
    assert not lock.locked


# ---- the worker


def test_a_second_run_waits_for_the_first(store, trainer, worker):
    trainer.go_on.clear()
    bench = worker()
    first, second = store.create(SPEC), store.create(RunSpec("poet", ("a",) * 4, ("b",) * 4))
    bench.submit(first, MODEL)
    wait_for(lambda: bench.job.of == 10)
    bench.submit(second, MODEL)
    assert bench.queue_length == 1
    assert bench.job.run is first
    assert (first.record.state, second.record.state) == ("running", "queued")
    trainer.go_on.set()
    wait_for(lambda: bench.job is None)
    assert (first.record.state, second.record.state) == ("done", "done")
    assert [name for name, _ in trainer.made] == ["pirate"] * 10 + ["poet"] * RECIPES["quick"].steps


def test_cancel_running_queued_twice_and_strangers(store, trainer, worker):
    trainer.go_on.clear()
    bench = worker()
    first, second = store.create(SPEC), store.create(SPEC)
    bench.submit(first, MODEL)
    bench.submit(second, MODEL)
    wait_for(lambda: bench.job.of == 10)
    assert "out of the queue" in bench.cancel(second.id)
    assert (second.record.state, second.claimed, bench.queue_length) == ("cancelled", False, 0)
    assert bench.cancel(second.id) is None
    assert "after this step" in bench.cancel(first.id)
    assert "already" in bench.cancel(first.id)
    trainer.go_on.set()
    wait_for(lambda: bench.job is None)
    assert first.record.state == "cancelled"
    assert len(trainer.made) <= 1
    assert bench.cancel(first.id) is None
    assert bench.cancel("nothing") is None


def test_the_worker_survives_whatever_happens(store, trainer, worker):
    bench = worker()
    for error in (ValueError("x"), MemoryError(), LineasError("y"), OSError(errno.ENOSPC, "full")):
        trainer.fails_at = {2: error}
        run = store.create(SPEC)
        bench.submit(run, MODEL)
        wait_for(lambda: bench.job is None)
        assert run.record.state == "failed"
    run = store.create(SPEC)
    bench.submit(run, MODEL)
    wait_for(lambda: bench.job is None)
    assert run.record.state == "done"


def test_progress_and_changes(store, trainer, worker):
    counted, done = [], []
    bench = worker(changed=lambda: counted.append(1), ended=done.append)
    trainer.go_on.clear()
    run = store.create(SPEC)
    bench.submit(run, MODEL)
    wait_for(lambda: bench.job.of == 10)
    assert (bench.job.step, bench.job.distance_start) == (0, 2.0)
    trainer.go_on.set()
    wait_for(lambda: bench.job is None)
    assert len(counted) >= 13
    assert done == [run]


def test_closing_leaves_interrupted_runs(store, trainer, worker):
    trainer.seconds = 0.01
    bench = worker()
    first, second = store.create(SPEC), store.create(SPEC)
    bench.submit(first, MODEL)
    bench.submit(second, MODEL)
    wait_for(lambda: len(trainer.made) >= 2)
    bench.close()
    assert (first.record.state, second.record.state) == ("interrupted", "interrupted")
    assert not first.claimed and not second.claimed
    assert 2 <= first.record.step < 10


def test_an_answer_gets_in_between_two_steps(store, trainer, worker):
    """Ten steps of 50 ms: whoever asks for the model has it after the step that runs, not after the training."""
    trainer.seconds = 0.05
    lock = FairLock()
    bench = worker(lock=lock)
    bench.submit(store.create(SPEC), MODEL)
    wait_for(lambda: trainer.made)
    for _ in range(3):
        before = len(trainer.made)
        with lock:
            assert len(trainer.made) - before <= 1
        time.sleep(0.01)
    wait_for(lambda: bench.job is None)
    assert len(trainer.made) == 10
