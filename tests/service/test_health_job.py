"""The health check that follows a training: what it saves, and that it makes way for runs."""

import threading

import pytest
from judging import letters
from polling import wait_for
from tiny import SOURCE, TARGET

import lineas.evaluation.health
import lineas.evaluation.metrics.embeddings
from lineas.errors import LineasError
from lineas.evaluation.health import HealthCard
from lineas.service.health_job import check_health
from lineas.service.queue import TrainingQueue
from lineas.service.training_job import run_training
from lineas.steering.map import SteeringMap
from lineas.storage import RunSpec, RunStore
from lineas.storage.trash import Trash

SPEC = RunSpec("pirate", tuple(SOURCE), tuple(TARGET), settings={"steps": 4})


@pytest.fixture(autouse=True)
def own_judge(monkeypatch):
    """Replaces the judge's embeddings, which are not in the test's home."""
    monkeypatch.setattr(lineas.evaluation.metrics.embeddings, "load_fetched_minilm", lambda: letters)


@pytest.fixture
def done(tmp_path, tiny_model):
    run = RunStore(tmp_path).create(SPEC)
    assert run_training(run, tiny_model).state == "done"
    return run


def test_the_card_is_in_the_map_and_in_the_folder(done, tiny_model):
    events = []
    card = check_health(done, tiny_model, on_event=events.append)
    metadata = SteeringMap.load(done.map_path).metadata
    assert HealthCard.from_json(metadata["health"]) == HealthCard.from_json(done.health_path.read_text())
    assert float(metadata["recommended_strength"]) == pytest.approx(card.recommended_strength)
    assert metadata["name"] == "pirate"
    assert card.title in done.log_path.read_text()
    assert not done.claimed
    assert [isinstance(event, HealthCard) for event in events] == [False] * (len(events) - 1) + [True]


def test_nothing_is_downloaded_for_a_check_and_the_card_says_what_was_left_out(
    done, tiny_model, lineas_home, monkeypatch
):
    monkeypatch.undo()  # the real embeddings, which are not in this home
    monkeypatch.setenv("LINEAS_HOME", str(lineas_home))
    asked = []
    monkeypatch.setattr("lineas.models.wheels.download", asked.append)
    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.download", asked.append)
    card = check_health(done, tiny_model)
    assert asked == [] and card.judge_auc is None
    assert card.judge.startswith("Left out: an independent judge") and "'lineas fetch' brings it" in card.judge


def test_a_concept_deleted_during_the_check_can_be_restored(done, tiny_model):
    trash = Trash(done.folder.parents[1])
    deleted = []

    def delete(event):
        if not deleted:
            deleted.append(event)
            trash.put(done.folder)

    check_health(done, tiny_model, on_event=delete)
    assert not done.folder.exists()
    trash.restore(done.folder.parent, done.folder.name)
    assert SteeringMap.load(done.map_path).name == "pirate"


def test_a_check_that_is_stopped_leaves_no_card(done, tiny_model):
    stop = threading.Event()
    assert check_health(done, tiny_model, stop=stop, on_event=lambda event: stop.set()) is None
    assert not done.health_path.exists()
    assert "health" not in SteeringMap.load(done.map_path).metadata


def test_a_concept_renamed_during_the_check_keeps_its_name(done, tiny_model):
    def rename(event):
        if not isinstance(event, HealthCard):
            done.update(name="captain", note="mine")

    check_health(done, tiny_model, on_event=rename)
    metadata = SteeringMap.load(done.map_path).metadata
    assert (metadata["name"], metadata["description"]) == ("captain", "mine")


@pytest.mark.parametrize("error", [LineasError("No room."), RuntimeError("a fault")])
def test_an_error_is_only_logged(done, tiny_model, monkeypatch, error):
    def fail(*args, **options):
        raise error
        yield

    monkeypatch.setattr(lineas.evaluation.health, "health_check", fail)
    assert check_health(done, tiny_model) is None
    assert str(error) in done.log_path.read_text()
    assert done.record.state == "done"
    assert SteeringMap.load(done.map_path).name == "pirate"


def test_the_queue_checks_what_it_trained(tmp_path, tiny_model):
    seen = []
    ended = threading.Event()

    def changed():
        if (job := queue.job) is not None:
            seen.append(job.state)

    queue = TrainingQueue(changed, lambda run: ended.set(), health_checks=True)
    queue.start()
    run = RunStore(tmp_path).create(SPEC)
    queue.submit(run, tiny_model)
    wait_for(lambda: ended.is_set() and queue.job is None)
    queue.close()
    assert run.health_path.exists()
    shown = [state for state in seen if state.checking]
    assert shown
    assert all(state.state == "done" for state in shown), "the concept can be used meanwhile"
    assert 0 <= shown[0].checked <= shown[-1].checked <= 1
    assert not tiny_model.lock.locked


def test_a_check_can_be_stopped(tmp_path, tiny_model):
    began = threading.Event()

    def changed():
        job = queue.job
        if job is not None and job.checking is not None and not began.is_set():
            began.set()
            queue.stop_health_checks()

    queue = TrainingQueue(changed, lambda run: None, health_checks=True)
    queue.start()
    run = RunStore(tmp_path).create(SPEC)
    queue.submit(run, tiny_model)
    wait_for(lambda: began.is_set() and queue.job is None)
    queue.close()
    assert not run.health_path.exists()
    assert run.record.state == "done"


def test_the_next_run_comes_before_a_check(tmp_path, tiny_model):
    began, order = threading.Event(), []

    def changed():
        job = queue.job
        if job is not None and job.checking is not None and not began.is_set():
            began.set()
            queue.submit(second, tiny_model)

    queue = TrainingQueue(changed, lambda run: order.append(run.id), health_checks=True)
    queue.start()
    store = RunStore(tmp_path)
    first, second = store.create(SPEC), store.create(SPEC)
    queue.submit(first, tiny_model)
    wait_for(lambda: len(order) == 2 and queue.job is None)
    queue.close()
    assert order == [first.id, second.id]
    for run in (first, second):
        assert HealthCard.from_json(run.health_path.read_text()).reason
