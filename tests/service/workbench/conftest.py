"""A workbench with a tiny model, and trainings that take their time."""

import time

import pytest

import lineas.models.load
import lineas.training.gradients
import lineas.training.trainer
from lineas.service.service import StudioService


@pytest.fixture
def service(tmp_path, tiny_model):
    service = StudioService(root=tmp_path / "home", examine=False)
    service.start(load=False)
    service.use_model(tiny_model)
    yield service
    service.close()


@pytest.fixture
def slow_steps(monkeypatch):
    """Makes every training step last 30 ms, with a checkpoint after each; and sees when one is being made."""
    monkeypatch.setattr(lineas.training.trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    real, made = lineas.training.gradients.backward, []

    def backward(*args, **kwargs):
        time.sleep(0.03)
        made.append(time.perf_counter())
        return real(*args, **kwargs)

    monkeypatch.setattr(lineas.training.gradients, "backward", backward)
    return made
