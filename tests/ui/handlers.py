"""Calling a page's handlers without a port, as Gradio calls them."""

from types import SimpleNamespace
from typing import Any

from lineas.ui.context import Seen

REQUEST = SimpleNamespace(session_hash="page", query_params={})
TEACH_DEFAULTS = ("quick", 0, 0, 100, 0, "default", "")
"""Values under Advanced on a fresh page of Teach, but without a preview."""
CHOOSERS = ("map-choice", "strengths-concept", "inside-concept")


def handler(blocks: Any, name: str, page: str = "") -> Any:
    """Return the function that handles an event; ``page`` tells apart pages with functions of one name."""
    wanted = f"lineas.ui.pages.{page}." if page else "lineas.ui."
    functions = [fn.fn for fn in blocks.fns.values()]
    return next(f for f in functions if getattr(f, "__name__", "") == name and f.__module__.startswith(wanted))


def by_id(updates: dict[Any, Any]) -> dict[str, Any]:
    """Updates by element id, or by the component's type if it has none."""
    return {component.elem_id or type(component).__name__: value for component, value in updates.items()}


def call(blocks: Any, name: str, *args: Any, page: str = "") -> dict[str, Any]:
    return by_id(handler(blocks, name, page)(*args))


def here() -> tuple[Any, Any]:
    """What a page that has shown nothing yet sends along: its ``Seen`` and its request."""
    return Seen(0), REQUEST


class Page:
    """One open page. What it has seen goes from each of its events to the next."""

    def __init__(self, blocks: Any, stage: bool = False) -> None:
        self.blocks, self.stage = blocks, stage
        self.seen = Seen()
        self.opened = self.keep(handler(blocks, "open")(None, REQUEST))

    def keep(self, updates: dict[Any, Any]) -> dict[str, Any]:
        self.seen = next((value for value in updates.values() if isinstance(value, Seen)), self.seen)
        return by_id(updates)

    def press(self, name: str, *inputs: Any) -> dict[str, Any]:
        return self.keep(handler(self.blocks, name)(*inputs, self.seen, REQUEST))

    def hear(self, choosing: bool = False) -> dict[str, Any]:
        """Ask for news; ``choosing``: while a list is open."""
        return self.keep(handler(self.blocks, "catch_up")(self.seen, choosing, self.stage, REQUEST, *[None] * 7))

    def chosen(self) -> list[str | None]:
        """The concepts that the page chooses by itself after news."""
        updates = self.hear()
        return [updates.get(place, {}).get("value") for place in CHOOSERS]
