"""What the Compare page does: it asks, shows both answers as they grow, asks again, stops; the newest question wins."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.components.question import PACE
from lineas.ui.context import Context
from lineas.ui.events import HIDDEN, QUIET, RAW, Updates, trouble, used
from lineas.ui.pages.compare import render as compare_view
from lineas.ui.pages.compare.layout import ComparePage
from lineas.ui.pages.compare.record import Exchange, Question, Said, dice, now

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.generation.listener import Answer
    from lineas.storage import Concept
    from lineas.ui.studio import Studio

GO_LIVE = """(live) => {
  clearTimeout(window.lineasLive);
  // not before a person touched the page: its own loading moves the slider too
  if (live && window.lineasTouched)
    window.lineasLive = setTimeout(() => document.getElementById('live-go').click(), 120);
}"""
"""A moment of rest before an answer begins, so that a slider on its way to a place asks once."""


def question(
    prompt: str | None,
    concept: str | None,
    strength: float,
    system: str | None,
    third: bool,
    wish: str | None,
    seed: float | None,
    length: float,
    variety: float,
    mode: str,
) -> Question:
    """From what stands on the page."""
    return Question(
        prompt=prompt or "",
        concept=concept or "",
        strength=float(strength),
        system=(system or "").strip(),
        wish=(wish or "").strip() if third else "",
        seed=dice(seed),
        length=int(length),
        variety=variety,
        chat=mode == "chat",
    )


class Clock:
    """How long each answer took, from the first token on."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ended: list[float | None] = []

    def said(self, headings: Iterable[str], answers: Sequence[Answer]) -> list[Said]:
        moment = time.monotonic()
        self._began = self._began or moment
        self._ended = self._ended or [None] * len(answers)
        self._ended = [end or (moment if a.done else None) for end, a in zip(self._ended, answers, strict=True)]
        return [
            Said(heading, answer.text, answer.tokens, (end or moment) - self._began)
            for heading, answer, end in zip(headings, answers, self._ended, strict=True)
        ]


def show(page: ComparePage, exchange: Exchange, done: Sequence[bool], streaming: bool, changed: bool) -> Updates:
    """The panels, and how the answers differ."""
    headings = _headings(exchange.question, exchange.concept)
    pieces = compare_view.panels(headings, exchange.answers, done, streaming, changed)
    there = {"plain": page.plain, "steered": page.steered, "told": page.told}
    updates: Updates = {there[role]: piece for role, piece in zip(headings, pieces, strict=True)}
    if "told" not in headings:  # what stood there answered an older question
        updates[page.told] = parts.answer("told", ui_text.INSTRUCTED, "", empty=ui_text.INSTRUCTED_EMPTY)
    if not exchange.concept:
        updates[page.steered] = parts.answer("steered", ui_text.STEERED_UNKNOWN, "", empty=ui_text.STEERED_NO_CONCEPT)
    texts = [said.text for said in exchange.answers] if exchange.concept else []
    said = compare_view.difference(texts) if changed and not streaming else ""
    return {**updates, page.difference: parts.hint(said) if said else ""}


def _headings(asked: Question, concept: str) -> dict[str, str]:
    """The panels that are used, by role, in the order of the answers."""
    headings = {"plain": ui_text.ORIGINAL}
    if concept:
        headings["steered"] = ui_text.with_concept(concept, asked.strength)
    return {**headings, "told": ui_text.INSTRUCTED} if asked.wish else headings


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.compare
    _wire_controls(ctx, page)

    def ask(session: str, asked: Question, changed: bool) -> Iterator[Updates]:
        if not asked.prompt.strip():
            yield {page.problem: parts.alert(ui_text.EMPTY_PROMPT)}
            return
        concept = view.find_concept(ctx.service.concepts(), asked.concept)
        asked = replace(asked, concept=concept.id if concept else "")
        exchange = Exchange(asked, concept.name if concept else "", ctx.service.snapshot().model.name)
        headings = _headings(asked, exchange.concept)
        stop = ctx.streams.begin(session)
        clock, message = Clock(), ""
        answers: Sequence[Answer] = ()
        try:
            yield {
                page.problem: "",
                **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=True)),
                **show(page, exchange, (), True, changed),
            }
            with closing(_stream(ctx, asked, stop)) as stream:
                message = parts.notice(stream.warning or "")
                for answers in stream:
                    exchange = replace(exchange, answers=tuple(clock.said(headings.values(), answers)))
                    yield show(page, exchange, [a.done for a in answers], True, changed)
                    stop.wait(PACE)  # the stream then gives the newest state, so nothing is lost but steps in between
        except Exception as error:
            message = trouble(error)
        finally:  # also when the page was closed: Gradio then ends this generator at its yield
            newest = ctx.streams.end(session, stop)
        if not newest:  # the page belongs to a newer question
            return
        exchange = replace(exchange, when=now())
        yield {
            page.problem: message,
            page.last: exchange,
            **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=False)),
            **show(page, exchange, [True] * len(answers), False, changed),
        }

    def answer(lock: bool, changed: bool, request: gr.Request, *settings: Any) -> Iterator[Updates]:
        asked = question(*settings)
        if not lock:
            yield from again(changed, request, *settings)
            return
        yield from ask(str(request.session_hash), asked, changed)

    def again(changed: bool, request: gr.Request, *settings: Any) -> Iterator[Updates]:
        asked = replace(question(*settings), seed=random.randint(1, 99_999))
        for i, updates in enumerate(ask(str(request.session_hash), asked, changed)):
            yield {**updates, page.seed: asked.seed} if i == 0 else updates

    def live(changed: bool, request: gr.Request, *settings: Any) -> Iterator[Updates]:
        yield from ask(str(request.session_hash), question(*settings), changed)

    outputs = [page.problem, *page.controls, *page.panels, page.difference, page.last, page.seed]
    streaming: dict[str, Any] = {
        **HIDDEN,
        "concurrency_limit": 8,
        "concurrency_id": "compare",
        "trigger_mode": "multiple",  # each ends the one before it: Enter asks at once, also while it answers
    }
    gr.on(
        [page.compare.click, page.prompt.submit],
        answer,
        [page.lock, page.changed, *page.asked],
        outputs,
        **streaming,
    )
    page.again.click(again, [page.changed, *page.asked], outputs, **streaming)
    page.live_go.click(live, [page.changed, *page.asked], outputs, **streaming)
    for moved in (page.strength.change, page.concept.change):
        moved(None, page.live, None, js=GO_LIVE)

    def stop(request: gr.Request) -> None:
        ctx.streams.stop(str(request.session_hash))

    page.stop.click(stop, None, None, **QUIET)

    def redraw(exchange: Exchange | None, changed: bool, request: gr.Request) -> Updates:
        if exchange is None or ctx.streams.running(str(request.session_hash)):
            return {page.difference: gr.skip()}
        return show(page, exchange, [True] * len(exchange.answers), False, changed)

    page.changed.change(redraw, [page.last, page.changed], [*page.panels, page.difference], **QUIET)


def _stream(ctx: Context, asked: Question, stop: Any) -> Any:
    return ctx.service.answers.compare(
        asked.prompt,
        asked.concept or None,
        asked.strength,
        asked.sampling(),
        stop=stop,
        system=asked.system or None,
        extra_rows=asked.extra_rows(),
    )


def _wire_controls(ctx: Context, page: ComparePage) -> None:
    """The dial, the examples, the concept's line, and the third column's box."""
    for button, (_, at) in zip(page.strengths, ui_text.STRENGTH_BUTTONS, strict=True):
        button.click(None, None, page.strength, js=f"() => {at}")
    for button in page.prompts:
        button.click(None, button, page.prompt, js="(text) => text")
    page.strength.change(parts.strength_word, page.strength, page.strength_word, trigger_mode="always_last", **QUIET)

    def find(concept_id: str | None) -> Concept | None:
        return view.find_concept(ctx.service.concepts(), concept_id)

    def like(concept: Concept | None) -> Preset | None:
        return next((p for p in ctx.presets if concept is not None and _is_like(concept.name, p.name)), None)

    def wish_of(concept: Concept) -> str:
        preset = like(concept)
        return preset.instruction if preset else ui_text.wish(concept.name)

    def chosen(concept_id: str | None, wish: str) -> Updates:
        concept = find(concept_id)
        preset = like(concept)
        prompts = list(dict.fromkeys((*(preset.prompts if preset else ()), *ui_text.PROMPTS)))
        updates: Updates = dict(zip(page.prompts, prompts, strict=False))
        updates[page.health] = page.health_line(ctx.service, concept_id)
        # words of their own stay
        if concept and (not wish or wish in map(wish_of, ctx.service.concepts())):
            updates[page.wish] = wish_of(concept)
        return updates

    # one listener: of two to the same change, each waiting for its last, Gradio lets one set off the other without end
    page.concept.change(chosen, [page.concept, page.wish], [page.health, page.wish, *page.prompts], **RAW)

    def recommended(concept_id: str | None) -> Any:
        concept = find(concept_id)
        return concept.recommended_strength if concept else gr.skip()

    page.concept.input(recommended, page.concept, page.strength, **RAW)

    page.health.select(used, None, page.strength, **QUIET)

    def third(on: bool) -> Updates:
        return {page.wish: gr.update(visible=on), page.told: gr.update(visible=on)}

    page.third.change(third, page.third, [page.wish, page.told], **QUIET)


def _is_like(name: str, preset: str) -> bool:
    """ "Pirate" and "Pirate 2", taught from the same example."""
    return name == preset or (name.startswith(f"{preset} ") and name.removeprefix(f"{preset} ").isdigit())
