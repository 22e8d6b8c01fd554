"""Small pictures of what a map does at each site: source, steered and target sentences in one plane."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from lineas.steering.site import Site

POINTS = 32
"""Sentences of a group that stand for all of it."""
SIDE = 100
"""Coordinates are whole numbers from 0 to this."""

Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Plane:
    """One site's activations in the plane through the means of source, steered and target sentences.

    Attributes:
        source, steered, target: a point for each sentence; x runs to the right, y downwards.
        means: the means of the three, in this order.
        way: how much of the way from the source's mean to the target's the steered mean has gone; 1 is all of it, and it is
            negative where the steered mean is farther from the target than the source's.
    """

    source: Points
    steered: Points
    target: Points
    means: Points
    way: float


def stand_for(means: Tensor) -> Tensor:
    """Rows that stand for all of a group in its pictures: up to ``POINTS``, evenly spread; a copy, so that the rest can go."""
    count = len(means)
    return means[[i * count // POINTS for i in range(POINTS)] if count > POINTS else slice(None)].clone()


def planes(sites: Sequence[Site], source: Tensor, steered: Tensor, target: Tensor) -> dict[str, Plane]:
    """Project sentences at every site onto the first principal plane of their three means.

    Args:
        source, steered, target: site means of sentences that stand for each group, float32, shape (sentences, total width of
            the sites).
    """
    widths = [site.width for site in sites]
    groups = zip(*(group.split(widths, dim=1) for group in (source, steered, target)), strict=True)
    return {site.name: _plane(*group) for site, group in zip(sites, groups, strict=True)}


def to_json(found: Mapping[str, Plane]) -> str:
    """Write planes for a map's metadata, each as [way, means, source, steered, target] with points as flat lists."""

    def row(plane: Plane) -> list[Any]:
        groups = (plane.means, plane.source, plane.steered, plane.target)
        return [plane.way, *([*chain.from_iterable(group)] for group in groups)]

    return json.dumps({site: row(plane) for site, plane in found.items()}, separators=(",", ":"))


def from_json(text: str) -> dict[str, Plane]:
    """Read what ``to_json`` wrote; empty for anything else, since any program may have written a map's file."""
    try:
        found = json.loads(text)
        "".join(found).encode()  # half a surrogate cannot be shown
        return {site: _read(*row) for site, row in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return {}


def _read(way: float, *groups: list[int]) -> Plane:
    means, source, steered, target = (
        tuple((min(SIDE, max(0, int(x))), min(SIDE, max(0, int(y)))) for x, y in zip(*[iter(flat)] * 2, strict=True))
        for flat in groups
    )
    if len(means) != 3 or not math.isfinite(way):
        raise ValueError("not a plane")
    return Plane(source, steered, target, means, float(f"{float(way):.4g}"))


def _plane(source: Tensor, steered: Tensor, target: Tensor) -> Plane:
    groups = [group.double().cpu() for group in (source, steered, target)]
    means = torch.stack([group.mean(dim=0) for group in groups])
    centre = means.mean(dim=0)
    axes = _axes(means - centre, torch.cat(groups) - centre)
    shown = [(group - centre) @ axes for group in [*groups, means]]
    everything = torch.cat(shown)
    low, high = everything.min(dim=0).values, everything.max(dim=0).values
    # one scale for both axes, so that distances can be compared; the shorter axis is centred
    size = float((high - low).max()) or 1.0
    offset = (low + high - size) / 2
    whole = [((part - offset) / size * SIDE).round().int().tolist() for part in shown]
    before, after, wanted, of_means = (tuple((x, y) for x, y in part) for part in whole)
    start, left = float((means[2] - means[0]).norm()), float((means[2] - means[1]).norm())
    way = float(f"{1 - left / start:.3g}") if start else 0.0
    return Plane(before, after, wanted, of_means, way)


def _axes(means: Tensor, sentences: Tensor) -> Tensor:
    """Two directions, shape (width, 2): the principal ones of the means, source to the left of the target.

    Where the means lie on a line, as of a map that does nothing, the second one is where the sentences vary most beside it.
    """
    _, sizes, found = torch.linalg.svd(means, full_matrices=False)
    first = found[0] * (1 if float((means[2] - means[0]) @ found[0]) >= 0 else -1)
    if len(found) > 1 and sizes[1] > 1e-6 * sizes[0]:
        return torch.stack([first, found[1]], dim=1)
    beside = sentences - (sentences @ first)[:, None] * first
    second = torch.linalg.svd(beside, full_matrices=False)[2][0]
    return torch.stack([first, second], dim=1)
