"""Progress reports, and generators that do long work in small steps."""

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Event = TypeVar("Event")
Told = TypeVar("Told")

Progress = Callable[[str, float | None], None]
"""Callback that takes a sentence and the fraction done (0 to 1), or None where that is unknown."""


def silent(sentence: str, fraction: float | None) -> None:
    """Ignore progress: the default callback."""


def seconds_left(began: float, done: int, of: int) -> float:
    """Estimate the remaining seconds at the pace so far.

    Args:
        began: start time by ``time.perf_counter``.
        done: finished parts, at least 1.
        of: number of parts.
    """
    return (time.perf_counter() - began) / done * (of - done)


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
