"""Around every handler: a problem becomes a sentence on the page, never a red pill or a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from lineas.errors import LineasError, describe
from lineas.ui.components import html as parts

log = logging.getLogger("lineas.ui")

Updates = dict[Any, Any]
"""What a handler returns: component → its new value; components that are not named stay as they are."""

HIDDEN: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
"""How events are wired that show their progress themselves. On no component, or else Gradio would go through all that any event
may change, at each step of each event: a quarter of a core while an answer is written."""

QUIET: dict[str, Any] = {**HIDDEN, "queue": False}
"""How events are wired that answer at once: not in the queue, no flicker, not part of the API."""

RAW: dict[str, Any] = {**QUIET, "preprocess": False}
"""A concept that was deleted meanwhile is for our handlers to tell, not for Gradio's check of a list's value."""


USE = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-use]');
  if (button) trigger('select', { strength: button.dataset.use });
});"""
"""Script of a ``gr.HTML`` with buttons that offer a strength (``data-use``): it tells which one was pressed."""


def used(event: gr.EventData) -> float:
    """The strength of the button that was pressed."""
    return min(2.0, max(0.0, float(event.strength)))


def bring_into_view(elem_id: str) -> str:
    """Script: on a phone, what was chosen on a list is told further down."""
    return (
        "() => innerWidth <= 720 && "
        f"document.getElementById('{elem_id}').scrollIntoView({{block: 'nearest', behavior: 'smooth'}})"
    )


def trouble(error: Exception) -> str:
    """The problem as a piece of the page; one that nobody foresaw goes to the log with its traceback."""
    if not isinstance(error, LineasError):
        log.error("A handler of the studio failed.", exc_info=error)
    return parts.alert(describe(error))


def told(problem: gr.HTML) -> Callable[[Callable[..., Updates]], Callable[..., Updates]]:
    """Show what goes wrong in ``problem``, and empty it when all went well."""

    def decorate(handler: Callable[..., Updates]) -> Callable[..., Updates]:
        @wraps(handler)
        def safely(*args: Any, **kwargs: Any) -> Updates:
            try:
                return {problem: "", **handler(*args, **kwargs)}
            except Exception as error:
                return {problem: trouble(error)}

        return safely

    return decorate
