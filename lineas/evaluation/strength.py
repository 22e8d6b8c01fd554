"""Which strength? Read from the losses over λ: as far towards the target as language holds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lineas.evaluation.findings import CostPoint

STRENGTHS = (0.0, 0.5, 1.0, 1.5)
"""Where the curve is measured. It is smooth: a cubic through the four nearest points stands for it in between."""
STEP = 0.05
LEAST = 0.25
WEIGHT_OF_DAMAGE = 1.0
"""Nats of target loss that one nat of Wikipedia loss is worth. With 1, the strong style pirate comes out at 0.8 and the mild one
cheerful at 1.2, where their texts read well. The gain is flattered, since the target sentences were taught; the damage is not."""


@dataclass(frozen=True)
class Recommendation:
    """A strength, and what it was read from.

    Attributes:
        gain: fall of the target loss at that strength, nats a token.
        damage: rise of the Wikipedia loss there.
        curve: the measured points, the plain model first.
    """

    strength: float
    gain: float
    damage: float
    curve: tuple[CostPoint, ...]

    def at(self, strength: float) -> "Recommendation":
        """The same curve, read at another strength."""
        target, wiki = _between(self.curve, strength)
        return Recommendation(strength, self.curve[0].target_loss - target, wiki - self.curve[0].wiki_loss, self.curve)


def recommend(curve: Sequence[CostPoint]) -> Recommendation:
    """The strength with the least target loss, where each nat that Wikipedia loses counts ``WEIGHT_OF_DAMAGE`` as much.

    Args:
        curve: points in order of strength, the first at 0, at least one above.
    """
    # a network that was pushed too far may return no number at all
    points = tuple(p for p in curve if math.isfinite(p.target_loss) and math.isfinite(p.wiki_loss))
    if len(points) < 2:
        return Recommendation(LEAST, 0.0, math.inf, points)
    candidates = [LEAST + i * STEP for i in range(round((points[-1].strength - LEAST) / STEP) + 1)]

    def objective(strength: float) -> float:
        target, wiki = _between(points, strength)
        return target + WEIGHT_OF_DAMAGE * wiki

    best = min(candidates, key=objective)
    return Recommendation(0.0, 0.0, 0.0, points).at(round(best, 2))


def _between(curve: Sequence[CostPoint], strength: float) -> tuple[float, float]:
    """Target and Wikipedia loss at a strength: the cubic through the four nearest points (Lagrange)."""
    near = sorted(curve, key=lambda point: abs(point.strength - strength))[:4]
    target = wiki = 0.0
    for point in near:
        weight = 1.0
        for other in near:
            if other is not point:
                weight *= (strength - other.strength) / (point.strength - other.strength)
        target += weight * point.target_loss
        wiki += weight * point.wiki_loss
    return target, wiki
