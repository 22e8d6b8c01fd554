"""The page Inside: which layers of the model a concept moves, and where the concept comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import health_card as health_view
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Now
from lineas.ui.events import RAW, Updates, told
from lineas.ui.pages.inside import render as inside_view

if TYPE_CHECKING:
    from lineas.ui.studio import Studio


@dataclass(frozen=True)
class InsidePage:
    concept: gr.Dropdown
    problem: gr.HTML
    picture: gr.HTML
    table: gr.HTML
    provenance: gr.HTML
    health: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return []

    @property
    def shown(self) -> list[Any]:
        return [self.concept]

    @property
    def drawn(self) -> list[Any]:
        return [self.problem, self.picture, self.table, self.provenance, self.health]

    def show(self, now: Now) -> Updates:
        if now.listing == now.seen.listing:
            return {}
        choices = view.concept_choices(now.concepts)
        opened = now.seen.version < 0 and choices
        chosen_id = choices[0][1] if opened else now.arrived.id if now.arrived else None
        return {self.concept: gr.update(choices=choices, value=chosen_id) if chosen_id else gr.update(choices=choices)}


def build(ctx: Context) -> InsidePage:
    gr.HTML(parts.title(ui_text.INSIDE_TITLE, ui_text.INSIDE_LEAD))
    with gr.Row(elem_classes="ls-card ls-steer"):
        concept = gr.Dropdown([], label=ui_text.CONCEPT, elem_id="inside-concept", elem_classes="ls-select")
    problem = gr.HTML(elem_id="inside-problem")
    health = gr.HTML(elem_id="inside-health")
    with gr.Row(elem_classes="ls-stack ls-inside"):
        with gr.Column(scale=5, min_width=300):
            picture = gr.HTML(elem_id="inside-picture")
        with gr.Column(scale=4, min_width=280):
            provenance = gr.HTML(elem_id="inside-provenance")
            table = gr.HTML(elem_id="inside-table")
    return InsidePage(
        concept=concept, problem=problem, picture=picture, table=table, provenance=provenance, health=health
    )


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.inside

    @told(page.problem)
    def draw(concept_id: str | None) -> Updates:
        if concept_id is None:
            return dict.fromkeys(page.drawn, "")
        concept = view.find_concept(ctx.service.concepts(), concept_id)
        steering_map = ctx.service.steering_map(concept_id)
        layers = inside_view.layers(steering_map)
        return {
            page.picture: inside_view.picture(layers),
            page.table: inside_view.table(layers),
            page.provenance: inside_view.provenance(steering_map, concept),
            page.health: health_view.health(steering_map.metadata.get("health", "")),
        }

    def opened(concept_id: str | None, event: gr.SelectData) -> Updates:
        """The tab is drawn when it is opened, not before: no page waits for torch, and a health card comes after the teaching."""
        return draw(concept_id) if event.value == ui_text.INSIDE else {page.problem: gr.skip()}

    page.concept.change(draw, page.concept, page.drawn, **RAW)
    studio.tabs.select(opened, page.concept, page.drawn, **RAW)
