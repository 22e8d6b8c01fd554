"""The components of the page Mix: two to four concepts in an order, each with its strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import fields, html, question
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page
from lineas.ui.pages.mix.render import SLOTS

if TYPE_CHECKING:
    from lineas.generation.listener import Answer

TAB = "mix"
SLOT = ["ls-slot", "ls-steer"]
VACANT = [*SLOT, "vacant"]


@dataclass(frozen=True)
class MixPage(Page):
    rows: list[gr.Row]
    concepts: list[gr.Dropdown]
    strengths: list[gr.Slider]
    ups: list[gr.Button]
    downs: list[gr.Button]
    overlap: gr.HTML
    draw: gr.Button
    asking: question.Asking
    settings: question.Settings
    plain: gr.HTML
    mixed: gr.HTML
    judge: gr.Button
    heard: gr.HTML
    name: gr.Textbox
    save: gr.Button
    saved: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [*self.slots, self.asking.prompt, self.name, *self.settings.inputs]

    @property
    def slots(self) -> list[Any]:
        """Concepts and strengths, as ``render.chosen`` takes their values."""
        return [*self.concepts, *self.strengths]

    @property
    def shown(self) -> list[Any]:
        return [*self.asking.controls, *self.concepts]

    def show(self, now: Now) -> Updates:
        updates = self.asking.show(view_state.compare_controls(now.snapshot, TAB in now.busy))
        if now.listing != now.seen.listing:
            choices = [(ui_text.MIX_NONE, ""), *view_state.concept_choices(now.concepts)]
            first = [concept.id for concept in now.concepts[:2]]
            for number, dropdown in enumerate(self.concepts):
                updates[dropdown] = gr.update(choices=choices)
                if now.opening:
                    updates[dropdown]["value"] = first[number] if number < len(first) else ""
        return updates

    def show_rows(self, slots: Sequence[Any]) -> Updates:
        """Hide the strength and the arrows of rows without a concept."""
        classes = (SLOT if concept_id else VACANT for concept_id in slots[:SLOTS])
        return {row: gr.update(elem_classes=css) for row, css in zip(self.rows, classes, strict=True)}

    def show_answers(self, answers: Sequence[Answer], streaming: bool) -> Updates:
        panels = (
            (self.plain, "plain", ui_text.ORIGINAL, ui_text.ORIGINAL_EMPTY),
            (self.mixed, "steered", ui_text.MIXED, ui_text.MIXED_EMPTY),
        )
        shown: Sequence[Answer | None] = answers or [None, None]
        return {
            panel: html.answer(role, heading, empty, answer, streaming=streaming and not (answer and answer.done))
            for (panel, role, heading, empty), answer in zip(panels, shown, strict=True)
        }


def build(ctx: Context) -> MixPage:
    gr.HTML(html.title(ui_text.MIX_TITLE, ui_text.MIX_LEAD))
    rows, concepts, strengths, ups, downs = [], [], [], [], []
    with gr.Column(elem_classes="ls-card ls-slots"):
        gr.HTML(html.card_title(ui_text.MIX_ORDER))
        for number in range(1, SLOTS + 1):
            with gr.Row(elem_classes=VACANT) as row:
                number_label = f'<span class="ls-number" aria-hidden="true">{number}</span>'
                gr.HTML(number_label, elem_classes="ls-slot-number")
                label, elem_id = ui_text.MIX_SLOT.format(number=number), f"mix-concept-{number}"
                none = [(ui_text.MIX_NONE, "")]
                concepts.append(fields.concept_list(elem_id, label, none, value="", scale=4, min_width=180))
                label, elem_id = ui_text.MIX_STRENGTH.format(number=number), f"mix-strength-{number}"
                strengths.append(fields.strength_slider(label, elem_id, value=0.75, scale=5, min_width=180))
                with gr.Row(elem_classes="ls-movers"):
                    if number > 1:
                        ups.append(_arrow(number, up=True))
                    if number < SLOTS:
                        downs.append(_arrow(number, up=False))
            rows.append(row)
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(html.card_title(ui_text.MIX_OVERLAP_TITLE))
        overlap = gr.HTML(html.empty(ui_text.MIX_OVERLAP_EMPTY), elem_id="mix-overlap")
    asking = question.asking(TAB, ui_text.MIX_BUTTON)
    with gr.Row(equal_height=True, elem_classes="ls-stack ls-panels"):
        plain = gr.HTML(html.answer("plain", ui_text.ORIGINAL, ui_text.ORIGINAL_EMPTY), elem_id="mix-plain")
        mixed = gr.HTML(html.answer("steered", ui_text.MIXED, ui_text.MIXED_EMPTY), elem_id="mix-output")
    with gr.Column(elem_classes="ls-card ls-heard"):
        gr.HTML(html.card_title(ui_text.MIX_HEARD_TITLE))
        heard = gr.HTML(html.empty(ui_text.MIX_HEARD_EMPTY), elem_id="mix-heard")
        with gr.Row(elem_classes="ls-actions"):
            judge = gr.Button(ui_text.MIX_HEARD_BUTTON, elem_id="mix-judge", scale=0, min_width=240, interactive=False)
    with gr.Row(elem_classes="ls-actions"):
        name = fields.text_field(
            ui_text.MIX_NAME, "mix-name", placeholder=ui_text.MIX_NAME_HINT, max_length=80, scale=4
        )
        save = gr.Button(ui_text.MIX_SAVE_BUTTON, elem_id="mix-save", scale=1)
    saved = gr.HTML(elem_id="mix-saved")
    settings = question.settings(f"{TAB}-", max_new_tokens=80)
    draw = gr.Button("", visible="hidden", elem_id="mix-draw")  # pressed by a script (handlers.DRAW_SOON)
    return MixPage(
        rows=rows, concepts=concepts, strengths=strengths, ups=ups, downs=downs, overlap=overlap, draw=draw,
        asking=replace(asking, go=[*asking.go, judge]), settings=settings, plain=plain, mixed=mixed, judge=judge, heard=heard,
        name=name, save=save, saved=saved,
    )  # fmt: skip


def _arrow(number: int, up: bool) -> gr.Button:
    """A button whose words are for screen readers; the stylesheet draws the arrow."""
    return gr.Button(
        ui_text.mix_move(number, up),
        size="sm",
        elem_id=f"mix-{'up' if up else 'down'}-{number}",
        elem_classes=["ls-arrow", "up" if up else "down"],
        min_width=44,
        scale=0,
    )
