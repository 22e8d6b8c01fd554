"""A method's effect beside its perplexity, along its strengths; and who has more effect where the text reads as well."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from benchmarks.measures import median_perplexity, percentile_interval, resamples
from lineas.evaluation.effect_at_cost import TradeOff, effect_at_cost
from lineas.evaluation.recommend import Recommendation

T = TypeVar("T")
Point = Sequence[Mapping[str, Any]]
"""The answers at one strength: those of each seed, as ``judged`` gives them."""
Chosen = Sequence[int] | None
"""Numbers of the answers that count, all seeds' after each other; None is all."""


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
        known = [
            (self.damage, self.best),
            *zip(costs, others, strict=False),
        ]  # an instruction has no other strengths
        self.costs = [(0.0, self.points[0]), *sorted(known, key=lambda entry: entry[0])]
        self.draws = resamples(len(_scores(self.best)) // len(results), len(results))

    def trades(self, chosen: Chosen = None) -> list[TradeOff]:
        """Effect, and the perplexity of the answers."""
        return [
            TradeOff(effect(point, chosen), perplexity(point, chosen), _repetition(point)) for point in self.points
        ]

    def paid(self, chosen: Chosen = None) -> list[TradeOff]:
        """Effect, and the factor by which Wikipedia's perplexity grows: e to the cost."""
        return [TradeOff(effect(point, chosen), math.exp(cost), _repetition(point)) for cost, point in self.costs]

    def effect_within(self, limit: float, chosen: Chosen = None) -> float:
        """The most effect at this perplexity of the answers or a lower one."""
        return _most(self.trades(chosen), limit)

    def effect_for(self, cost: float, chosen: Chosen = None) -> float:
        """The most effect at this rise of the Wikipedia loss, in nats a token, or a smaller one."""
        return _most(self.paid(chosen), math.exp(max(0.0, cost)))  # below 0 is free

    def word(self, name: str) -> float:
        return statistics.mean(point[name] for point in self.best)


def numbers(best: Recommendation, seconds: float) -> dict[str, Any]:
    """What a ``Curve`` wants to know of a method besides its answers: its own strength, the costs along its range, and the time."""
    costs = [point.wiki_loss - best.curve[0].wiki_loss for point in best.curve[1:]]
    return {"recommended": best.strength, "damage": best.damage, "costs": costs, "seconds": seconds}


def effect(point: Point, chosen: Chosen = None) -> float:
    """What the judge hears, on average."""
    return statistics.fmean(_of(_scores(point), chosen))


def perplexity(point: Point, chosen: Chosen = None) -> float:
    """The median over answers."""
    return median_perplexity(_of([value for one in point for value in one["perplexities"]], chosen))


def difference(lineas: Curve, rival: Curve) -> tuple[float, float, float]:
    """LinEAS's effect minus the rival's at LinEAS's perplexity, and its 95 % interval; both resampled together."""

    def gap(chosen: Chosen) -> float:
        limit = perplexity(lineas.best, chosen)
        return lineas.effect_within(limit, chosen) - rival.effect_within(limit, chosen)

    return with_interval(gap, lineas.draws)


def with_interval(value: Callable[[Chosen], float], draws: Iterable[Sequence[int]]) -> tuple[float, float, float]:
    """The value of all answers, and its 95 % interval over the resampled ones."""
    return value(None), *percentile_interval([value(chosen) for chosen in draws])


def _most(trades: Sequence[TradeOff], limit: float) -> float:
    """That of the plain text where even this is beyond the limit."""
    reached = effect_at_cost(trades, limit)
    return trades[0].effect if reached is None else reached


def _of(values: Sequence[T], chosen: Chosen) -> Sequence[T]:
    return values if chosen is None else [values[i] for i in chosen]


def _scores(point: Point) -> list[float]:
    return [score for one in point for score in one["scores"][0]]


def _repetition(point: Point) -> float:
    return statistics.mean(one["repetition"] for one in point)
