"""Folding: T(z) = ω ⊙ z + b, written into the weights of norms and into biases. Products are taken in float64."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.export.consumers import NormFold, is_norm, norm_folds
from lineas.export.producers import ShiftFold, shift_folds
from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Folds:
    """Where the maps of all sites go.

    Attributes:
        norms: those at norms.
        shifts: those at other modules, which only shift.
    """

    norms: Sequence[NormFold]
    shifts: Sequence[ShiftFold]


@dataclass(frozen=True)
class Folded:
    """A map as new values of a network's own parameters, by name; float64, on the CPU.

    Attributes:
        norms: weights and biases of norms.
        shifts: what is added to the bias of each linear layer, by the bias's name.
    """

    norms: dict[str, Tensor]
    shifts: dict[str, Tensor]


def find_folds(network: nn.Module, steering_map: SteeringMap) -> Folds:
    """Find where the map of each site goes.

    Raises:
        LineasError: the network has no place for the map of some site.
    """
    norms = [site for site in steering_map.sites if is_norm(network.get_submodule(site))]
    others = [site for site in steering_map.sites if site not in norms]
    for site in others:
        if (steering_map.scale[site] != 1).any():
            raise LineasError(
                f"the map scales what {site!r} returns, which is not a norm with a weight that could hold the factors."
            )
    return Folds(norm_folds(network, norms), shift_folds(network, others))


@torch.no_grad()
def fold(network: nn.Module, steering_map: SteeringMap, folds: Folds) -> Folded:
    """Compute the parameters of a network that is steered by itself; the network stays as it is.

    Args:
        steering_map: at the strength that is wanted (``SteeringMap.at_strength``).
    """
    norms: dict[str, Tensor] = {}
    shifts: dict[str, Tensor] = {}

    def add(name: str, value: Tensor) -> None:
        shifts[f"{name}.bias"] = shifts.get(f"{name}.bias", 0) + value

    for place in folds.norms:
        norm = network.get_submodule(place.site)
        scale, shift = (part[place.site].double() for part in (steering_map.scale, steering_map.shift))
        offset = 1.0 if place.unit_offset else 0.0
        norms[f"{place.site}.weight"] = (offset + _double(norm.weight)) * scale - offset
        if place.has_bias:
            norms[f"{place.site}.bias"] = _double(norm.bias) * scale + shift
        for name in place.consumers:
            add(name, _double(network.get_submodule(name).weight) @ shift)
    for one in folds.shifts:
        shift = steering_map.shift[one.site].double() / one.factor
        producer = network.get_submodule(one.producer)
        if is_norm(producer):  # the norm after a block of BART's kind
            norms.setdefault(f"{one.producer}.weight", _double(producer.weight))
            bias = f"{one.producer}.bias"
            norms[bias] = norms.get(bias, _double(producer.bias)) + shift
        else:
            add(one.producer, shift)
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
