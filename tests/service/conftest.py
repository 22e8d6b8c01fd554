"""A service with a tiny model, slow training steps, and a queue with a fake trainer."""

import time

import pytest
from fake_trainer import FakeTrainer

import lineas.training.gradients
import lineas.training.trainer
from lineas.service.queue import TrainingQueue
from lineas.service.service import StudioService
from lineas.storage import RunStore


@pytest.fixture
def service(lineas_home, tiny_model):
    service = StudioService(root=lineas_home, health_checks=False)
    service.start(load=False)
    service.use_model(tiny_model)
    yield service
    service.close()


@pytest.fixture
def slow_steps(monkeypatch):
    """Makes every training step last 30 ms and end in a checkpoint; the list holds the time of each step."""
    monkeypatch.setattr(lineas.training.trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    real, made = lineas.training.gradients.backward, []

    def backward(*args, **kwargs):
        time.sleep(0.03)
        made.append(time.perf_counter())
        return real(*args, **kwargs)

    monkeypatch.setattr(lineas.training.gradients, "backward", backward)
    return made


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


@pytest.fixture
def trainer(monkeypatch):
    trainer = FakeTrainer()
    monkeypatch.setattr(lineas.training.trainer, "train", trainer)
    return trainer


@pytest.fixture
def make_queue():
    """Makes a running queue; keyword arguments override those of ``TrainingQueue``."""
    queues = []

    def make(**overrides):
        arguments = {"changed": lambda: None, "ended": lambda run: None, "health_checks": False}
        queues.append(TrainingQueue(**(arguments | overrides)))
        queues[-1].start()
        return queues[-1]

    yield make
    for queue in queues:
        queue.close()
