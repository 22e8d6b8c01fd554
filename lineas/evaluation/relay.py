"""Work that tells its caller how far it is, in the caller's own words."""

from collections.abc import Callable, Generator
from typing import TypeVar

from lineas.events import Reading, Step
from lineas.progress import Result

Told = TypeVar("Told")


def relayed(work: Generator[object, None, Result], tell: Callable[[float], Told]) -> Generator[Told, None, Result]:
    """The same work; each event becomes what ``tell`` makes of the share that is done, 0 to 1."""
    furthest = 0.0  # work may be in parts that each count from the beginning
    while True:
        try:
            event = next(work)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        if isinstance(event, Reading):
            furthest = max(furthest, event.done / event.of)
        if isinstance(event, Step):
            furthest = max(furthest, event.step / event.of)
        yield tell(furthest)
