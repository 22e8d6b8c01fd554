"""How much two maps overlap: the cosine between what they do at each site.

A map moves z by (ω − 1) ⊙ z + b. Over activations whose coordinates have mean 0 and variance 1, as a normalisation layer
gives them, the mean scalar product of two such displacements is that of the vectors (ω − 1, b): these are compared.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.steering.map import SteeringMap


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


def _cosine(a: Tensor, b: Tensor) -> float:
    size = float(a.norm() * b.norm())
    return float(a @ b) / size if size else 0.0
