"""Tell which examples sound like the other side, from each sentence's mean activations in the plain model."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lineas.evaluation.verdict import MIN_SENTENCES
from lineas.models.loaded import LoadedModel
from lineas.training.activations import read
from lineas.training.batching import tokenize
from lineas.training.events import Reading
from lineas.training.logistic import auroc

MAX_TOKENS = 256
WRONG_WAY = -0.5
"""``ExampleSide.position`` below which an example is flagged."""


@dataclass(frozen=True)
class ExampleSide:
    """Where one example lies between the two sides.

    Attributes:
        index: number of the sentence on its side.
        position: 1 at the mean of its own side, 0 half-way, −1 at the mean of the other, both without the example itself.
    """

    which: Literal["source", "target"]
    index: int
    sentence: str
    position: float


@dataclass(frozen=True)
class ExampleSides:
    """How far the two sides differ.

    Attributes:
        separability: AUC with which the examples' positions tell the two sides apart; 0.5 is chance.
        wrong_way: examples that sound like the other side and weaken the concept, the worst first; none below ``MIN_SENTENCES``.
    """

    separability: float
    wrong_way: tuple[ExampleSide, ...]


def example_sides(
    model: LoadedModel, source: Sequence[str], target: Sequence[str]
) -> Generator[Reading, None, ExampleSides]:
    """Find where each example lies; at least 2 a side, a chunk of sentences between two events."""
    a = yield from read(model, model.sites, tokenize(model, source, MAX_TOKENS))
    b = yield from read(model, model.sites, tokenize(model, target, MAX_TOKENS))
    positions_a, positions_b = leave_one_out_positions(a, b), leave_one_out_positions(b, a)
    examples = [
        *(ExampleSide("source", i, s, p) for i, (s, p) in enumerate(zip(source, positions_a.tolist(), strict=True))),
        *(ExampleSide("target", i, s, p) for i, (s, p) in enumerate(zip(target, positions_b.tolist(), strict=True))),
    ]
    enough = min(len(a), len(b)) >= MIN_SENTENCES
    flagged = [example for example in examples if enough and example.position < WRONG_WAY]
    separability = float(auroc(positions_b[:, None], -positions_a[:, None]))
    return ExampleSides(separability, tuple(sorted(flagged, key=lambda example: example.position)))


def leave_one_out_positions(own: Tensor, other: Tensor) -> Tensor:
    """Position of each point of ``own`` between the means of both sides, with the point itself left out of its side's mean.

    Coordinates are first divided by their spread within the sides, so that no large one outvotes the rest. Both means are noisy
    estimates; the noise of the side with fewer points pushes the midpoint away from it, which would move its own points to the
    other side. This bias is subtracted.

    Args:
        own: shape (n, d), n ≥ 2.
        other: shape (m, d), m ≥ 2.

    Returns:
        Shape (n,): 1 at the mean of its own side, 0 half-way, −1 at the mean of the other.
    """
    within = torch.cat([own - own.mean(dim=0), other - other.mean(dim=0)])
    spread = within.square().mean(dim=0).sqrt().clamp(min=1e-8)
    own, other = own / spread, other / spread
    rest = (own.sum(dim=0) - own) / (len(own) - 1)  # row i: mean of all points but i
    gap = rest - other.mean(dim=0)
    middle = (rest + other.mean(dim=0)) / 2
    # the expectation of 2 (x − middle) · gap is the squared gap − the noise of one mean + that of the other
    bias = own.var(dim=0).sum() / (len(own) - 1) - other.var(dim=0).sum() / len(other)
    return (2 * ((own - middle) * gap).sum(dim=1) + bias) / gap.square().sum(dim=1).clamp(min=1e-12)
