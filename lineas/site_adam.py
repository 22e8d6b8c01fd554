"""The optimizer of the short recipes: Adam with one second moment for a whole vector of a map."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


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
