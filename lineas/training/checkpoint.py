"""The state of a training between two steps, and its file: resuming from it gives the same map as never having stopped."""

import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_safetensors

from lineas.errors import LineasError
from lineas.files import atomic_write
from lineas.steering.map import SteeringMap
from lineas.training.loss import Latest, Parameters

FORMAT = "lineas-checkpoint"
SMOOTHING = 0.9
LEAST_PROGRESS = 1e-3


class TrainingState:
    """Parameters and optimizer, how far the training is, and the best parameters so far.

    Which sentences meet in which step is a function of seed and step, so no state of a random generator belongs here.

    Attributes:
        settings: what the training was started with; a checkpoint of other settings is refused.
        latest: the source sentences as they were last seen.
    """

    def __init__(
        self,
        parameters: Parameters,
        optimizer: torch.optim.Optimizer,
        latest: Latest,
        settings: dict[str, Any],
    ) -> None:
        self.parameters = parameters
        self.optimizer = optimizer
        self.latest = latest
        self.settings = settings
        self.step = 0
        self.elapsed = 0.0
        self.distance_start = 0.0
        self.first_loss = 0.0
        self.smoothed = 0.0
        self.best_loss = math.inf
        self.best_step = 0
        self.best = parameters.copy()

    def note(self, loss: float) -> None:
        """Takes in the loss of the parameters as they are now; keeps them where they are the best so far."""
        if self.step == 0:
            self.first_loss = loss
        self.smoothed = SMOOTHING * self.smoothed + (1 - SMOOTHING) * loss
        unbiased = self.smoothed / (1 - SMOOTHING ** (self.step + 1))
        if unbiased < self.best_loss * (1 - LEAST_PROGRESS):
            self.best_loss, self.best_step, self.best = unbiased, self.step, self.parameters.copy()

    def steering_map(self) -> SteeringMap:
        """The map as it is now, a copy, without a word on what made it."""
        scale = {site: tensor.detach().clone() for site, tensor in self.parameters.scale.items()}
        shift = {site: tensor.detach().clone() for site, tensor in self.parameters.shift.items()}
        return SteeringMap(scale, shift)

    def save(self, path: Path) -> None:
        tensors = {f"now.{i}": tensor.detach() for i, tensor in enumerate(self.parameters.tensors())}
        tensors |= {f"best.{i}": tensor for i, tensor in enumerate(self.best)} | {"latest": self.latest.means}
        for i, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{i}.{name}": moment for name, moment in moments.items()}
        progress = {name: getattr(self, name) for name in _NUMBERS}
        metadata = {"format": FORMAT, "settings": json.dumps(self.settings), "progress": json.dumps(progress)}
        atomic_write(
            path, to_safetensors({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, metadata)
        )

    def load(self, path: Path) -> None:
        """Takes on the state of a file.

        Raises:
            LineasError: where it cannot be read, or belongs to a training with other sentences or settings.
        """
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        except (SafetensorError, OSError):
            raise LineasError(f"The checkpoint {path.name!r} cannot be read. Start this training again.") from None
        if metadata.get("format") != FORMAT or json.loads(metadata["settings"]) != json.loads(
            json.dumps(self.settings)
        ):
            raise LineasError(
                f"The checkpoint {path.name!r} belongs to a training with other sentences or settings, "
                "or by a version of this program whose recipe was another one. Resume with the same ones, or start again."
            )
        count = len(self.parameters.tensors())
        self.parameters.restore([tensors[f"now.{i}"] for i in range(count)])
        self.best = [tensors[f"best.{i}"].to(tensor.device) for i, tensor in enumerate(self.parameters.tensors())]
        self.latest.means.copy_(tensors["latest"])
        optimizer = self.optimizer.state_dict()
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, i, moment = name.split(".")
                optimizer["state"].setdefault(int(i), {})[moment] = tensor
        self.optimizer.load_state_dict(optimizer)
        for name, number in json.loads(metadata["progress"]).items():
            setattr(self, name, number)


_NUMBERS = ("step", "elapsed", "distance_start", "first_loss", "smoothed", "best_loss", "best_step")
