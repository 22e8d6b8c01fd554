"""Timing on a noisy machine: the candidates take turns, and only medians and ratios are reported."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Seconds of every round, by candidate."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, to: str, scale: float = 1.0) -> str:
        """Median and quartiles of the ratios within each round, times ``scale``: drift between rounds cancels."""
        ratios = [scale * a / b for a, b in zip(self.seconds[name], self.seconds[to], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def alternate(candidates: Mapping[str, Callable[[], object]], rounds: int, warmup: int = 1) -> Timings:
    """Time the candidates in turn, ``rounds`` times after ``warmup`` rounds that do not count."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(warmup + rounds):
        for name, candidate in candidates.items():
            began = time.perf_counter()
            candidate()
            if number >= warmup:
                seconds[name].append(time.perf_counter() - began)
    return Timings(seconds)
