"""The components of the page Inside."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page


@dataclass(frozen=True)
class InsidePage(Page):
    concept: gr.Dropdown
    problem: gr.HTML
    summary: gr.HTML
    moves: gr.HTML
    health: gr.HTML
    picture: gr.HTML
    provenance: gr.HTML
    table: gr.HTML

    @property
    def shown(self) -> list[Any]:
        return [self.concept]

    @property
    def drawn(self) -> list[Any]:
        """Everything about the chosen concept."""
        return [self.problem, self.summary, self.moves, self.picture, self.table, self.provenance, self.health]

    def show(self, now: Now) -> Updates:
        return fields.show_concepts(self.concept, now, next(iter(now.concepts), None))


def build(ctx: Context) -> InsidePage:
    gr.HTML(html.title(ui_text.INSIDE_TITLE, ui_text.INSIDE_LEAD))
    with gr.Row(elem_classes="ls-card ls-steer"):
        concept = fields.concept_list("inside-concept")
    problem = gr.HTML(elem_id="inside-problem")
    summary = gr.HTML(elem_id="inside-summary")
    moves = gr.HTML(elem_id="inside-moves")
    with gr.Accordion(ui_text.INSIDE_DETAILS, open=False, elem_id="inside-details", elem_classes="ls-advanced"):
        gr.HTML(html.hint(ui_text.INSIDE_DETAILS_LEAD))
        health = gr.HTML(elem_id="inside-health")
        with gr.Row(elem_classes="ls-stack ls-inside"):
            with gr.Column(scale=5, min_width=300):
                picture = gr.HTML(elem_id="inside-picture")
            with gr.Column(scale=4, min_width=280):
                provenance = gr.HTML(elem_id="inside-provenance")
                table = gr.HTML(elem_id="inside-table")
    return InsidePage(concept, problem, summary, moves, health, picture, provenance, table)
