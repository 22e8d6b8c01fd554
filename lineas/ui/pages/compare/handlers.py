"""What the page Compare does: asks, shows both answers as they grow, asks again, and stops."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import health_card, html
from lineas.ui.components.question import stream_answers
from lineas.ui.context import Context
from lineas.ui.events import HIDDEN, QUIET, RAW, Updates, sent_strength
from lineas.ui.page import Frame
from lineas.ui.pages.compare import render, share
from lineas.ui.pages.compare.layout import ComparePage
from lineas.ui.pages.compare.record import Exchange, Question, TimedAnswer, timestamp

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.storage import Concept

ASK_SOON = """(live) => {
  clearTimeout(window.lineasLive);
  // only after a person touched the page: loading it moves the slider, too
  if (live && window.lineasTouched)
    window.lineasLive = setTimeout(() => document.getElementById('live-go').click(), 120);
}"""
"""Waits a moment before it asks, so that a slider on its way asks once."""


class AnswerTimer:
    """Measures how long each answer takes, from the first token on."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ended: list[float | None] = []

    def timed(self, headings: Iterable[str], answers: Sequence[Answer]) -> tuple[TimedAnswer, ...]:
        """The answers with their seconds until now, or until they were complete."""
        moment = time.monotonic()
        self._began = self._began or moment
        self._ended = self._ended or [None] * len(answers)
        self._ended = [end or (moment if a.done else None) for end, a in zip(self._ended, answers, strict=True)]
        return tuple(
            TimedAnswer(heading, answer.text, answer.tokens, (end or moment) - self._began)
            for heading, answer, end in zip(headings, answers, self._ended, strict=True)
        )


def show(page: ComparePage, exchange: Exchange, done: Sequence[bool], streaming: bool, changed: bool) -> Updates:
    """The panels, and how the answers differ."""
    headings = render.headings(exchange.question, exchange.concept)
    pieces = render.panels(headings, exchange.answers, done, streaming, changed)
    panels = {"plain": page.plain, "steered": page.steered, "told": page.instructed}
    updates: Updates = {panels[role]: piece for role, piece in zip(headings, pieces, strict=True)}
    if "told" not in headings:  # the panel may hold an answer to an older question
        updates[page.instructed] = html.answer("told", ui_text.INSTRUCTED, ui_text.INSTRUCTED_EMPTY)
    if not exchange.concept:
        updates[page.steered] = html.answer("steered", ui_text.STEERED, ui_text.STEERED_NO_CONCEPT)
    texts = [answer.text for answer in exchange.answers] if exchange.concept else []
    difference = render.difference(texts) if changed and not streaming else ""
    return {**updates, page.difference: html.hint(difference)}


def wire(ctx: Context, page: ComparePage, frame: Frame) -> None:
    _wire_controls(ctx, page)
    _wire_answers(ctx, page)
    share.wire(ctx, page)


def _wire_answers(ctx: Context, page: ComparePage) -> None:
    def ask(request: gr.Request, question: Question, changed: bool) -> Iterator[Updates]:
        if not question.prompt.strip():
            yield {page.asking.problem: html.alert(ui_text.EMPTY_PROMPT)}
            return
        if question.mode != "show" and not question.instruction:
            yield {page.asking.problem: html.alert(ui_text.SAY_NOTHING)}
            return
        concept = view_state.find_concept(ctx.service.concepts(), question.concept)
        question = replace(question, concept=concept.id if concept else "")
        exchange = Exchange(question, concept.name if concept else "", ctx.service.snapshot().model.name)
        headings, timer = render.headings(question, exchange.concept).values(), AnswerTimer()

        def show_answers(answers: Sequence[Answer], streaming: bool) -> Updates:
            nonlocal exchange
            if streaming:
                timed = timer.timed(headings, answers) if answers else ()
                exchange = replace(exchange, answers=timed)
                return show(page, exchange, [a.done for a in answers], True, changed)
            exchange = replace(exchange, when=timestamp())
            return {page.last: exchange, **show(page, exchange, [True] * len(answers), False, changed)}

        yield from stream_answers(
            ctx, page.asking, str(request.session_hash), lambda stop: question.ask(ctx.service, stop), show_answers
        )

    def answer(fix_seed: bool, changed: bool, request: gr.Request, *asked: Any) -> Iterator[Updates]:
        run = live if fix_seed else again
        yield from run(changed, request, *asked)

    def again(changed: bool, request: gr.Request, *asked: Any) -> Iterator[Updates]:
        question = replace(Question.from_page(*asked), seed=random.randint(1, 99_999))
        for i, updates in enumerate(ask(request, question, changed)):
            yield {**updates, page.settings.seed: question.seed} if i == 0 else updates

    def live(changed: bool, request: gr.Request, *asked: Any) -> Iterator[Updates]:
        yield from ask(request, Question.from_page(*asked), changed)

    outputs = [
        page.asking.problem,
        *page.asking.controls,
        *page.panels,
        page.difference,
        page.last,
        page.settings.seed,
    ]
    streaming: dict[str, Any] = {
        **HIDDEN,
        "concurrency_limit": 8,
        "concurrency_id": "compare",
        "trigger_mode": "multiple",  # a new question cancels the running answer: Enter asks at once
    }
    asking = [page.asking.go[0].click, page.asking.prompt.submit]
    gr.on(asking, answer, [page.fix_seed, page.changed, *page.asked], outputs, **streaming)
    page.again.click(again, [page.changed, *page.asked], outputs, **streaming)
    page.live_run.click(live, [page.changed, *page.asked], outputs, **streaming)
    for moved in (page.strength.change, page.concept.change, page.mode.change):
        moved(None, page.live, None, js=ASK_SOON)

    def stop(request: gr.Request) -> None:
        ctx.streams.stop(str(request.session_hash))

    page.asking.stop.click(stop, None, None, **QUIET)

    def redraw(exchange: Exchange | None, changed: bool, request: gr.Request) -> Updates:
        if exchange is None or ctx.streams.running(str(request.session_hash)):
            return {page.difference: gr.skip()}
        return show(page, exchange, [True] * len(exchange.answers), False, changed)

    page.changed.change(redraw, [page.last, page.changed], [*page.panels, page.difference], **QUIET)


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

    def chosen(concept_id: str | None, instruction: str) -> Updates:
        concept = find(concept_id)
        preset = view_state.preset_like(concept, ctx.presets)
        prompts = dict.fromkeys((*(preset.prompts if preset else ()), *ui_text.PROMPTS))
        updates: Updates = dict(zip(page.asking.suggestions, prompts, strict=False))
        updates[page.health] = health_card.line(concept, ctx.service.snapshot().run)
        hidden = gr.update(visible=False, value="show")
        updates[page.mode] = gr.update(visible=True) if sayable(concept, instruction) else hidden
        if concept and not written(instruction):
            updates[page.instruction] = instruction_for(concept)
        return updates

    # one listener: with two for the same change, each waiting for its last, Gradio lets one set off the other without end
    outputs = [page.health, page.mode, page.instruction, *page.asking.suggestions]
    page.concept.change(chosen, [page.concept, page.instruction], outputs, **RAW)

    def recommended(concept_id: str | None) -> Updates:
        concept = find(concept_id)
        if concept is None:
            return {page.mode: gr.skip()}
        return {page.strength: concept.recommended_strength, page.mode: concept.mode}

    # not ``input``, which the list also sends when Tab passes it: a strength that was just set would be lost
    page.concept.select(recommended, page.concept, dial, **RAW)

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
