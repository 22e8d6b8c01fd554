"""Work that tells its caller how far it is, in the caller's own words."""

from collections.abc import Callable, Generator

from lineas.models.progress import Result, Told, relayed
from lineas.training.events import Reading, Step


def by_share(work: Generator[object, None, Result], tell: Callable[[float], Told]) -> Generator[Told, None, Result]:
    """The same work; each event becomes what ``tell`` makes of the share that is done, 0 to 1."""
    furthest = 0.0  # work may be in parts that each count from the beginning

    def told(event: object) -> Told:
        nonlocal furthest
        if isinstance(event, Reading):
            furthest = max(furthest, event.done / event.of)
        if isinstance(event, Step):
            furthest = max(furthest, event.step / event.of)
        return tell(furthest)

    return relayed(work, told)
