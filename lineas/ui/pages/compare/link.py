"""Settings of Compare as a link: ``?concept=…&strength=…&q=…`` opens the page with a concept, its strength and a question.

The concept is named, not numbered: people who added it on another computer open the same link there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lineas.storage import MODES
from lineas.storage.names import clean_name

if TYPE_CHECKING:
    from lineas.storage import Concept

LONGEST = 2000
"""Characters of a question in a link. Browsers and messengers cut longer addresses off."""
COPY_LINK = "(link) => window.lineasLink(link)"
FORGET = """() => {
  const address = new URL(location);
  ["concept", "strength", "q", "mode"].forEach((name) => address.searchParams.delete(name));
  history.replaceState(null, "", address);
}"""
"""Script that takes the settings out of the address once they are on the page, so that a refresh keeps what was changed since."""


@dataclass(frozen=True)
class Link:
    """What a link asks for; every part may be missing.

    Attributes:
        concept: name or id of a concept.
        strength: λ between 0 and 2; None: the advised one.
        mode: one of ``MODES``; empty: the advised one.
    """

    concept: str = ""
    strength: float | None = None
    question: str = ""
    mode: str = ""

    def __bool__(self) -> bool:
        return bool(self.concept or self.question)

    def to_query(self) -> str:
        strength = "" if self.strength is None else f"{self.strength:g}"
        given = {"concept": self.concept, "strength": strength, "mode": self.mode, "q": self.question[:LONGEST]}
        return urlencode({key: value for key, value in given.items() if value})

    def find(self, concepts: Sequence[Concept]) -> Concept | None:
        """The concept of this id, or else the first of this name, in upper or lower case."""
        wanted = self.concept.casefold()
        by_rank = [c for c in concepts if c.id == self.concept], [c for c in concepts if c.name.casefold() == wanted]
        return next((found[0] for found in by_rank if found), None)


def read(query: Mapping[str, str]) -> Link:
    """Read the parameters of an address, in which anything may stand."""
    strength = None
    with suppress(ValueError):
        number = float(query.get("strength", ""))
        strength = min(max(number, 0.0), 2.0) if math.isfinite(number) else None
    mode = query.get("mode", "")
    return Link(
        concept=clean_name(query.get("concept", ""), otherwise=""),
        strength=strength,
        question=query.get("q", "")[:LONGEST],
        mode=mode if mode in MODES else "",
    )
