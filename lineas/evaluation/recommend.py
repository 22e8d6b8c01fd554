"""Recommend a strength from the losses over λ: as much of the target as possible for as little damage as possible."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lineas.evaluation.findings import CostPoint

STRENGTHS = (0.0, 0.5, 1.0, 1.5)
"""Strengths at which the losses are measured; ``pchip`` interpolates between them."""
STEP = 0.05
MIN_STRENGTH = 0.25
DAMAGE_WEIGHT = 1.0
"""Nats of target loss that one nat of Wikipedia loss is worth. With 1, the strong style pirate gets strength 0.8 and the mild style
cheerful 1.2, where their texts read well. The gain, measured on training sentences, is optimistic; the damage is not."""


@dataclass(frozen=True)
class Recommendation:
    """A recommended strength and the losses that it was read from.

    Attributes:
        gain: fall of the target loss at that strength, nats a token.
        damage: rise of the Wikipedia loss at that strength, nats a token.
        curve: the measured points, the plain model first.
    """

    strength: float
    gain: float
    damage: float
    curve: tuple[CostPoint, ...]

    def at(self, strength: float) -> "Recommendation":
        """Gain and damage at another strength, from the same curve."""
        target, wiki = _losses_at(self.curve, strength)
        return Recommendation(strength, self.curve[0].target_loss - target, wiki - self.curve[0].wiki_loss, self.curve)


def recommend(curve: Sequence[CostPoint]) -> Recommendation:
    """The strength with the lowest target loss + ``DAMAGE_WEIGHT`` · Wikipedia loss, in steps of ``STEP``.

    Args:
        curve: points in order of strength, the first at 0 and at least one above. Points that are not finite are left out; if
            fewer than two remain, the result is ``MIN_STRENGTH`` with infinite damage.
    """
    points = tuple(p for p in curve if math.isfinite(p.target_loss) and math.isfinite(p.wiki_loss))
    if len(points) < 2:
        return Recommendation(MIN_STRENGTH, 0.0, math.inf, points)
    candidates = [MIN_STRENGTH + i * STEP for i in range(round((points[-1].strength - MIN_STRENGTH) / STEP) + 1)]

    def objective(strength: float) -> float:
        target, wiki = _losses_at(points, strength)
        return target + DAMAGE_WEIGHT * wiki

    best = min(candidates, key=objective)
    return Recommendation(0.0, 0.0, 0.0, points).at(round(best, 2))


def _losses_at(curve: Sequence[CostPoint], strength: float) -> tuple[float, float]:
    """Target and Wikipedia loss at a strength within the curve."""
    xs = [point.strength for point in curve]
    target, wiki = [point.target_loss for point in curve], [point.wiki_loss for point in curve]
    return pchip(xs, target, strength), pchip(xs, wiki, strength)


def pchip(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Monotone piecewise cubic interpolation at ``x`` (Fritsch and Butland 1984), as SciPy's ``PchipInterpolator``.

    A single polynomial through all points would dip below the plain model's loss before a steep rise and show damage as gain.

    Args:
        xs: ascending, at least two; ``x`` lies within them.
    """
    widths = [b - a for a, b in pairwise(xs)]
    secants = [(b - a) / width for (a, b), width in zip(pairwise(ys), widths, strict=True)]
    if len(secants) == 1:
        tangents = secants * 2
    else:
        inner = [_inner_tangent(*sides) for sides in zip(pairwise(widths), pairwise(secants), strict=True)]
        tangents = [
            _end_tangent(*widths[:2], *secants[:2]), *inner, _end_tangent(*widths[:-3:-1], *secants[:-3:-1])
        ]  # fmt: skip
    i = min(max(bisect_right(xs, x) - 1, 0), len(widths) - 1)
    t = (x - xs[i]) / widths[i]
    rise = secants[i] * widths[i]
    start, end = tangents[i] * widths[i], tangents[i + 1] * widths[i]
    return ys[i] + t * start + t**2 * (3 * rise - 2 * start - end) + t**3 * (start + end - 2 * rise)


def _inner_tangent(widths: tuple[float, float], secants: tuple[float, float]) -> float:
    """Tangent at an inner point: weighted harmonic mean of both secants, 0 if their signs differ."""
    if secants[0] * secants[1] <= 0:
        return 0.0
    first, second = 2 * widths[1] + widths[0], widths[1] + 2 * widths[0]
    return (first + second) / (first / secants[0] + second / secants[1])


def _end_tangent(width: float, next_width: float, secant: float, next_secant: float) -> float:
    """Tangent at the first or last point: that of the parabola through three points, limited so that it does not overshoot."""
    tangent = ((2 * width + next_width) * secant - width * next_secant) / (width + next_width)
    if tangent * secant <= 0:
        return 0.0
    return 3 * secant if secant * next_secant < 0 and abs(tangent) > 3 * abs(secant) else tangent
