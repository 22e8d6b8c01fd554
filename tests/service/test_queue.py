"""The training queue, with a fake trainer."""

import errno
import time

from fake_trainer import MODEL, SPEC
from polling import wait_for

from lineas.errors import LineasError
from lineas.storage import RunRecord, RunSpec
from lineas.training.recipes import RECIPES


def test_a_second_run_waits_for_the_first(store, trainer, make_queue):
    trainer.go_on.clear()
    queue = make_queue()
    first, second = store.create(SPEC), store.create(RunSpec("poet", ("a",) * 4, ("b",) * 4))
    queue.submit(first, MODEL)
    wait_for(lambda: queue.job.state.of == 10)
    queue.submit(second, MODEL)
    assert queue.queue_length == 1
    assert queue.job.run is first
    assert (first.record.state, second.record.state) == ("running", "queued")
    trainer.go_on.set()
    wait_for(lambda: queue.job is None)
    assert (first.record.state, second.record.state) == ("done", "done")
    assert [name for name, _ in trainer.made] == ["pirate"] * 10 + ["poet"] * RECIPES["quick"].steps


def test_a_running_or_queued_run_can_be_cancelled_and_others_cannot(store, trainer, make_queue):
    trainer.go_on.clear()
    queue = make_queue()
    first, second = store.create(SPEC), store.create(SPEC)
    queue.submit(first, MODEL)
    queue.submit(second, MODEL)
    wait_for(lambda: queue.job.state.of == 10)
    assert "out of the queue" in queue.cancel(second.id)
    assert (second.record.state, second.claimed, queue.queue_length) == ("cancelled", False, 0)
    assert queue.cancel(second.id) is None
    assert "after this step" in queue.cancel(first.id)
    assert "already" in queue.cancel(first.id)
    trainer.go_on.set()
    wait_for(lambda: queue.job is None)
    assert first.record.state == "cancelled"
    assert len(trainer.made) <= 1
    assert queue.cancel(first.id) is None
    assert queue.cancel("nothing") is None


def test_the_queue_survives_any_error(store, trainer, make_queue):
    queue = make_queue()
    for error in (ValueError("x"), MemoryError(), LineasError("y"), OSError(errno.ENOSPC, "full")):
        trainer.fails_at = {2: error}
        run = store.create(SPEC)
        queue.submit(run, MODEL)
        wait_for(lambda: queue.job is None)
        assert run.record.state == "failed"
    run = store.create(SPEC)
    queue.submit(run, MODEL)
    wait_for(lambda: queue.job is None)
    assert run.record.state == "done"


def test_progress_is_shown_and_every_change_reported(store, trainer, make_queue):
    counted, done = [], []
    queue = make_queue(changed=lambda: counted.append(1), ended=done.append)
    trainer.go_on.clear()
    run = store.create(SPEC)
    queue.submit(run, MODEL)
    wait_for(lambda: queue.job.state.distance_start == 2.0)
    assert (queue.job.state.step, queue.job.state.of) == (0, 10)
    trainer.go_on.set()
    wait_for(lambda: queue.job is None)
    assert len(counted) >= 13
    assert done == [run]


def test_closing_leaves_runs_interrupted(store, trainer, make_queue):
    trainer.seconds = 0.01
    queue = make_queue()
    first, second = store.create(SPEC), store.create(SPEC)
    queue.submit(first, MODEL)
    queue.submit(second, MODEL)
    wait_for(lambda: len(trainer.made) >= 2)
    queue.close()
    assert (first.record.state, second.record.state) == ("interrupted", "interrupted")
    assert not first.claimed and not second.claimed
    assert 2 <= first.record.step < 10


def test_an_answer_gets_in_between_two_steps(store, trainer, make_queue):
    """An answer waits for the current step, not for the training."""
    trainer.seconds = 0.02
    queue = make_queue()
    queue.submit(store.create(SPEC), MODEL)
    wait_for(lambda: trainer.made)
    for _ in range(3):
        before = len(trainer.made)
        with MODEL.lock:
            assert len(trainer.made) - before <= 1
        time.sleep(0.01)
    wait_for(lambda: queue.job is None)
    assert len(trainer.made) == 10


def test_a_step_that_does_not_end_is_abandoned_and_its_run_interrupted(store, trainer, make_queue):
    queue = make_queue()
    trainer.halt_at = 3
    trainer.go_on.clear()
    run = store.create(SPEC)
    queue.submit(run, MODEL)
    wait_for(lambda: len(trainer.made) == 2)
    began = time.monotonic()
    queue.close(timeout=0.2)
    assert time.monotonic() - began < 2
    written = RunRecord.from_json(run.id, (run.folder / "run.json").read_text())
    assert (written.state, written.step) == ("interrupted", 2)
    trainer.go_on.set()
