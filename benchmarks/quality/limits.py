"""Effects along a method's strengths, read at limits that no method sets: relevance kept, or neutral cost."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.quality.measures import percentile_interval, resamples
from lineas.evaluation.advice import StrengthReport, fluency
from lineas.evaluation.findings import StrengthPoint

Draw = Sequence[int] | None
"""Indices of prompts to use; None for all."""


def at_relevance(points: Sequence[Mapping[str, Any]], share: float, draw: Draw = None) -> float:
    """The highest effect of answers that keep at least this share of the plain relevance, interpolated between strengths."""
    return _highest([(effect(p, draw), -kept(p, points[0], draw)) for p in points], -share)


def at_cost(points: Sequence[Mapping[str, Any]], cost: float, draw: Draw = None) -> float:
    """The highest effect at a rise of the neutral loss of at most ``cost``, interpolated between strengths."""
    return _highest([(effect(p, draw), p["cost"]) for p in points], cost)


def _highest(points: Sequence[tuple[float, float]], limit: float) -> float:
    """Largest effect among (effect, price) points, and between neighbours, whose price is at most the limit."""
    reached = [effect for effect, price in points if price <= limit]
    for (a, before), (b, after) in pairwise(points):
        if (before <= limit) != (after <= limit):
            reached.append(a + (b - a) * (limit - before) / (after - before))
    return max(reached, default=points[0][0])


def recommended(points: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The point that the product's rule recommends; an instruction alone has only one."""
    plain = points[0]
    measures = [_measures(point, plain) for point in points]
    words_only = len(points) == 2
    best = (
        measures[-1] if words_only or len(points) == 1 else StrengthReport(tuple(measures), True).best or measures[1]
    )
    return points[measures.index(best)]


def _measures(point: Mapping[str, Any], plain: Mapping[str, Any]) -> StrengthPoint:
    losses, plain_losses = ([loss for loss in p["losses"] if loss is not None] for p in (point, plain))
    added = point["repetition"] - plain["repetition"]
    ease = fluency(mean(losses), mean(plain_losses), added) if losses else 0.0
    strength = point["strength"] if point is not plain else 0.0
    return StrengthPoint(strength, effect(point), ease, kept(point, plain), added)


def effect(point: Mapping[str, Any], draw: Draw = None) -> float:
    """The judge's mean score of the answers."""
    return mean(_drawn(point["scores"], draw))


def kept(point: Mapping[str, Any], plain: Mapping[str, Any], draw: Draw = None) -> float:
    """Relevance of the answers as a share of the plain answers'."""
    return mean(_drawn(point["relevances"], draw)) / max(mean(_drawn(plain["relevances"], draw)), 1e-3)


def _drawn(values: Sequence[float], draw: Draw) -> Sequence[float]:
    return values if draw is None else [values[i] for i in draw]


Curve = Sequence[Mapping[str, Any]]
"""The points of one training, the plain model's first."""


def interval(curves: Sequence[Curve], value: Callable[[Any, Draw], float]) -> str:
    """Mean over the trainings, and its 95 % interval over resampled prompts and trainings."""
    return _shown(mean([value(points, None) for points in curves]), _resampled_means(curves, value))


def ratio_interval(ours: Sequence[Curve], theirs: Sequence[Curve], value: Callable[[Any, Draw], float]) -> str:
    """Ratio of two methods' means over the same trainings, and its 95 % interval over the same resamples of both."""
    ratio = mean([value(points, None) for points in ours]) / mean([value(points, None) for points in theirs])
    both = zip(_resampled_means(ours, value), _resampled_means(theirs, value), strict=True)
    return _shown(ratio, [a / b for a, b in both])


def _resampled_means(curves: Sequence[Curve], value: Callable[[Any, Draw], float]) -> list[float]:
    draws, picks = resamples(len(curves[0][0]["scores"])), resamples(len(curves))
    return [mean([value(curves[i], draw) for i in pick]) for draw, pick in zip(draws, picks, strict=True)]


def _shown(value: float, resampled: Sequence[float]) -> str:
    low, high = percentile_interval(resampled)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)
