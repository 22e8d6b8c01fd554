"""The stage view (Compare alone, in large type) and the tour of a first visit. Both live in the browser (assets/stage.js and
tour.js)."""

import json
from html import escape

import gradio as gr

from lineas.ui import text as ui_text

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


def button() -> str:
    return f'<button type="button" class="ls-copy ls-stage-button" data-stage>{ui_text.STAGE}</button>'
