"""How handlers are wired, and how their failures become a sentence on the page."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from lineas.errors import LineasError, describe
from lineas.ui import text as ui_text
from lineas.ui.components import html

log = logging.getLogger("lineas.ui")

Updates = dict[Any, Any]
"""What a handler returns: component → new value. Components that are not named stay as they are."""
Handler = Callable[..., Updates]

HIDDEN: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
"""Options of events that show their own progress. ``show_progress_on`` names no component, or else Gradio goes through all outputs
of an event at each of its steps: a quarter of a core while an answer is written."""

QUIET: dict[str, Any] = {**HIDDEN, "queue": False}
"""Options of events that answer at once: outside the queue, without flicker, not part of the API."""

RAW: dict[str, Any] = {**QUIET, "preprocess": False}
"""Options of events with a list of concepts among their inputs: our handlers, not Gradio's check of the list's value, report a
concept that was deleted meanwhile."""

SEND_STRENGTH = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-use]');
  if (button) trigger('select', { strength: button.dataset.use });
});"""
"""Script of a ``gr.HTML`` with buttons that offer a strength (``data-use``): a click becomes a select event with the strength."""


def sent_strength(event: gr.EventData) -> float:
    """Strength of the button that was pressed, between 0 and 2."""
    return min(2.0, max(0.0, float(event.strength)))


def scroll_to(elem_id: str, to: str = "nearest") -> str:
    """Script that scrolls to an element on phones, where what a click shows stands below the fold; ``to``: "nearest" or "start"."""
    return (
        "() => innerWidth <= 720 && "
        f"document.getElementById('{elem_id}').scrollIntoView({{block: '{to}', behavior: 'smooth'}})"
    )


def error_alert(error: Exception) -> str:
    """An error as HTML. Unexpected ones also go to the log, with their traceback."""
    if not isinstance(error, LineasError):
        log.error("A handler of the studio failed.", exc_info=error)
    return html.alert(ui_text.from_library(describe(error)))


def report_errors(problem: gr.HTML, success: Updates | None = None) -> Callable[[Handler], Handler]:
    """Decorate a handler so that its errors are shown in ``problem``, which is emptied when it succeeds.

    Args:
        success: further updates when the handler succeeds.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def run(*args: Any, **kwargs: Any) -> Updates:
            try:
                return {problem: "", **(success or {}), **handler(*args, **kwargs)}
            except Exception as error:
                return {problem: error_alert(error)}

        return run

    return decorate
