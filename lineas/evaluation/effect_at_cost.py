"""Effects of methods at the same perplexity: who says more of the concept while the text reads as well?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lineas.evaluation.verdict import MORE_REPETITION


@dataclass(frozen=True)
class Trade:
    """What a method reaches at one strength: its effect, the perplexity of its text under the plain model, and the share of
    the text that was said before."""

    effect: float
    perplexity: float
    repetition: float


def effect_within(trades: Sequence[Trade], perplexity: float) -> float | None:
    """The most effect at this perplexity or a lower one, on the line through a method's strengths.

    Between two neighbouring strengths effect is taken to be linear in the logarithm of the perplexity. A text that goes round
    in circles has a low perplexity and is not readable: such points do not count. None where even the first point reads worse.

    Args:
        trades: in order of strength, best from 0 (the plain model) on.
    """
    known = [
        trade
        for trade in trades
        if math.isfinite(trade.perplexity) and trade.repetition <= trades[0].repetition + MORE_REPETITION
    ]
    reached = [trade.effect for trade in known if trade.perplexity <= perplexity]
    for a, b in pairwise(known):
        if (a.perplexity <= perplexity) != (b.perplexity <= perplexity):
            share = math.log(perplexity / a.perplexity) / math.log(b.perplexity / a.perplexity)
            reached.append(a.effect + share * (b.effect - a.effect))
    return max(reached, default=None)
