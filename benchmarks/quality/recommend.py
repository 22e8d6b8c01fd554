"""Recommend a strength from the losses over λ: as much of the target as possible for as little damage as possible.

The older suites compare methods at this strength. The product recommends from answers (``lineas.evaluation.advice``).
"""

import math
from bisect import bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lineas.evaluation.findings import CostPoint
from lineas.evaluation.metrics.cost import cost_curve
from lineas.evaluation.strength_range import has_strength, range_end
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Reading

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


def recommend_in_range(
    model: LoadedModel, steering: Steering, target: Sequence[str], wiki: Sequence[str]
) -> Generator[Reading, None, Recommendation]:
    """``recommend`` within the method's own range; the result's curve is the measured one, the plain model first."""
    if not has_strength(steering):
        curve = yield from cost_curve(model, steering, target, wiki, (0.0, 1.0))
        return Recommendation(0.0, 0.0, 0.0, tuple(curve)).at(1.0)
    unit = (yield from range_end(model, steering, wiki)) / STRENGTHS[-1]
    curve = yield from cost_curve(model, steering, target, wiki, [unit * strength for strength in STRENGTHS])
    scaled = [replace(point, strength=strength) for point, strength in zip(curve, STRENGTHS, strict=True)]
    best = recommend(scaled)
    return replace(best, strength=float(f"{best.strength * unit:.2g}"), curve=tuple(curve))


def strength_at_damage(curve: Sequence[tuple[float, float]], damage: float) -> float:
    """Strength at which the damage is reached, interpolated linearly; at most the last measured strength.

    Args:
        curve: (strength, damage) in order of strength, from (0, 0). Nothing after a damage that is not finite is used.
    """
    for (low, before), (high, after) in pairwise(curve):
        if not after < damage:  # also if it is NaN
            return low if not math.isfinite(after) else low + (high - low) * (damage - before) / (after - before)
    return curve[-1][0]
