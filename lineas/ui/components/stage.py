"""What the page does by itself on a stage and at a first visit: Compare in big type and nothing else, and the tour.

Both live in the browser (assets/stage.js); here is what it needs to know.
"""

from __future__ import annotations

import json
from html import escape

import gradio as gr

from lineas.ui import text as ui_text


def wanted(request: gr.Request) -> bool:
    """Whether the address asks for the stage (``?stage=1``)."""
    return str(request.query_params.get("stage", "")) not in ("", "0")


def build() -> gr.HTML:
    """The words of stage and tour, for the script."""
    steps = [{"at": at, "title": title, "text": text} for at, title, text in ui_text.TOUR_STEPS]
    said = {
        "label": ui_text.TOUR,
        "next": ui_text.TOUR_NEXT,
        "skip": ui_text.TOUR_SKIP,
        "end": ui_text.TOUR_END,
        "leave": ui_text.STAGE_LEAVE,
        "steps": steps,
    }
    return gr.HTML(f'<div id="ls-words" hidden data-words="{escape(json.dumps(said))}"></div>', elem_id="stage-words")
