"""The stage view (Compare alone, in large type) and the tour of a first visit. Both live in the browser (assets/stage.js and
tour.js)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import gradio as gr

from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.service.snapshot import ModelState
    from lineas.storage import Concept
TOUR = (
    {"tab": 1, "at": "#answers", "does": "ask"},
    {"tab": 1, "at": "#strength", "does": "slide"},
    {"tab": 1, "at": "#map-choice", "does": ""},
    {"tab": 0, "at": "#wish", "does": ""},
)
"""The tab of each step of the tour, by its place, the CSS selector of what it points at, and what it does by itself."""


def wanted(request: gr.Request) -> bool:
    """Whether the address asks for the stage view (``?stage=1``)."""
    return str(request.query_params.get("stage", "")) not in ("", "0")


def build() -> gr.HTML:
    """The texts of the stage view and the tour, as data for the script."""
    words = {
        "language": ui_text.language(),
        "label": ui_text.TOUR_LABEL,
        "next": ui_text.TOUR_NEXT,
        "skip": ui_text.TOUR_SKIP,
        "end": ui_text.TOUR_END,
        "leave": ui_text.STAGE_LEAVE,
        "steps": [
            {**where, "title": title, "text": text} for where, (title, text) in zip(TOUR, ui_text.TOUR, strict=True)
        ],
    }
    return gr.HTML(f'<div id="ls-words" hidden data-words="{escape(json.dumps(words))}"></div>', elem_id="stage-words")


SEND_CONCEPT = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-concept]');
  if (button) trigger('select', { concept: button.dataset.concept });
});"""
"""Script of the stage's concepts: a click becomes a select event with the concept's id."""
MOST_CONCEPTS = 8
"""Number of concepts on the stage: what fits in one line of a projector's picture."""


def concept_chips(concepts: Sequence[Concept], model: ModelState, chosen: str | None) -> str:
    """The concepts to choose from on the stage: the first that fit the model, and the chosen one."""
    fitting = [c for c in concepts if c.base_model in ("", model.name)]
    shown = fitting[:MOST_CONCEPTS]
    shown += [c for c in fitting[MOST_CONCEPTS:] if c.id == chosen]
    return "".join(
        f'<button type="button" class="ls-copy" data-concept="{escape(c.id)}" aria-pressed="{str(c.id == chosen).lower()}" '
        f'dir="auto">{escape(c.name)}</button>'
        for c in shown
    )


def button() -> str:
    return f'<button type="button" class="ls-copy ls-stage-button" data-stage>{ui_text.STAGE}</button>'
