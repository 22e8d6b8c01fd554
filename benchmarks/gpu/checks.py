"""Exactness on this device: strength 0 is the plain model, rows do not see each other, a resumed training is the same."""

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor

from benchmarks.gpu.networks import sentences
from benchmarks.speed.decoding import small_map
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap
from lineas.training import trainer
from lineas.training.events import Checkpoint, Done
from lineas.training.recipes import RECIPES

HEAD = (
    "strength 0 against plain",
    "a row beside other strengths",
    "resumed or not, max Δω",
    "trained twice, max Δω",
)
STEPS, HALF = 6, 3


def measure(model: LoadedModel, rounds: int) -> list[str]:
    steering_map = small_map(model)
    ids = torch.randint(2, 300, (3, 24), generator=torch.Generator().manual_seed(0)).to(model.device)
    plain = model.network(ids, use_cache=False).logits
    at_zero = _logits(model, ids, steering_map, [0.0, 0.0, 0.0])
    one, other = (_logits(model, ids, steering_map, strengths) for strengths in ([0.5, 0.0, 1.0], [0.5, 2.0, 0.25]))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint"
        whole, resumed = _trained(model, save=checkpoint), _trained(model, resume_from=checkpoint)
        again = _trained(model)
    return [_equal(plain, at_zero), _equal(one[0], other[0]), _difference(whole, resumed), _difference(whole, again)]


@torch.no_grad()
def _logits(model: LoadedModel, ids: Tensor, steering_map: SteeringMap, strengths: list[float]) -> Tensor:
    with steer(model, steering_map, strengths):
        logits: Tensor = model.network(ids, use_cache=False).logits
    return logits


def _equal(one: Tensor, other: Tensor) -> str:
    return "bit-equal" if torch.equal(one, other) else f"{float((one - other).abs().max()):.1e} off"


def _trained(model: LoadedModel, save: Path | None = None, resume_from: Path | None = None) -> SteeringMap:
    recipe = replace(RECIPES["quick"], steps=STEPS)
    source, target = sentences(32, 0), sentences(32, 1)
    with patch.object(trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0):
        for event in trainer.train(model, source, target, recipe, resume_from=resume_from):
            if isinstance(event, Checkpoint) and event.step == HALF and save:
                event.save(save)
    assert isinstance(event, Done)
    return event.map


def _difference(one: SteeringMap, other: SteeringMap) -> str:
    off = max(float((one.scale[site] - other.scale[site]).abs().max()) for site in one.sites)
    return "bit-equal" if off == 0 else f"{off:.1e}"
