"""Which strengths of a method to try: λ = 1 means a whisper for one and ruin for another, so each gets a range of its own.

The range ends where Wikipedia sentences cost between ``LITTLE`` and ``MUCH`` nats a token more than in the plain model: the
same for all, so that they can be compared.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import pairwise

from lineas.evaluation.metrics.cost import MAX_TOKENS, cost_curve, sentence_losses, token_mean
from lineas.evaluation.recommend import STRENGTHS, Recommendation, recommend
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, Steering
from lineas.training.batching import tokenize
from lineas.training.events import Reading

LITTLE, MUCH = 0.3, 1.0
LOWEST, HIGHEST = 1 / 32, 32.0
TRIES = 12
"""Where the damage jumps from little to much, the last strength with little ends the range."""
HIGHEST_OF = {"aura": 1.0}
"""Of methods whose strength ends by definition: AurA cannot silence a unit more than wholly."""


def dial(steering: Steering) -> bool:
    """Whether it has strengths at all; words are there or not."""
    return not (isinstance(steering, Adapter) and steering.instruction)


def strongest(model: LoadedModel, steering: Steering, wiki: Sequence[str]) -> Generator[Reading, None, float]:
    """The end of a method's range: 1, doubled while too little happens or halved while too much does, then in between."""
    rows = tokenize(model, wiki, MAX_TOKENS)
    plain = token_mean((yield from sentence_losses(model, rows)), rows)
    limit = HIGHEST_OF.get(steering.metadata.get("method", ""), HIGHEST)
    strength, little, much = 1.0, 0.0, math.inf
    for _ in range(TRIES):
        damage = token_mean((yield from sentence_losses(model, rows, steering, strength)), rows) - plain
        if not damage <= MUCH and strength > LOWEST:  # also where it is no number
            much = strength
        elif damage < LITTLE and strength < limit:
            little = strength
        else:
            return strength
        strength = strength / 2 if not little else strength * 2 if much == math.inf else math.sqrt(little * much)
    return little or LOWEST


def recommend_in_range(
    model: LoadedModel, steering: Steering, target: Sequence[str], wiki: Sequence[str]
) -> Generator[Reading, None, Recommendation]:
    """``recommend`` within the method's own range; the curve is the one that was measured, the plain model first."""
    if not dial(steering):
        curve = yield from cost_curve(model, steering, target, wiki, (0.0, 1.0))
        return Recommendation(0.0, 0.0, 0.0, tuple(curve)).at(1.0)
    unit = (yield from strongest(model, steering, wiki)) / STRENGTHS[-1]
    curve = yield from cost_curve(model, steering, target, wiki, [unit * strength for strength in STRENGTHS])
    scaled = [replace(point, strength=strength) for point, strength in zip(curve, STRENGTHS, strict=True)]
    best = recommend(scaled)
    return replace(best, strength=_short(best.strength * unit), curve=tuple(curve))


def strength_of_damage(curve: Sequence[tuple[float, float]], damage: float) -> float:
    """The strength with so much damage, between those of (strength, damage) that were measured; at most the last.

    Args:
        curve: in order of strength, from (0, 0).
    """
    for (low, before), (high, after) in pairwise(curve):
        if not after < damage:  # also where it is no number: only the strengths before that are sure
            return low if not math.isfinite(after) else low + (high - low) * (damage - before) / (after - before)
    return curve[-1][0]


def _short(strength: float) -> float:
    return float(f"{strength:.2g}")
