"""The contract between the pages and the studio around them: a page knows these protocols, never the studio."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import gradio as gr

from lineas.ui.context import Now, Seen
from lineas.ui.events import Updates


class Page(Protocol):
    """The components of one tab."""

    @property
    def shown(self) -> list[Any]:
        """Components that ``show`` may change."""

    @property
    def draft(self) -> list[Any]:
        """Components whose values the browser keeps, so that a refresh loses nothing."""
        return []

    def show(self, now: Now) -> Updates:
        """Redraw the page."""

    @property
    def restored(self) -> list[Any]:
        """Components that ``restore`` may change."""
        return []

    def restore(self, draft: Mapping[Any, Any]) -> Updates:
        """Bring back, after a refresh, what follows from the values of ``draft``."""
        return {}


class Frame(Protocol):
    """What handlers may ask of the studio around their page."""

    @property
    def seen(self) -> gr.State:
        """State with this browser page's ``Seen``, an input of every handler that calls ``refresh``."""

    @property
    def tabs(self) -> gr.Tabs:
        """The tabs; their ``select`` event tells which one was opened."""

    @property
    def choosers(self) -> list[gr.Dropdown]:
        """Every list in which a concept is chosen, Compare's first."""

    @property
    def refreshed(self) -> list[Any]:
        """Components that ``refresh`` may change."""

    def refresh(self, seen: Seen, request: gr.Request, follow: str = "") -> Updates:
        """Redraw all pages if anything changed since ``seen``.

        Args:
            follow: id of a run that this browser page has just started or continued. Its concept is chosen when it is ready.
        """

    def forget(self, updates: Updates, chosen: Sequence[str | None]) -> Updates:
        """Add to ``updates`` that deleted concepts are no longer chosen. ``chosen`` holds the values of ``choosers``."""

    @property
    def opened(self) -> list[Any]:
        """Components that the ways to other pages below may change, and those of ``refresh``."""

    def open_compare(
        self, concept_id: str | None, strength: float, question: str | None = None, mode: str = "show"
    ) -> Updates:
        """Open Compare with a concept, its strength and mode, and a question (None: the question stays)."""

    def open_inside(self, concept_id: str) -> Updates:
        """Open Inside with a concept."""

    def open_teach(self, written: list[str], name: str, source: Sequence[str], target: Sequence[str]) -> Updates:
        """Open Teach with a name and sentences. ``written`` holds the values of ``lesson``, which the person can bring back."""

    @property
    def lesson(self) -> list[gr.Textbox]:
        """The boxes of Teach: name, source, target."""

    def try_taught(self, chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        """Open Compare with the concept of the run that is shown. If that is ``chosen`` there already, its strength stays."""
