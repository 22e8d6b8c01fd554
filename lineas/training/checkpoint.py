"""The state of a training between two steps, and its file: resuming from it gives the same map as never having stopped."""

import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_safetensors
from torch import Tensor

from lineas.errors import LineasError
from lineas.files import atomic_write
from lineas.steering.map import SteeringMap
from lineas.training.events import Ending
from lineas.training.loss import SourceCache
from lineas.training.parameters import Parameters
from lineas.training.recipes import Recipe

FORMAT = "lineas-checkpoint"
SMOOTHING = 0.9
"""Decay of the running mean of the loss by which the best parameters are found."""
LEAST_PROGRESS = 1e-3
"""Share by which the smoothed loss has to fall to count as progress."""
DIVERGED = 10.0
"""Multiple of the first step's loss beyond which a training counts as diverged."""


class TrainingState:
    """Parameters and optimizer, how far the training is, and the best parameters so far.

    Which sentences meet in which step is a function of seed and step, so no state of a random generator belongs here.

    Attributes:
        settings: what the training was started with; a checkpoint of other settings is refused.
        cache: the source sentences as they were last seen.
    """

    def __init__(
        self, parameters: Parameters, optimizer: torch.optim.Optimizer, cache: SourceCache, settings: dict[str, Any]
    ) -> None:
        self.parameters = parameters
        self.optimizer = optimizer
        self.cache = cache
        self.settings = settings
        self.step = 0
        self.elapsed = 0.0
        self.distance_start = 0.0
        self.first_loss = 0.0
        self.smoothed = 0.0
        self.best_loss = math.inf
        self.best_step = 0
        self.best = parameters.copy()
        self.diverged = False

    def note(self, loss: float) -> None:
        """Take in the loss of the parameters as they are now; keep them where they are the best so far.

        A loss far above the first one, or one that is not a number, ends the training with the best parameters.
        """
        if self.step == 0:
            self.first_loss = loss
        self.smoothed = SMOOTHING * self.smoothed + (1 - SMOOTHING) * loss
        unbiased = self.smoothed / (1 - SMOOTHING ** (self.step + 1))
        if unbiased < self.best_loss * (1 - LEAST_PROGRESS):
            self.best_loss, self.best_step, self.best = unbiased, self.step, self.parameters.copy()
        if not loss <= DIVERGED * self.first_loss:
            self.diverged = True
            self.parameters.restore(self.best)

    def ending(self, recipe: Recipe) -> Ending | None:
        """Why the training is over; None where it is not."""
        if self.diverged:
            return "diverged"
        if recipe.patience and self.step - self.best_step > recipe.patience:
            return "plateau"
        return "finished" if self.step >= recipe.steps else None

    def steering_map(self) -> SteeringMap:
        """The map as it is now, a copy without metadata."""
        return self.parameters.steering_map()

    def save(self, path: Path) -> None:
        """Write a checkpoint file, all or nothing."""
        tensors = {f"now.{i}": tensor.detach() for i, tensor in enumerate(self.parameters.tensors())}
        tensors |= {f"best.{i}": tensor for i, tensor in enumerate(self.best)} | {"latest": self.cache.means}
        for i, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{i}.{name}": moment for name, moment in moments.items()}
        progress = {name: getattr(self, name) for name in _NUMBERS}
        metadata = {"format": FORMAT, "settings": json.dumps(self.settings), "progress": json.dumps(progress)}
        atomic_write(
            path, to_safetensors({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, metadata)
        )

    def load(self, path: Path) -> None:
        """Take on the state of a checkpoint file.

        Raises:
            LineasError: where it cannot be read, or belongs to a training with other sentences or settings.
        """
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        except (SafetensorError, OSError):
            raise _unreadable(path) from None
        try:
            self._take(path, metadata, tensors)
        except (
            KeyError,
            ValueError,
            TypeError,
            RuntimeError,
            IndexError,
        ) as error:  # RuntimeError: another shape, or nesting
            raise _unreadable(path) from error

    def _take(self, path: Path, metadata: dict[str, str], tensors: dict[str, Tensor]) -> None:
        settings = json.loads(json.dumps(self.settings))
        if metadata.get("format") != FORMAT or json.loads(metadata["settings"]) != settings:
            raise LineasError(
                f"The checkpoint {path.name!r} belongs to a training with other sentences or settings, "
                "or by a version of this program whose recipe was another one. Resume with the same ones, or start again."
            )
        count = len(self.parameters.tensors())
        self.parameters.restore([tensors[f"now.{i}"] for i in range(count)])
        self.best = [tensors[f"best.{i}"].to(tensor.device) for i, tensor in enumerate(self.parameters.tensors())]
        self.cache.means.copy_(tensors["latest"])
        optimizer = self.optimizer.state_dict()
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, i, moment = name.split(".")
                optimizer["state"].setdefault(int(i), {})[moment] = tensor
        self.optimizer.load_state_dict(optimizer)
        for name, number in json.loads(metadata["progress"]).items():
            setattr(self, name, number)


def _unreadable(path: Path) -> LineasError:
    return LineasError(f"The checkpoint {path.name!r} cannot be read. Start this training again.")


_NUMBERS = ("step", "elapsed", "distance_start", "first_loss", "smoothed", "best_loss", "best_step")
