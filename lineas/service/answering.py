"""Answers side by side, as a page or a command line takes them in."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineas.errors import LineasError, describe, device_lost
from lineas.models.fair_lock import FairLock

if TYPE_CHECKING:
    from lineas.generation.generate import Answer, Row, Sampling
    from lineas.models.loaded import LoadedModel


@dataclass
class Comparison(Iterator["list[Answer]"]):
    """The answers as they grow, one list for each state; close it (or set its stop event) to end it early.

    Attributes:
        warning: a sentence where the concept was made on a model of the same shape but other weights.
    """

    warning: str | None
    _answers: "Generator[list[Answer], None, None]" = field(repr=False)

    def __next__(self) -> "list[Answer]":
        return next(self._answers)

    def close(self) -> None:
        self._answers.close()


class Answering:
    """Streams answers and knows how many are being written.

    Args:
        changed: called whenever that number is another.
        lost: called when the device is found to be out of reach for good.
    """

    def __init__(self, lock: FairLock, changed: Callable[[], None], lost: Callable[[], None]) -> None:
        self._lock = lock
        self._changed = changed
        self._lost = lost
        self._guard = threading.Lock()
        self.count = 0

    def stream(
        self,
        model: "LoadedModel",
        prompt: str | Sequence[str],
        rows: "Sequence[Row]",
        sampling: "Sampling",
        stop: threading.Event,
    ) -> "Generator[list[Answer], None, None]":
        """``lineas.generation.generate.stream``, with every error as a LineasError in plain words."""
        from lineas.generation.generate import stream

        with self.working():
            yield from stream(model, prompt, rows, sampling, stop=stop, lock=self._lock)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Counts as an answer while it lasts, so that nobody takes the model away; errors leave in plain words."""
        self._count(1)
        try:
            yield
        except LineasError:
            raise
        except Exception as error:
            if device_lost(error):
                self._lost()
            raise LineasError(describe(error)) from error
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._guard:
            self.count += change
        self._changed()
