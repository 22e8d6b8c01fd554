"""Folding: T(z) = ω ⊙ z + b behind a norm, written into the norm's weight and into biases. Products are taken in float64."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lineas.export.consumers import Fold
from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Folded:
    """A map as new values of a network's own parameters, by name; float64, on the CPU.

    Attributes:
        norms: weights and biases of the norms.
        shifts: W b of each linear layer, to be added to its bias, by the bias's name.
    """

    norms: dict[str, Tensor]
    shifts: dict[str, Tensor]


@torch.no_grad()
def fold(network: nn.Module, steering_map: SteeringMap, folds: Iterable[Fold]) -> Folded:
    """Compute the parameters of a network that is steered by itself; the network stays as it is.

    Args:
        steering_map: at the strength that is wanted (``SteeringMap.at_strength``).
    """
    norms: dict[str, Tensor] = {}
    shifts: dict[str, Tensor] = {}
    for place in folds:
        norm = network.get_submodule(place.site)
        scale, shift = (part[place.site].double() for part in (steering_map.scale, steering_map.shift))
        offset = 1.0 if place.unit_offset else 0.0
        norms[f"{place.site}.weight"] = (offset + _double(norm.weight)) * scale - offset
        if place.has_bias:
            norms[f"{place.site}.bias"] = _double(norm.bias) * scale + shift
        for name in place.consumers:
            shifts[f"{name}.bias"] = _double(network.get_submodule(name).weight) @ shift
    return Folded(norms, shifts)


def folded_state(network: nn.Module, folded: Folded) -> dict[str, Tensor]:
    """Return the network's state with the map in it: its own tensors, and float32 ones where the map changed or added something."""
    state = dict(network.state_dict())
    for name, value in folded.norms.items():
        state[name] = value.float()
    for name, value in folded.shifts.items():
        state[name] = (value + state[name].double() if name in state else value).float()
    return state


def _double(value: Tensor | nn.Module) -> Tensor:
    assert isinstance(value, Tensor)
    return value.detach().to("cpu", torch.float64)
