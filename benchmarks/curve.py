"""A method's effect beside its perplexity, along its strengths; and who has more effect where the text reads as well."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from benchmarks.measures import median_perplexity, percentile_interval, resamples
from lineas.evaluation.matched import Trade, effect_within

T = TypeVar("T")
Point = Sequence[Mapping[str, Any]]
"""The answers at one strength: those of each seed, as ``judged`` gives them."""


class Curve:
    """One method on one preset: its answers along its strengths, those of all seeds together."""

    def __init__(self, results: Sequence[Mapping[str, Any]], plain: Sequence[Mapping[str, Any]]) -> None:
        self.strength = statistics.mean(result["recommended"] for result in results)
        self.damage = statistics.mean(result["damage"] for result in results)
        self.seconds = statistics.mean(result["seconds"] for result in results)
        self.best = [result["best"] for result in results]
        others = [list(point) for point in zip(*(result["along"] for result in results), strict=True)]
        points = sorted([self.best, *others], key=lambda point: statistics.mean(p["strength"] for p in point))
        self.points: list[Point] = [[one["best"] for one in plain], *points]
        costs = [statistics.mean(column) for column in zip(*(result["costs"] for result in results), strict=True)]
        known = [(self.damage, self.best), *zip(costs, others, strict=False)]  # one without a dial has no others
        # e to the cost is the factor by which Wikipedia's perplexity grows
        paid = [(math.exp(cost), point) for cost, point in sorted(known, key=lambda entry: entry[0])]
        self.paid = [
            Trade(effect(point), factor, _repetition(point)) for factor, point in [(1.0, self.points[0]), *paid]
        ]
        self.draws = resamples(len(_scores(self.best)) // len(results), len(results))

    def trades(self, chosen: Sequence[int] | None = None) -> list[Trade]:
        return [Trade(effect(point, chosen), perplexity(point, chosen), _repetition(point)) for point in self.points]

    def effect_within(self, limit: float, chosen: Sequence[int] | None = None) -> float:
        """The most effect at this perplexity or a lower one; that of the plain text where even this reads worse."""
        trades = self.trades(chosen)
        reached = effect_within(trades, limit)
        return trades[0].effect if reached is None else reached

    def word(self, name: str) -> float:
        return statistics.mean(point[name] for point in self.best)


def effect(point: Point, chosen: Sequence[int] | None = None) -> float:
    """What the judge hears, on average.

    Args:
        chosen: numbers of the answers that count, all seeds' after each other; None is all.
    """
    return statistics.fmean(_of(_scores(point), chosen))


def perplexity(point: Point, chosen: Sequence[int] | None = None) -> float:
    """The median over answers."""
    return median_perplexity(_of([value for one in point for value in one["perplexities"]], chosen))


def gap(first: Curve, second: Curve, at: Point, chosen: Sequence[int] | None = None) -> float:
    """The first's effect minus the second's, each the most at this point's perplexity or a lower one."""
    limit = perplexity(at, chosen)
    return first.effect_within(limit, chosen) - second.effect_within(limit, chosen)


def difference(lineas: Curve, rival: Curve) -> tuple[float, float, float]:
    """LinEAS's effect minus the rival's at LinEAS's perplexity, and its 95 % interval; both resampled together."""
    gaps = [gap(lineas, rival, lineas.best, chosen) for chosen in lineas.draws]
    return gap(lineas, rival, lineas.best), *percentile_interval(gaps)


def _of(values: Sequence[T], chosen: Sequence[int] | None) -> Sequence[T]:
    return values if chosen is None else [values[i] for i in chosen]


def _scores(point: Point) -> list[float]:
    return [score for one in point for score in one["scores"][0]]


def _repetition(point: Point) -> float:
    return statistics.mean(one["repetition"] for one in point)
