"""A stream of answers that grow."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it imports torch, and the page must be up before that
    from lineas.generation.listener import Answer


@dataclass
class AnswerStream(Iterator["list[Answer]"]):
    """Yields the growing answers, all of them each time. Close it, or set its stop event, to end it early.

    Attributes:
        warning: a sentence if the concept was made on a model of the same shape but with other weights.
        known: what is known of all answers before the model is asked; empty where nothing is.
    """

    warning: str | None
    _answers: "Generator[list[Answer], None, None]" = field(repr=False)
    known: "list[Answer]" = field(default_factory=list)

    def __next__(self) -> "list[Answer]":
        return next(self._answers)

    def close(self) -> None:
        self._answers.close()
