"""Compare methods at the same perplexity: which one reaches more effect while its text reads as well?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_ADDED_REPETITION = 0.25
"""Rise of the repetition over the plain text's above which text counts as repeating itself."""


@dataclass(frozen=True)
class TradeOff:
    """Effect of a method at one strength, the perplexity of its text under the plain model, and the text's repetition."""

    effect: float
    perplexity: float
    repetition: float


def effect_at_cost(points: Sequence[TradeOff], perplexity: float) -> float | None:
    """Largest effect at this perplexity or below, interpolated between a method's strengths; None if every point reads worse.

    Between two neighbouring strengths, effect is linear in the logarithm of the perplexity. Text that repeats itself has a low
    perplexity but is not readable, so such points are left out.

    Args:
        points: in order of strength, preferably from 0 (the plain model) on.
    """
    readable = [
        point
        for point in points
        if math.isfinite(point.perplexity) and point.repetition <= points[0].repetition + MAX_ADDED_REPETITION
    ]
    reached = [point.effect for point in readable if point.perplexity <= perplexity]
    for a, b in pairwise(readable):
        if (a.perplexity <= perplexity) != (b.perplexity <= perplexity):
            share = math.log(perplexity / a.perplexity) / math.log(b.perplexity / a.perplexity)
            reached.append(a.effect + share * (b.effect - a.effect))
    return max(reached, default=None)
