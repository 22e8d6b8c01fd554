"""A method's effect along its strengths, against the perplexity of its answers or its cost on Wikipedia."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from benchmarks.quality.measures import median_perplexity, percentile_interval, resamples
from benchmarks.quality.recommend import Recommendation
from benchmarks.quality.results import Result
from lineas.evaluation.effect_at_cost import TradeOff, effect_at_cost

Item = TypeVar("Item")
Point = Sequence[Result]
"""The answers at one strength: an entry of ``judge_answers`` for each seed."""
Draw = Sequence[int] | None
"""Indices of the answers to use, counted through all seeds; None for all answers."""


class Curve:
    """One method on one preset: its answers along its strengths, of all seeds together."""

    def __init__(self, results: Sequence[Result], plain: Sequence[Result]) -> None:
        self.strength = statistics.mean(result["recommended"] for result in results)
        self.cost = statistics.mean(result["damage"] for result in results)
        self.seconds = statistics.mean(result["seconds"] for result in results)
        self.best = [result["best"] for result in results]
        others = [list(point) for point in zip(*(result["along"] for result in results), strict=True)]
        points = sorted([self.best, *others], key=lambda point: statistics.mean(p["strength"] for p in point))
        self.points: list[Point] = [[one["best"] for one in plain], *points]
        costs = [statistics.mean(column) for column in zip(*(result["costs"] for result in results), strict=True)]
        known = [(self.cost, self.best), *zip(costs, others, strict=False)]  # prompting has no other strengths
        self.costs = [(0.0, self.points[0]), *sorted(known, key=lambda entry: entry[0])]
        self.draws = resamples(len(_scores(self.best)) // len(results), len(results))

    def by_perplexity(self, draw: Draw = None) -> list[TradeOff]:
        """Effect against the perplexity of the answers."""
        return [TradeOff(effect(point, draw), perplexity(point, draw), _repetition(point)) for point in self.points]

    def by_cost(self, draw: Draw = None) -> list[TradeOff]:
        """Effect against the factor by which the Wikipedia perplexity grows, exp(cost)."""
        return [TradeOff(effect(point, draw), math.exp(cost), _repetition(point)) for cost, point in self.costs]

    def effect_at_perplexity(self, limit: float, draw: Draw = None) -> float:
        """The highest effect with answers of at most this perplexity."""
        return _highest(self.by_perplexity(draw), limit)

    def effect_at_cost(self, cost: float, draw: Draw = None) -> float:
        """The highest effect at a cost of at most this rise of the Wikipedia loss, in nats per token."""
        return _highest(self.by_cost(draw), math.exp(max(0.0, cost)))  # the plain model is always allowed


def curve_numbers(best: Recommendation, seconds: float) -> dict[str, Any]:
    """The numbers that a ``Curve`` needs besides answers: strength and cost recommended, costs along the range, seconds."""
    costs = [point.wiki_loss - best.curve[0].wiki_loss for point in best.curve[1:]]
    return {"recommended": best.strength, "damage": best.damage, "costs": costs, "seconds": seconds}


def effect(point: Point, draw: Draw = None) -> float:
    """The judge's mean score of the answers."""
    return statistics.fmean(_drawn(_scores(point), draw))


def perplexity(point: Point, draw: Draw = None) -> float:
    """The median perplexity of the answers."""
    return median_perplexity(_drawn([value for one in point for value in one["perplexities"]], draw))


def gap_at_own_perplexity(lineas: Curve, baseline: Curve) -> tuple[float, float, float]:
    """How far LinEAS's effect is above the baseline's at LinEAS's perplexity, with its 95 % interval (paired resampling)."""

    def gap(draw: Draw) -> float:
        limit = perplexity(lineas.best, draw)
        return lineas.effect_at_perplexity(limit, draw) - baseline.effect_at_perplexity(limit, draw)

    return with_interval(gap, lineas.draws)


def with_interval(value: Callable[[Draw], float], draws: Iterable[Sequence[int]]) -> tuple[float, float, float]:
    """The value over all answers, and its 95 % interval over the resamples."""
    return value(None), *percentile_interval([value(draw) for draw in draws])


def _highest(trades: Sequence[TradeOff], limit: float) -> float:
    """The highest effect within the limit, or the plain model's where even that is beyond it."""
    reached = effect_at_cost(trades, limit)
    return trades[0].effect if reached is None else reached


def _drawn(values: Sequence[Item], draw: Draw) -> Sequence[Item]:
    return values if draw is None else [values[i] for i in draw]


def _scores(point: Point) -> list[float]:
    return [score for one in point for score in one["scores"][0]]


def _repetition(point: Point) -> float:
    return float(statistics.mean(one["repetition"] for one in point))
