"""A conversation: questions one after the other, each side with its own answers to them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.pages.compare import record
from lineas.ui.pages.compare.record import Exchange

if TYPE_CHECKING:
    from lineas.generation.prompts import Turn


@dataclass(frozen=True)
class Talk:
    """What was said on a page, oldest turn first.

    Attributes:
        editing: number of the question that is being written anew; the next one takes its place and ends what came after it.
        cleared: what "New conversation" took away, until the next question.
    """

    turns: tuple[Exchange, ...] = ()
    editing: int | None = None
    cleared: tuple[Exchange, ...] = ()

    def before_next(self) -> tuple[Exchange, ...]:
        """The turns that a new question follows."""
        return self.turns if self.editing is None else self.turns[: self.editing]

    def edit(self, number: int) -> Talk:
        """Begin to write a question anew, or leave it as it was."""
        return replace(self, editing=None if self.editing == number else number)

    def clear(self) -> Talk:
        """Begin anew, or take that back."""
        return Talk(self.cleared) if self.cleared else Talk(cleared=self.turns)


def histories(turns: Iterable[Exchange], roles: Iterable[str]) -> list[tuple[Turn, ...]]:
    """What each side said and was asked, for ``Row.earlier``. A side that had no answer to a question was not asked it."""
    found: list[tuple[Turn, ...]] = []
    for role in roles:
        said: list[Turn] = []
        for turn in turns:
            for answer in turn.answers:
                if answer.role == role:
                    said += [("user", turn.question.prompt), ("assistant", answer.text)]
        found.append(tuple(said))
    return found


def as_markdown(turns: tuple[Exchange, ...]) -> str:
    """All turns as Markdown; one alone as a comparison."""
    return "\n".join(map(record.as_markdown, turns))


def as_json(turns: tuple[Exchange, ...]) -> str:
    """All turns as JSON; one alone as a comparison."""
    if len(turns) == 1:
        return record.as_json(turns[0])
    kept = {"format": "lineas-conversation", "turns": [record.as_data(turn) for turn in turns]}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def editing_hint(talk: Talk) -> str:
    return ui_text.EDITING.format(number=talk.editing + 1) if talk.editing is not None else ""
