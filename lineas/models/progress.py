"""Progress reports, and generators that do long work in small steps."""

import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Event = TypeVar("Event")
Told = TypeVar("Told")

Progress = Callable[[str, float | None], None]
"""Callback that takes a sentence and the fraction done (0 to 1), or None where that is unknown."""

LAST_PARTS = 10
"""Number of parts whose pace counts in ``TimeLeft``."""


def silent(sentence: str, fraction: float | None) -> None:
    """Ignore progress: the default callback."""


class TimeLeft:
    """Estimates the remaining seconds at the pace of the last parts, which a computer that gets busy changes soon.

    Args:
        of: number of parts.
        done: number of parts that are finished already, in an earlier sitting.
    """

    def __init__(self, of: int, done: int = 0) -> None:
        self._of = of
        self._noted = deque([(time.perf_counter(), done)], maxlen=LAST_PARTS + 1)

    def after(self, done: int) -> float:
        """Seconds that remain when ``done`` parts, more than the last time, are finished now."""
        self._noted.append((time.perf_counter(), done))
        (began, before), (now, _) = self._noted[0], self._noted[-1]
        return (now - began) / (done - before) * (self._of - done)


def finish(work: Generator[Any, None, Result]) -> Result:
    """Run a generator to its end, ignoring its events, and return its result."""
    try:
        while True:
            next(work)
    except StopIteration as end:
        result: Result = end.value
        return result


def relayed(work: Generator[Event, None, Result], tell: Callable[[Event], Told]) -> Generator[Told, None, Result]:
    """Run a generator and yield ``tell(event)`` for each of its events; the result is the same."""
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield tell(event)
