import pytest
from fake_trainer import FakeTrainer

import lineas.training.trainer
from lineas.service.queue import TrainingQueue
from lineas.storage import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


@pytest.fixture
def trainer(monkeypatch):
    trainer = FakeTrainer()
    monkeypatch.setattr(lineas.training.trainer, "train", trainer)
    return trainer


@pytest.fixture
def worker():
    workers = []

    def make(**overrides):
        arguments = {"changed": lambda: None, "ended": lambda run: None, "examine": False}
        workers.append(TrainingQueue(**(arguments | overrides)))
        workers[-1].start()
        return workers[-1]

    yield make
    for each in workers:
        each.close()
