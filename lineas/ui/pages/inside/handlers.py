"""What the page Inside does: draws the concept that is chosen."""

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import health_card
from lineas.ui.context import Context
from lineas.ui.events import RAW, Updates, report_errors
from lineas.ui.page import Frame
from lineas.ui.pages.inside import render
from lineas.ui.pages.inside.layout import InsidePage
from lineas.ui.pages.inside.summary import moves, summary


def wire(ctx: Context, page: InsidePage, frame: Frame) -> None:
    @report_errors(page.problem)
    def draw(concept_id: str | None) -> Updates:
        from lineas.training.planes import from_json

        if concept_id is None:
            return dict.fromkeys(page.drawn, "")
        concept = view_state.find_concept(ctx.service.concepts(), concept_id)
        steering_map = ctx.service.steering_map(concept_id)
        layers, found = render.layers(steering_map), from_json(steering_map.metadata.get("planes", ""))
        return {
            page.summary: summary(steering_map, render.counts(steering_map), render.sentence(layers), found),
            page.moves: moves(found),
            page.picture: render.picture(layers),
            page.table: render.table(layers),
            page.provenance: render.provenance(steering_map, concept),
            page.health: health_card.health(steering_map.metadata.get("health", "")),
        }

    def opened(concept_id: str | None, event: gr.SelectData) -> Updates:
        """Draw when the tab is opened, not before: loading the page does not wait for torch, and a health card comes after the
        training."""
        return draw(concept_id) if event.value == ui_text.INSIDE else {page.problem: gr.skip()}

    page.concept.change(draw, page.concept, page.drawn, **RAW)
    frame.tabs.select(opened, page.concept, page.drawn, **RAW)
