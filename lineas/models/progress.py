"""How long work tells how far it is."""

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Event = TypeVar("Event")
Told = TypeVar("Told")

Progress = Callable[[str, float | None], None]
"""Called with a sentence, and how much of it is done (0 to 1), or None where nobody can tell."""


def silent(sentence: str, fraction: float | None) -> None:
    """Tells nobody."""


def seconds_left(began: float, done: int, of: int) -> float:
    """At the pace so far: ``done`` parts, at least 1, of ``of`` took the time since ``began`` (``time.perf_counter``)."""
    return (time.perf_counter() - began) / done * (of - done)


def finish(work: Generator[Any, None, Result]) -> Result:
    """Runs work that pauses to let others in (``yield``) to its end, without a pause, and returns its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


def relayed(work: Generator[Event, None, Result], tell: Callable[[Event], Told]) -> Generator[Told, None, Result]:
    """The same work; each of its events becomes what ``tell`` makes of it."""
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield tell(event)
