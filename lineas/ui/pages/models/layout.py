"""The components of the page Model."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page
from lineas.ui.pages.models import render

NO = "no"
"""Value of the choice of weights that are not quantised."""


@dataclass(frozen=True)
class ModelsPage(Page):
    now: gr.HTML
    free: gr.Button
    models: gr.Radio
    name: gr.Textbox
    suggestions: list[gr.Button]
    about: gr.HTML
    quantize: gr.Radio
    quantize_hint: gr.HTML
    look_up: gr.Button
    load: gr.Button
    why: gr.HTML
    problem: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [self.name]

    @property
    def shown(self) -> list[Any]:
        return [self.now, self.free, self.load, self.why]

    def show(self, now: Now) -> Updates:
        controls = render.model_controls(now.snapshot)
        loading = now.snapshot.model.phase == "loading"
        label = ui_text.MODELS_STOP_LOADING if loading else ui_text.MODELS_FREE
        return {
            self.now: render.now(now.snapshot.model),
            self.free: gr.update(interactive=controls.end, value=label),
            self.load: gr.update(interactive=controls.go),
            self.why: html.hint(controls.why),
        }


def build(ctx: Context) -> ModelsPage:
    placeholder, info = (
        (ui_text.MODELS_OTHER_HINT, ui_text.MODELS_OTHER_INFO)
        if ctx.local
        else (ui_text.MODELS_OTHER_HINT_HUB, ui_text.MODELS_OTHER_INFO_HUB)
    )
    gr.HTML(html.title(ui_text.MODELS_TITLE, ui_text.MODELS_LEAD))
    with gr.Row(elem_classes="ls-card ls-now-card"):
        now = gr.HTML(elem_id="model-now")
        free = gr.Button(
            ui_text.MODELS_FREE, elem_id="model-free", size="md", interactive=False, scale=0, min_width=150
        )
    why = fields.hint(ui_text.WHY_LOADING, "model-why")
    problem = gr.HTML(elem_id="model-problem")
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=1, min_width=280, elem_classes="ls-gapped"):
            models = fields.item_list(ui_text.MODELS_HERE, "model-list")
            name = fields.text_field(
                ui_text.MODELS_OTHER, "model-name", placeholder=placeholder, info=info, max_length=1000
            )
            with gr.Row(elem_classes="ls-chips"):
                gr.HTML(html.label(ui_text.MODELS_SUGGESTED), elem_classes="ls-chips-label")
                suggestions = [fields.chip(ui_text.model(m)) for m in ui_text.MODELS_SUGGESTIONS]
        with gr.Column(scale=1, min_width=300, elem_classes="ls-card ls-about-card"):
            about = fields.hint(ui_text.MODELS_NOTHING, "model-about")
            quantize = gr.Radio(
                ui_text.MODELS_QUANTIZE_CHOICES,
                value=ctx.service.model_slot.quantize or NO,
                elem_id="model-quantize",
                visible=False,
                **ui_text.MODELS_QUANTIZE,
            )
            quantize_hint = fields.hint(ui_text.MODELS_NO_QUANTIZE, "model-no-quantize", visible=False)
            with gr.Row(elem_classes="ls-actions"):
                look_up = gr.Button(ui_text.MODELS_LOOK_UP, elem_id="model-look-up", visible=False)
                load = fields.main_button(ui_text.MODELS_LOAD, "model-load", interactive=False)
    return ModelsPage(
        now, free, models, name, suggestions, about, quantize, quantize_hint, look_up, load, why, problem
    )
