"""Which examples matter: what each does to the difference between the two sides, when it alone is left out. No retraining.

Everything is computed from each sentence's mean activations on the plain model, which one pass brings.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lineas.models.loaded import LoadedModel
from lineas.training.activations import read
from lineas.training.batching import tokenize
from lineas.training.events import Reading
from lineas.training.logistic import auroc
from lineas.training.loss import Distance

MAX_TOKENS = 256
FEWEST = 8
"""Sentences a side below which one more or less changes everything, and nothing is flagged."""
WRONG_WAY = -0.5
"""Side, in units of half the gap between the two sides, below which an example is flagged."""


@dataclass(frozen=True)
class Influence:
    """One example's part.

    Attributes:
        index: of the sentence on its side.
        distance: how much the transport distance between the sides falls when the example is left out, in percent of that
            distance; below 0: the two sides differ more without it.
        side: where it stands on the line from the middle between the sides (0) to the middle of its own side (1), both
            reckoned without it; below 0 it stands on the other side.
        wrong_way: whether it sounds like the other side, and so weakens the concept.
    """

    which: Literal["source", "target"]
    index: int
    sentence: str
    distance: float
    side: float
    wrong_way: bool


@dataclass(frozen=True)
class Influences:
    """All examples, the most helpful first, and how well the model's own activations tell the two sides apart.

    Attributes:
        separability: AUC of the examples' sides, each reckoned without itself; 0.5 is chance.
        distance: transport distance between the two sides, as in training.
    """

    examples: tuple[Influence, ...]
    separability: float
    distance: float

    @property
    def wrong_way(self) -> list[Influence]:
        """Those to look at, the worst first."""
        return sorted((example for example in self.examples if example.wrong_way), key=lambda example: example.side)


def influences(
    model: LoadedModel, source: Sequence[str], target: Sequence[str]
) -> Generator[Reading, None, Influences]:
    """The influence of every example, at least 2 a side; a chunk of sentences between two events."""
    a = yield from read(model, model.sites, tokenize(model, source, MAX_TOKENS))
    b = yield from read(model, model.sites, tokenize(model, target, MAX_TOKENS))
    to_target, to_source = Distance(model.sites, b), Distance(model.sites, a)
    whole = float(to_target(a))
    sides = [*left_out_sides(a, b).tolist(), *left_out_sides(b, a).tolist()]
    left = [*left_out_distances(to_target, a).tolist(), *left_out_distances(to_source, b).tolist()]
    enough = min(len(a), len(b)) >= FEWEST
    names: list[tuple[Literal["source", "target"], int, str]] = [("source", i, text) for i, text in enumerate(source)]
    names += [("target", i, text) for i, text in enumerate(target)]
    examples = [
        Influence(which, i, text, 100 * (whole - rest) / max(whole, 1e-12), side, enough and side < WRONG_WAY)
        for (which, i, text), rest, side in zip(names, left, sides, strict=True)
    ]
    scores = torch.tensor(sides)
    separability = float(auroc(scores[len(a) :, None], -scores[: len(a), None]))
    return Influences(tuple(sorted(examples, key=lambda example: example.side, reverse=True)), separability, whole)


def left_out_sides(own: Tensor, other: Tensor) -> Tensor:
    """For each point of ``own`` where it lies between the sides' means when its own side's is taken without it.

    Coordinates are divided by their spread within the sides first, so that no large one outvotes the rest. Both means are known
    from a few points only, and the noise in the one of fewer points pushes the middle away from it, which would throw
    its own points to the other side: that push is taken back.

    Args:
        own: shape (n, d); other: shape (m, d); n, m ≥ 2.

    Returns:
        shape (n,): 1 at the mean of its own side, 0 half-way, −1 at the mean of the other.
    """
    within = torch.cat([own - own.mean(dim=0), other - other.mean(dim=0)])
    spread = within.square().mean(dim=0).sqrt().clamp(min=1e-8)
    own, other = own / spread, other / spread
    rest = (own.sum(dim=0) - own) / (len(own) - 1)  # row i: the mean of the others
    gap = rest - other.mean(dim=0)
    middle = (rest + other.mean(dim=0)) / 2
    # on average 2 (x − middle) · gap is the squared gap minus the noise of one mean plus that of the other
    push = own.var(dim=0).sum() / (len(own) - 1) - other.var(dim=0).sum() / len(other)
    return (2 * ((own - middle) * gap).sum(dim=1) + push) / gap.square().sum(dim=1).clamp(min=1e-12)


def left_out_distances(distance: Distance, points: Tensor) -> Tensor:
    """``distance`` of all points but one, for each of them: shape (n, total width) to (n,), n ≥ 2. One sort serves all.

    Without the r-th smallest value of a coordinate those below it keep their partners among the target's quantiles, and those
    above it get the partner of the one before.
    """
    partners, spread = distance.target.quantile_means(len(points) - 1)
    ordered, which = points.sort(dim=0)
    below, above = (ordered[:-1] - partners).square(), (ordered[1:] - partners).square()
    nothing = torch.zeros_like(ordered[:1])
    total = torch.cat([nothing, below.cumsum(dim=0)]) + torch.cat([above.flip(0).cumsum(dim=0).flip(0), nothing])
    left = total / (len(points) - 1) + spread  # row r: without the r-th smallest
    return torch.empty_like(left).scatter(0, which, left) @ distance.weights
