import pytest
from fake_trainer import PretendedTrainer

import lineas.training.trainer
from lineas.models.fair_lock import FairLock
from lineas.service.queue import Worker
from lineas.storage import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


@pytest.fixture
def trainer(monkeypatch):
    trainer = PretendedTrainer()
    monkeypatch.setattr(lineas.training.trainer, "train", trainer)
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
