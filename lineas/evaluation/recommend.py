"""Which strength? Read from the losses over λ: as far towards the target as language holds."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lineas.evaluation.findings import CostPoint

STRENGTHS = (0.0, 0.5, 1.0, 1.5)
"""Where the curve is measured; in between stands a curve that turns nowhere but at these (``_between``)."""
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
    """Target and Wikipedia loss at a strength within the curve."""
    xs = [point.strength for point in curve]
    target, wiki = [point.target_loss for point in curve], [point.wiki_loss for point in curve]
    return monotone(xs, target, strength), monotone(xs, wiki, strength)


def monotone(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Piecewise cubic interpolation that is monotone wherever its points are (Fritsch and Butland 1984), as SciPy's PCHIP.

    A polynomial through all points would dip below the plain model's loss before a steep rise, and call the damage a gain.

    Args:
        xs: ascending, at least two; ``x`` lies within them.
    """
    widths = [b - a for a, b in pairwise(xs)]
    slopes = [(b - a) / width for (a, b), width in zip(pairwise(ys), widths, strict=True)]
    inner = [_slope(*sides) for sides in zip(pairwise(widths), pairwise(slopes), strict=True)]
    if len(slopes) == 1:
        tangents = slopes * 2
    else:
        tangents = [_end(*widths[:2], *slopes[:2]), *inner, _end(*widths[:-3:-1], *slopes[:-3:-1])]
    i = min(max(bisect_right(xs, x) - 1, 0), len(widths) - 1)
    t = (x - xs[i]) / widths[i]
    rise = slopes[i] * widths[i]
    start, end = tangents[i] * widths[i], tangents[i + 1] * widths[i]
    return ys[i] + t * start + t**2 * (3 * rise - 2 * start - end) + t**3 * (start + end - 2 * rise)


def _slope(widths: tuple[float, float], slopes: tuple[float, float]) -> float:
    """At an inner point: the weighted harmonic mean of both sides' slopes, level where these have not one sign."""
    if slopes[0] * slopes[1] <= 0:
        return 0.0
    first, second = 2 * widths[1] + widths[0], widths[1] + 2 * widths[0]
    return (first + second) / (first / slopes[0] + second / slopes[1])


def _end(width: float, next_width: float, slope: float, next_slope: float) -> float:
    """At the first or last point: of the parabola through three points, kept from overshooting."""
    tangent = ((2 * width + next_width) * slope - width * next_slope) / (width + next_width)
    if tangent * slope <= 0:
        return 0.0
    return 3 * slope if slope * next_slope < 0 and abs(tangent) > 3 * abs(slope) else tangent
