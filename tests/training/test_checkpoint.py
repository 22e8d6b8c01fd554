"""The state between two steps: smoothing, endings, and what a checkpoint brings back."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from tiny import SOURCE, TARGET

from lineas import Recipe, fit, train
from lineas.models.loaded import LoadedModel
from lineas.steering.site import Site
from lineas.training.checkpoint import SMOOTHING, TrainingState
from lineas.training.events import Checkpoint
from lineas.training.loss import Distance, SourceCache
from lineas.training.optimizers import optimizer_for
from lineas.training.parameters import Parameters
from lineas.training.provenance import examples_hash

RECIPE = Recipe("test", "adam", 0.1, steps=8)
SITES = (Site("a", 3, 0),)


def begin() -> TrainingState:
    parameters, means = (
        Parameters(SITES, torch.device("cpu")),
        torch.rand(5, 3, generator=torch.Generator().manual_seed(0)),
    )
    cache = SourceCache(Distance(SITES, means), means)
    return TrainingState(parameters, optimizer_for(RECIPE, parameters, means), cache, {"seed": 0})


def test_the_best_is_that_of_the_smoothed_loss() -> None:
    state, smoothed, best = begin(), 0.0, math.inf
    for step, loss in enumerate([5.0, 3.0, 9.0, 2.0, 0.5]):
        state.note(loss)
        smoothed = SMOOTHING * smoothed + (1 - SMOOTHING) * loss
        best = min(best, smoothed / (1 - SMOOTHING ** (step + 1)))
        assert state.best_loss == pytest.approx(best)
        state.step += 1
    assert state.best_step == 4 and state.first_loss == 5.0


def test_patience_counts_from_the_best_step() -> None:
    state, patient = begin(), replace(RECIPE, steps=99, patience=3)
    state.step, state.best_step = 8, 5
    assert state.ending(patient) is None
    state.step = 9
    assert state.ending(patient) == "plateau"


def test_a_checkpoint_brings_back_all_of_the_state(tmp_path: Path) -> None:
    state = begin()
    state.distance_start = 2.0
    for loss in (4.0, 3.0, 3.5):
        for tensor in state.parameters.tensors():
            tensor.grad = torch.full_like(tensor, loss)
        state.note(loss)
        state.optimizer.step()
        state.step += 1
    state.cache.means += 1
    state.save(tmp_path / "checkpoint.safetensors")
    again = begin()
    again.load(tmp_path / "checkpoint.safetensors")
    for name in ("step", "elapsed", "distance_start", "first_loss", "smoothed", "best_loss", "best_step"):
        assert getattr(again, name) == getattr(state, name), name
    for one, other in zip(
        [*again.parameters.tensors(), *again.best], [*state.parameters.tensors(), *state.best], strict=True
    ):
        assert torch.equal(one, other)
    assert torch.equal(again.cache.means, state.cache.means)
    for tensors in (state, again):
        for tensor in tensors.parameters.tensors():
            tensor.grad = torch.ones_like(tensor)
        tensors.optimizer.step()
    assert all(torch.equal(*pair) for pair in zip(again.parameters.tensors(), state.parameters.tensors(), strict=True))
    again.note(math.nan)
    assert all(torch.equal(*pair) for pair in zip(again.parameters.tensors(), state.best, strict=True))


def test_a_map_tells_what_made_it(tiny_model: LoadedModel) -> None:
    steering_map = fit(tiny_model, SOURCE, TARGET, RECIPE, seed=5, sites="mlp", name="bright")
    metadata = steering_map.metadata
    assert json.loads(metadata["recipe"]) == {
        "recipe": asdict(RECIPE), "sites": "mlp", "seed": 5, "examples": examples_hash(SOURCE, TARGET),
    }  # fmt: skip
    assert json.loads(metadata["examples"]) == {"source": 8, "target": 9, "sha256": examples_hash(SOURCE, TARGET)}
    metrics = json.loads(metadata["metrics"])
    assert metrics.keys() == {"distance_start", "distance_end", "steps", "seconds", "stopped", "sites"}
    assert (metrics["steps"], metrics["stopped"], metrics["sites"].keys()) == (8, "finished", set(steering_map.sites))
    assert metrics["seconds"] == round(metrics["seconds"], 2) > 0
    assert (metadata["name"], metadata["method"], metadata["base_model"]) == ("bright", "lineas", "tiny-llama")
    assert metadata["base_model_fingerprint"] == tiny_model.fingerprint


def test_a_bar_shows_the_distance_of_each_step(tiny_model: LoadedModel, capfd: pytest.CaptureFixture[str]) -> None:
    fit(tiny_model, SOURCE, TARGET, RECIPE, progress=True)
    shown = capfd.readouterr().err
    assert "learning" in shown and "8/8" in shown and "distance=" in shown
    fit(tiny_model, SOURCE, TARGET, RECIPE)
    assert capfd.readouterr().err == ""


def test_checkpoints_are_seconds_apart(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [e for e in train(tiny_model, SOURCE, TARGET, RECIPE) if isinstance(e, Checkpoint)]
    monkeypatch.setattr("lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    steps = [event.step for event in train(tiny_model, SOURCE, TARGET, RECIPE) if isinstance(event, Checkpoint)]
    assert steps == list(range(1, 9))
