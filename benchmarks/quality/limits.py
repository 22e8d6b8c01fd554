"""Effects along a method's strengths, read at limits that no method sets: relevance kept, or neutral cost."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.quality.measures import percentile_interval, resamples
from lineas.evaluation.advice import StrengthReport, fluency
from lineas.evaluation.findings import StrengthPoint

Draws = Any
"""Indices of prompts to use, or one row of them for each of many resamples; None for all prompts."""


def at_relevance(points: Sequence[Mapping[str, Any]], share: float, draws: Draws = None) -> Any:
    """The highest effect of answers that keep at least this share of the plain relevance, interpolated between strengths.

    Returns:
        A number, or an array of one for each resample.
    """
    return _highest([(effect(p, draws), -kept(p, points[0], draws)) for p in points], -share)


def at_cost(points: Sequence[Mapping[str, Any]], cost: float, draws: Draws = None) -> Any:
    """The highest effect at a rise of the neutral loss of at most ``cost``, interpolated between strengths."""
    return _highest([(effect(p, draws), p["cost"]) for p in points], cost)


def _highest(points: Sequence[tuple[Any, Any]], limit: float) -> Any:
    """Largest effect among (effect, price) points, and between neighbours, whose price is at most the limit."""
    reached = [np.where(price <= limit, effect, -np.inf) for effect, price in points]
    with np.errstate(divide="ignore", invalid="ignore"):  # where the price stays the same, nothing is crossed
        for (a, before), (b, after) in pairwise(points):
            between = a + (b - a) * (limit - before) / np.subtract(after, before)
            reached.append(np.where((before <= limit) != (after <= limit), between, -np.inf))
    highest = np.max(np.broadcast_arrays(*reached), axis=0)
    return np.where(highest == -np.inf, points[0][0], highest)


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


def effect(point: Mapping[str, Any], draws: Draws = None) -> Any:
    """The judge's mean score of the answers."""
    return _mean_of(point["scores"], draws)


def kept(point: Mapping[str, Any], plain: Mapping[str, Any], draws: Draws = None) -> Any:
    """Relevance of the answers as a share of the plain answers'."""
    return _mean_of(point["relevances"], draws) / np.maximum(_mean_of(plain["relevances"], draws), 1e-3)


def _mean_of(values: Sequence[float], draws: Draws) -> Any:
    return mean(values) if draws is None else np.asarray(values)[draws].mean(-1)


Curve = Sequence[Mapping[str, Any]]
"""The points of one training, the plain model's first."""


def interval(curves: Sequence[Curve], value: Callable[[Any, Draws], Any]) -> str:
    """Mean over the trainings, and its 95 % interval over resampled prompts and trainings."""
    return _shown(mean([value(points, None) for points in curves]), _resampled_means(curves, value))


def ratio_interval(ours: Sequence[Curve], theirs: Sequence[Curve], value: Callable[[Any, Draws], Any]) -> str:
    """Ratio of two methods' means over the same trainings, and its 95 % interval over the same resamples of both."""
    ratio = mean([value(points, None) for points in ours]) / mean([value(points, None) for points in theirs])
    both = zip(_resampled_means(ours, value), _resampled_means(theirs, value), strict=True)
    return _shown(ratio, [a / b for a, b in both])


def _resampled_means(curves: Sequence[Curve], value: Callable[[Any, Draws], Any]) -> list[float]:
    draws, picks = np.array(resamples(len(curves[0][0]["scores"]))), np.array(resamples(len(curves)))
    values = np.stack([value(curve, draws) for curve in curves], axis=1)  # of each resample and training
    found: list[float] = np.take_along_axis(values, picks, axis=1).mean(1).tolist()
    return found


def _shown(value: float, resampled: Sequence[float]) -> str:
    low, high = percentile_interval(resampled)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)
