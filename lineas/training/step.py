"""One step of the optimizer, and what holds of the parameters after it: sparsity, the wanted support, ω above 0."""

import math

import torch

from lineas.steering.map import SMALLEST_SCALE
from lineas.training.checkpoint import TrainingState
from lineas.training.loss import Distance
from lineas.training.optimizers import step_size
from lineas.training.parameters import Parameters
from lineas.training.proximal import largest, shrink
from lineas.training.recipes import Recipe

LAST_RATE = 1e-3
"""Where the cosine ends, as a share of the learning rate."""


def take_step(state: TrainingState, recipe: Recipe, distance: Distance) -> None:
    """Let the optimizer use the parameters' gradients, at the rate of a cosine, and apply the recipe's constraints."""
    progress = state.step / recipe.steps
    rate = recipe.learning_rate * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * progress)))
    for group in state.optimizer.param_groups:
        group["lr"] = rate * group["share"]
    state.optimizer.step()
    state.step += 1
    _constrain(state, recipe, state.step / recipe.steps, distance)


def _constrain(state: TrainingState, recipe: Recipe, progress: float, distance: Distance) -> None:
    """Apply the proximal step (LinEAS Eq. 7), the recipe's support, and a positive ω, in place.

    Args:
        progress: share of the steps that are made, with the one just taken; 0 to 1.
        distance: knows the typical size of the target's activations.
    """
    parameters = state.parameters
    with torch.no_grad():
        for group in state.optimizer.param_groups if recipe.sparsity else ():
            for tensor in group["params"]:
                threshold = recipe.sparsity * step_size(state.optimizer, group, tensor)
                tensor.copy_(group["identity"] + shrink(tensor - group["identity"], threshold, threshold.mean()))
        if recipe.support is not None:
            _keep_support(parameters, recipe.support / 100, progress, distance)
        for scale in parameters.scale.values():
            scale.clamp_(min=SMALLEST_SCALE)


def _keep_support(parameters: Parameters, share: float, progress: float, distance: Distance) -> None:
    """Reset all but the most moved coordinates: everything may move at first, the wanted share from half-way on.

    A coordinate's importance is how far it moves an activation: |ω−1| times the target's typical size there, plus |b|.
    """
    share += (1 - share) * max(0.0, 1 - 2 * progress) ** 3
    scale, shift = torch.cat(list(parameters.scale.values())), torch.cat(list(parameters.shift.values()))
    size = distance.target.sorted.square().mean(dim=0).sqrt()
    kept = largest((scale - 1).abs() * size + shift.abs(), share).split([site.width for site in parameters.sites])
    for site, mask in zip(parameters.sites, kept, strict=True):
        parameters.scale[site.name].masked_fill_(~mask, 1.0)
        parameters.shift[site.name].masked_fill_(~mask, 0.0)
