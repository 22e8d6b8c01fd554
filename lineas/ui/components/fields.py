"""Form fields that look the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html
from lineas.ui.context import Now
from lineas.ui.events import Updates

if TYPE_CHECKING:
    from lineas.storage import Concept


def main_button(label: str, elem_id: str, **options: Any) -> gr.Button:
    """The button of a page's main action."""
    return gr.Button(label, variant="primary", elem_id=elem_id, **options)


def chip(label: str, elem_id: str | None = None, css: str = "ls-chip", **options: Any) -> gr.Button:
    """A small round button."""
    return gr.Button(label, size="sm", elem_id=elem_id, elem_classes=css, **options)


def text_field(label: str, elem_id: str, **options: Any) -> gr.Textbox:
    return gr.Textbox(label=label, elem_id=elem_id, elem_classes="ls-field", **options)


def hint(sentence: str, elem_id: str, **options: Any) -> gr.HTML:
    return gr.HTML(html.hint(sentence), elem_id=elem_id, **options)


def item_list(label: str, elem_id: str) -> gr.Radio:
    """A list of concepts, runs or models; a label's second line is its small print."""
    return gr.Radio([], label=label, elem_id=elem_id, elem_classes="ls-shelf")


def concept_list(elem_id: str, label: str = "", choices: Any = (), **options: Any) -> gr.Dropdown:
    """A list in which a concept is chosen. It is filled when the page opens (see ``show_concepts``)."""
    return gr.Dropdown(
        [*choices], label=label or ui_text.CONCEPT, elem_id=elem_id, elem_classes="ls-select", **options
    )


def strength_slider(label: str, elem_id: str, value: float, **options: Any) -> gr.Slider:
    slider = gr.Slider(0, 2, value=value, step=0.05, label=label, elem_id=elem_id, buttons=[], **options)
    take = slider.preprocess
    # who types 15 on the way to 1.5 has made no mistake; Gradio's own answer is an error in English, and a traceback
    slider.preprocess = lambda payload: take(min(2.0, max(0.0, payload or 0.0)))  # type: ignore[method-assign]
    return slider


def show_concepts(dropdown: gr.Dropdown, now: Now, first: Concept | None) -> Updates:
    """Update a list of concepts if it has changed. See ``Now.choice`` for ``first``."""
    if now.listing == now.seen.listing:
        return {}
    update = gr.update(choices=view_state.concept_choices(now.concepts))
    if chosen := now.choice(first):
        update["value"] = chosen.id
    return {dropdown: update}
