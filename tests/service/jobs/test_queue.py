"""The background worker, with a trainer that only pretends."""

import errno
import time

from fake_trainer import MODEL, SPEC
from waiting import wait_for

from lineas.errors import LineasError
from lineas.storage import RunSpec
from lineas.training.recipes import RECIPES


def test_a_second_run_waits_for_the_first(store, trainer, worker):
    trainer.go_on.clear()
    service = worker()
    first, second = store.create(SPEC), store.create(RunSpec("poet", ("a",) * 4, ("b",) * 4))
    service.submit(first, MODEL)
    wait_for(lambda: service.job.state.of == 10)
    service.submit(second, MODEL)
    assert service.queue_length == 1
    assert service.job.run is first
    assert (first.record.state, second.record.state) == ("running", "queued")
    trainer.go_on.set()
    wait_for(lambda: service.job is None)
    assert (first.record.state, second.record.state) == ("done", "done")
    assert [name for name, _ in trainer.made] == ["pirate"] * 10 + ["poet"] * RECIPES["quick"].steps


def test_cancel_running_queued_twice_and_strangers(store, trainer, worker):
    trainer.go_on.clear()
    service = worker()
    first, second = store.create(SPEC), store.create(SPEC)
    service.submit(first, MODEL)
    service.submit(second, MODEL)
    wait_for(lambda: service.job.state.of == 10)
    assert "out of the queue" in service.cancel(second.id)
    assert (second.record.state, second.claimed, service.queue_length) == ("cancelled", False, 0)
    assert service.cancel(second.id) is None
    assert "after this step" in service.cancel(first.id)
    assert "already" in service.cancel(first.id)
    trainer.go_on.set()
    wait_for(lambda: service.job is None)
    assert first.record.state == "cancelled"
    assert len(trainer.made) <= 1
    assert service.cancel(first.id) is None
    assert service.cancel("nothing") is None


def test_the_worker_survives_whatever_happens(store, trainer, worker):
    service = worker()
    for error in (ValueError("x"), MemoryError(), LineasError("y"), OSError(errno.ENOSPC, "full")):
        trainer.fails_at = {2: error}
        run = store.create(SPEC)
        service.submit(run, MODEL)
        wait_for(lambda: service.job is None)
        assert run.record.state == "failed"
    run = store.create(SPEC)
    service.submit(run, MODEL)
    wait_for(lambda: service.job is None)
    assert run.record.state == "done"


def test_progress_and_changes(store, trainer, worker):
    counted, done = [], []
    service = worker(changed=lambda: counted.append(1), ended=done.append)
    trainer.go_on.clear()
    run = store.create(SPEC)
    service.submit(run, MODEL)
    wait_for(lambda: service.job.state.distance_start == 2.0)
    assert (service.job.state.step, service.job.state.of) == (0, 10)
    trainer.go_on.set()
    wait_for(lambda: service.job is None)
    assert len(counted) >= 13
    assert done == [run]


def test_closing_leaves_interrupted_runs(store, trainer, worker):
    trainer.seconds = 0.01
    service = worker()
    first, second = store.create(SPEC), store.create(SPEC)
    service.submit(first, MODEL)
    service.submit(second, MODEL)
    wait_for(lambda: len(trainer.made) >= 2)
    service.close()
    assert (first.record.state, second.record.state) == ("interrupted", "interrupted")
    assert not first.claimed and not second.claimed
    assert 2 <= first.record.step < 10


def test_an_answer_gets_in_between_two_steps(store, trainer, worker):
    """Ten steps of 50 ms: whoever asks for the model has it after the step that runs, not after the training."""
    trainer.seconds = 0.05
    service = worker()
    service.submit(store.create(SPEC), MODEL)
    wait_for(lambda: trainer.made)
    for _ in range(3):
        before = len(trainer.made)
        with MODEL.lock:
            assert len(trainer.made) - before <= 1
        time.sleep(0.01)
    wait_for(lambda: service.job is None)
    assert len(trainer.made) == 10
