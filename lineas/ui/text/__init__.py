"""Every sentence that the studio shows, in each of its languages: one folder for a language, one file in it for each page.

``text.NAME`` is the sentence in the language of whoever is asking (``speaking``): English unless a page of the studio is. Type
checkers see the English names; each language has all of them, as tests/ui/text/ makes sure.

The readers are not programmers: a trained map is a *concept*, the source examples are "How it talks now", the target examples are
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineas.ui.text.english import *

ENGLISH = "en"
LANGUAGES = {ENGLISH: "english", "de": "german"}
"""Folder of each language, by its code (BCP 47)."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A context in which the sentences are in this language, given by its code."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """Code of the language that is spoken here."""
    return _spoken.get()


def edition(code: str) -> ModuleType:
    """The package with all sentences of a language."""
    return import_module(f"{__name__}.{LANGUAGES[code]}")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(edition(language()), name)
