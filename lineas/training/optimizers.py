"""The optimizers of recipes: SGD, Adam, AdamW, and Adam with one second moment for a whole vector of a map (ours)."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from lineas.training.loss import root_mean_squares
from lineas.training.parameters import Parameters
from lineas.training.recipes import Recipe

USUAL_SIZE = 0.25
"""Root mean square of the activations at which a shift takes the whole learning rate; norms have 0.1 to 0.4."""


def optimizer_for(recipe: Recipe, parameters: Parameters, target_means: Tensor) -> torch.optim.Optimizer:
    """Build the recipe's optimizer: a parameter group for all ω, where they are trained, and one for each site's b.

    Each group has its "share" of the learning rate. With ``by_site`` a shift's share is proportional to the root mean square of
    the activations at its site, which grows with depth: a step that is right for the first block is too small in the last.

    Args:
        target_means: the target's site means, float32, shape (sentences, total width).
    """
    sizes = root_mean_squares(parameters.sites, target_means)
    shares = (sizes / USUAL_SIZE).tolist() if recipe.by_site else [1.0] * len(sizes)
    groups: list[dict[str, Any]] = []
    if not recipe.shift_only:
        groups.append({"params": list(parameters.scale.values()), "share": 1.0, "identity": 1.0})
    groups += [
        {"params": [shift], "share": share, "identity": 0.0}
        for shift, share in zip(parameters.shift.values(), shares, strict=True)
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.learning_rate)
    if recipe.optimizer == "site-adam":
        return SiteAdam(groups, lr=recipe.learning_rate, betas=(0.5, 0.9))
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.learning_rate)
    return torch.optim.Adam(groups, lr=recipe.learning_rate, betas=(0.9, 0.9))


def step_size(optimizer: torch.optim.Optimizer, group: Mapping[str, Any], tensor: Tensor) -> Tensor:
    """Step size τ of the step just taken: the learning rate; with Adam, for each coordinate (or site), that divided by √v̂.

    With the learning rate alone every coordinate that Adam moves would cross the proximal threshold in the same step or never.
    """
    moments = optimizer.state[tensor]
    if "exp_avg_sq" not in moments:
        return torch.tensor(group["lr"], device=tensor.device)
    correction = 1 - group["betas"][1] ** moments["step"].item()
    size: Tensor = group["lr"] / ((moments["exp_avg_sq"] / correction).sqrt() + group["eps"])
    return size


class SiteAdam(torch.optim.Optimizer):
    """Adam whose second moment is the mean over a tensor's coordinates (Adam-mini, arXiv 2406.16793, a block being a tensor).

    With a second moment for each coordinate all of them move equally far in the first steps: the many in which the two sides
    hardly differ as well as the few that make the concept. Here a coordinate moves in proportion to its gradient.

    Args:
        params: tensors, or groups of them, each with its own "lr" where it has one.
        lr: root mean square of a first step over a tensor's coordinates.
        betas: decay rates of the first and of the second moment.
    """

    def __init__(self, params: Any, lr: float, betas: tuple[float, float]) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": 1e-8})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for tensor in group["params"]:
                if tensor.grad is not None:
                    tensor.sub_(self._change(tensor, tensor.grad, group))

    def _change(self, tensor: Tensor, grad: Tensor, group: dict[str, Any]) -> Tensor:
        first_decay, second_decay = group["betas"]
        state = self.state[tensor]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"] = torch.zeros_like(tensor)
            state["exp_avg_sq"] = torch.zeros((), device=tensor.device)
        state["step"] += 1
        state["exp_avg"].lerp_(grad, 1 - first_decay)
        state["exp_avg_sq"].lerp_(grad.square().mean(), 1 - second_decay)
        first = state["exp_avg"] / (1 - first_decay ** state["step"].item())
        second = state["exp_avg_sq"] / (1 - second_decay ** state["step"].item())
        change: Tensor = group["lr"] * first / (second.sqrt() + group["eps"])
        return change
