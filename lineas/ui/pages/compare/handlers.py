"""What the controls of Compare do: the concept, its strength, how the model gets it, and the example questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import health_card, html, stage
from lineas.ui.context import Context
from lineas.ui.events import QUIET, RAW, Updates, sent_strength
from lineas.ui.page import Frame
from lineas.ui.pages.compare import asking, render, share
from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.layout import ComparePage

if TYPE_CHECKING:
    from lineas.storage import Concept


def wire(ctx: Context, page: ComparePage, frame: Frame) -> None:
    _wire_controls(ctx, page)
    asking.wire(ctx, page)
    share.wire(ctx, page)


def _wire_controls(ctx: Context, page: ComparePage) -> None:
    """The strength, the example questions, the concept's line, how the model gets the concept, and the instruction's field."""
    for button, (_, at) in zip(page.strengths, ui_text.STRENGTH_BUTTONS, strict=True):
        button.click(None, None, page.strength, js=f"() => {at}")
    for button in page.asking.suggestions:
        button.click(None, button, page.asking.prompt, js="(text) => text")
    word, dial = render.strength_word, [page.strength, page.mode]
    page.strength.change(word, dial, page.strength_word, trigger_mode="always_last", **QUIET)

    def find(concept_id: str | None) -> Concept | None:
        return view_state.find_concept(ctx.service.concepts(), concept_id)

    def instruction_for(concept: Concept) -> str:
        known = view_state.known_instruction(concept, ctx.presets)
        return known or ui_text.DEFAULT_INSTRUCTION.format(name=concept.name)

    def written(instruction: str | None) -> bool:
        """Whether the person wrote the instruction."""
        text = (instruction or "").strip()
        return bool(text) and text not in map(instruction_for, ctx.service.concepts())

    def sayable(concept: Concept | None, instruction: str | None) -> bool:
        """Whether there is an instruction, so that the person can choose how the model gets the concept."""
        if concept is None:
            return False
        return bool(view_state.known_instruction(concept, ctx.presets)) or written(instruction)

    def chosen(concept_id: str | None, instruction: str, talk: Talk) -> Updates:
        concept = find(concept_id)
        preset = view_state.preset_like(concept, ctx.presets)
        prompts = dict.fromkeys((*(preset.prompts if preset else ()), *ui_text.PROMPTS))
        updates: Updates = dict(zip(page.asking.suggestions, prompts, strict=False))
        updates[page.health] = health_card.line(concept, ctx.service.snapshot().run)
        hidden = gr.update(visible=False, value="show")
        updates[page.mode] = gr.update(visible=True) if sayable(concept, instruction) else hidden
        if concept and not written(instruction):
            updates[page.instruction] = instruction_for(concept)
        model = ctx.service.snapshot().model
        updates[page.stage_concepts] = stage.concept_chips(ctx.service.concepts(), model, concept_id)
        if not talk.turns:  # the name is there before the first answer
            heading = ui_text.WITH_NAME.format(name=concept.name) if concept else ui_text.STEERED
            updates[page.steered] = html.answer("steered", heading, ui_text.STEERED_EMPTY)
        return updates

    # one listener: with two for the same change, each waiting for its last, Gradio lets one set off the other without end
    outputs = [page.health, page.mode, page.instruction, page.steered, page.stage_concepts, *page.asking.suggestions]
    page.concept.change(chosen, [page.concept, page.instruction, page.talk], outputs, **RAW)

    def recommended(concept_id: str | None) -> Updates:
        concept = find(concept_id)
        if concept is None:
            return {page.mode: gr.skip()}
        return {page.strength: concept.recommended_strength, page.mode: concept.mode}

    # not ``input``, which the list also sends when Tab passes it: a strength that was just set would be lost
    page.concept.select(recommended, page.concept, dial, **RAW)

    def pressed(event: gr.EventData) -> Updates:
        concept = find(str(event.concept))
        return {page.concept: concept.id, **recommended(concept.id)} if concept else {page.concept: gr.skip()}

    page.stage_concepts.select(pressed, None, [page.concept, *dial], **QUIET)

    def advised(concept_id: str | None, mode: str) -> Any:
        concept = find(concept_id)
        return concept.strength_for(mode) if concept and mode != "say" else gr.skip()

    page.mode.input(advised, [page.concept, page.mode], page.strength, **RAW)

    def offer(concept_id: str | None, instruction: str | None) -> Any:
        # what was offered stays: a person may empty the field to write in it anew
        return gr.update(visible=True) if sayable(find(concept_id), instruction) else gr.skip()

    page.instruction.change(offer, [page.concept, page.instruction], page.mode, trigger_mode="always_last", **RAW)
    page.health.select(sent_strength, None, page.strength, **QUIET)

    def reveal(third: bool, strength: float, mode: str) -> Updates:
        return {
            page.instruction: gr.update(visible=third or mode != "show"),
            page.instructed: gr.update(visible=third),
            page.strength_word: word(strength, mode),
        }

    revealed = [page.instruction, page.instructed, page.strength_word]
    changes = [page.instruct.change, page.mode.change]
    shown = gr.on(changes, reveal, [page.instruct, *dial], revealed, trigger_mode="always_last", **QUIET)
    # the strength may have changed in the same moment, and this change was asked with the older one
    shown.then(word, dial, page.strength_word, **QUIET)
