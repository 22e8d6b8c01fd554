"""The components of the page Strengths."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import fields, html, question
from lineas.ui.context import Context, Now
from lineas.ui.events import SEND_STRENGTH, Updates
from lineas.ui.page import Page
from lineas.ui.pages.strengths import render

TAB = "strengths"


@dataclass(frozen=True)
class StrengthsPage(Page):
    concept: gr.Dropdown
    step: gr.Radio
    top: gr.Radio
    asking: question.Asking
    settings: question.Settings
    filmstrip: gr.HTML
    chart: gr.HTML
    verdict: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [self.concept, self.asking.prompt, self.step, self.top, *self.settings.inputs]

    @property
    def shown(self) -> list[Any]:
        return [*self.asking.controls, self.concept]

    def show(self, now: Now) -> Updates:
        first = next(iter(now.concepts), None)
        controls = self.asking.show(view_state.compare_controls(now.snapshot, TAB in now.busy))
        return {**controls, **fields.show_concepts(self.concept, now, first)}


def build(ctx: Context) -> StrengthsPage:
    gr.HTML(html.title(ui_text.STRENGTHS_TITLE, ui_text.STRENGTHS_LEAD))
    with gr.Row(elem_classes="ls-card ls-steer"):
        with gr.Column(scale=3, min_width=240):
            concept = fields.concept_list("strengths-concept")
        with gr.Column(scale=1, min_width=120):
            step = gr.Radio(ui_text.STEP_CHOICES, value=0.25, label=ui_text.STEP, elem_id="strengths-step")
        with gr.Column(scale=2, min_width=180):
            top = gr.Radio(ui_text.TOP_CHOICES, value=1.5, label=ui_text.TOP, elem_id="strengths-top")
    label, placeholder = ui_text.STRENGTHS_PROMPTS, ui_text.STRENGTHS_PROMPTS_HINT
    asking = question.asking(TAB, ui_text.RUN_STRENGTHS, label=label, placeholder=placeholder, lines=2)
    film = gr.HTML(html.empty(ui_text.FILMSTRIP_EMPTY), elem_id="filmstrip", js_on_load=SEND_STRENGTH)
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(html.card_title(ui_text.STRENGTHS_CHART_TITLE))
        chart = gr.HTML(render.strength_chart([], None), elem_id="strengths-chart")
        verdict = gr.HTML(elem_id="strengths-verdict")
    settings = question.settings(f"{TAB}-", max_new_tokens=40)
    return StrengthsPage(concept, step, top, asking, settings, film, chart, verdict)
