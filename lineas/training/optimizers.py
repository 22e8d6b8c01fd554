"""The optimizers of recipes, and the one that is ours: Adam with one second moment for a whole vector of a map."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from lineas.training.loss import Parameters
from lineas.training.recipes import Recipe


def optimizer_for(recipe: Recipe, parameters: Parameters, target_means: Tensor) -> torch.optim.Optimizer:
    """A group for ω, and one for each site's b, with the share of the learning rate that it gets.

    With ``by_site`` a shift moves in proportion to the size of what passes at its site, which grows with depth: a step that is
    right for the first block is timid in the last.
    """
    columns = target_means.split([site.width for site in parameters.sites], dim=1)
    sizes = torch.stack([column.square().mean().sqrt() for column in columns])
    shares = (sizes / sizes.mean()).tolist() if recipe.by_site else [1.0] * len(columns)
    groups: list[dict[str, Any]] = [{"params": list(parameters.scale.values()), "share": 1.0, "identity": 1.0}]
    groups += [
        {"params": [shift], "share": share, "identity": 0.0}
        for shift, share in zip(parameters.shift.values(), shares, strict=True)
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.learning_rate)
    if recipe.optimizer == "site-adam":
        return SiteAdam(groups, lr=recipe.learning_rate, betas=(0.5, 0.9))
    return torch.optim.Adam(groups, lr=recipe.learning_rate, betas=(0.9, 0.9))


def step_size(optimizer: torch.optim.Optimizer, group: Mapping[str, Any], tensor: Tensor) -> Tensor:
    """τ of the step just taken: the learning rate; with Adam, which gives each coordinate (or site) its own, that divided by √v̂.

    With the bare learning rate every coordinate that Adam moves would cross the threshold in the same step or never.
    """
    moments = optimizer.state[tensor]
    if "exp_avg_sq" not in moments:
        return torch.tensor(group["lr"], device=tensor.device)
    correction = 1 - group["betas"][1] ** moments["step"].item()
    size: Tensor = group["lr"] / ((moments["exp_avg_sq"] / correction).sqrt() + group["eps"])
    return size


class SiteAdam(torch.optim.Optimizer):
    """Adam whose second moment is the mean over a tensor's coordinates (Adam-mini, arXiv 2406.16793, a block being a tensor).

    With a second moment for each coordinate all of them move equally far in the first steps, the many between which the two sides
    hardly differ as well as the few that make the concept. Here a coordinate moves in proportion to its slope.

    Args:
        params: tensors, or groups of them, each with its own "lr" where it has one.
        lr: root mean square of a first step over a tensor's coordinates.
        betas: decay of the first and of the second moment.
    """

    def __init__(self, params: Any, lr: float, betas: tuple[float, float]) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": 1e-8})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for tensor in group["params"]:
                if tensor.grad is not None:
                    tensor.sub_(self._change(tensor, tensor.grad, group))

    def _change(self, tensor: Tensor, slope: Tensor, group: dict[str, Any]) -> Tensor:
        first_decay, second_decay = group["betas"]
        state = self.state[tensor]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"] = torch.zeros_like(tensor)
            state["exp_avg_sq"] = torch.zeros((), device=tensor.device)
        state["step"] += 1
        state["exp_avg"].lerp_(slope, 1 - first_decay)
        state["exp_avg_sq"].lerp_(slope.square().mean(), 1 - second_decay)
        first = state["exp_avg"] / (1 - first_decay ** state["step"].item())
        second = state["exp_avg_sq"] / (1 - second_decay ** state["step"].item())
        change: Tensor = group["lr"] * first / (second.sqrt() + group["eps"])
        return change
