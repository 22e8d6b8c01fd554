"""How much two maps overlap: the cosine between what they do at each site.

A map moves z by (ω − 1) ⊙ z + b. Over activations whose coordinates have mean 0 and variance 1, as a normalisation layer
gives them, the mean scalar product of two such displacements is that of the vectors (ω − 1, b): these are compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lineas.steering.map import SteeringMap

FIGHT = -0.15
"""Largest ``opposed`` of a conflict. Two presets against their own examples swapped have −0.22 and −0.28 (default model); of the
66 pairs of presets formal and pirate have the lowest, −0.12."""
ALIKE = 0.25
"""Smallest ``whole`` of two that are alike. Four pairs of presets have more: pirate and Shakespeare (0.33), and fairy tale,
poetic and Shakespeare among each other."""


@dataclass(frozen=True)
class Overlap:
    """How much two maps overlap.

    Attributes:
        sites: the cosine at each site that both have, −1 (they undo each other) to 1 (the same direction); 0 where one of them
            moves nothing.
        whole: the cosine of all sites taken as one vector; a site of one map alone counts as not moved by the other.
    """

    sites: dict[str, float]
    whole: float

    @property
    def opposed(self) -> float:
        """Mean cosine of the third of the sites at which the two differ most.

        All maps share something (they turn prose of one kind into another), so even a concept and its own opposite agree at the
        later sites; a conflict shows in how far the two differ at the others.
        """
        lowest = sorted(self.sites.values())[: max(1, len(self.sites) // 3)]
        return sum(lowest) / len(lowest) if lowest else 0.0

    @property
    def relation(self) -> Literal["fight", "alike", "apart"]:
        """Whether one map undoes much of the other ("fight"), both do much the same ("alike"), or neither."""
        if self.opposed <= FIGHT:
            return "fight"
        return "alike" if self.whole >= ALIKE else "apart"


def displacement(steering_map: SteeringMap, site: str) -> Tensor:
    """The displacement (ω − 1, b) at a site; float64, shape (2 · width,)."""
    return torch.cat([steering_map.scale[site] - 1, steering_map.shift[site]]).double()


def overlap(first: SteeringMap, second: SteeringMap) -> Overlap:
    """Compare two maps of one model."""
    shared = [site for site in first.sites if site in second.scale]
    sites = {site: _cosine(displacement(first, site), displacement(second, site)) for site in shared}
    product = sum(float(displacement(first, site) @ displacement(second, site)) for site in shared)
    size = length(first) * length(second)
    return Overlap(sites, product / size if size else 0.0)


def length(steering_map: SteeringMap) -> float:
    """Euclidean norm of the displacement over all sites."""
    return math.sqrt(sum(float(displacement(steering_map, site).square().sum()) for site in steering_map.sites))


def push(parts: Sequence[tuple[SteeringMap, float]]) -> float:
    """How far several maps push together: the length of the summed displacement over the mean length of the maps.

    Args:
        parts: maps and their strengths.

    Returns:
        1 for a map alone at strength 1, λ at strength λ.
    """
    typical = sum(length(part) for part, _ in parts) / len(parts)
    return length(SteeringMap.mix(parts)) / typical if typical else 0.0


def _cosine(a: Tensor, b: Tensor) -> float:
    size = float(a.norm() * b.norm())
    return float(a @ b) / size if size else 0.0
