"""How Compare asks: a question, the next one of a conversation, the last one again or further, and what is shown of the answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html
from lineas.ui.components.question import stream_answers
from lineas.ui.context import Context
from lineas.ui.events import HIDDEN, QUIET, Updates, report_errors, scroll_to
from lineas.ui.pages.compare import ahead, render
from lineas.ui.pages.compare.conversation import Talk, editing_hint
from lineas.ui.pages.compare.layout import ComparePage
from lineas.ui.pages.compare.record import Exchange, Question
from lineas.ui.pages.compare.roll import Roll, tinted

ASK_SOON = """(live) => {
  clearTimeout(window.lineasLive);
  // only after a person touched the page: loading it moves the slider, too
  if (!live || !window.lineasTouched) return;
  const ask = () => {
    window.lineasAsked = Date.now();
    document.getElementById('live-go').click();
  };
  if (Date.now() - (window.lineasAsked ?? 0) > 250) ask();
  else window.lineasLive = setTimeout(ask, 120);
}"""
"""Asks at once at the first move; a slider on its way asks once more when it has come to rest."""
MOST_ROLLS = 3
"""Number of answers that are tried until one is family-safe."""
WAY_OF_ASKING = ("fix_seed", "tinted", "talking", "family_safe")


def wire(ctx: Context, page: ComparePage) -> None:
    newest = ahead.Newest(ctx.service.answers)
    ahead.offer(newest)

    def ask(
        request: gr.Request, question: Question, tints: bool, safe: bool, before: tuple[Exchange, ...], talking: bool
    ) -> Iterator[Updates]:
        """Answer a question that comes after these turns."""
        if not question.prompt.strip():
            yield {page.asking.problem: html.alert(ui_text.EMPTY_PROMPT)}
            return
        if question.mode != "show" and not question.instruction:
            yield {page.asking.problem: html.alert(ui_text.SAY_NOTHING)}
            return
        concept = view_state.find_concept(ctx.service.concepts(), question.concept)
        question = replace(question, concept=concept.id if concept else "")
        name, model = concept.name if concept else "", ctx.service.snapshot().model.name
        session, talk = str(request.session_hash), Talk(before) if talking else None
        message = ""
        for _ in range(MOST_ROLLS):
            roll = Roll(ctx, page, newest, Exchange(question, name, model), tints, safe, talk)
            yield from stream_answers(
                ctx, page.asking, session, roll.start, roll.show, message=message, measure=roll.measure
            )
            if not roll.hidden:
                return
            if ctx.streams.running(session):  # a newer question has the page
                return
            message = html.notice(ui_text.FAMILY_REROLLED)
            question = replace(question, seed=random.randint(1, 99_999))
        yield {page.asking.problem: html.alert(ui_text.FAMILY_GAVE_UP)}

    def answer(
        fix_seed: bool, tints: bool, talking: bool, safe: bool, talk: Talk, request: gr.Request, *asked: Any
    ) -> Iterator[Updates]:
        question = Question.from_page(*asked)
        drawn = {} if fix_seed else {page.settings.seed: random.randint(1, 99_999)}
        question = replace(question, seed=drawn.get(page.settings.seed, question.seed))
        sent = {page.asking.prompt: ""} if talking and question.prompt.strip() else {}
        updates = ask(request, question, tints, safe, talk.before_next() if talking else (), talking)
        for i, update in enumerate(updates):
            yield {**update, **drawn, **sent} if i == 0 else update

    def repeat(
        seed: int | None, tints: bool, talking: bool, safe: bool, talk: Talk, request: gr.Request, *asked: Any
    ) -> Iterator[Updates]:
        """Answer once more: in a conversation its last question, else the one on the page. ``seed`` None: the page's."""
        question, before = Question.from_page(*asked), talk.turns[:-1] if talking else ()
        question = replace(question, seed=question.seed if seed is None else seed)
        if talking and talk.turns:
            question = replace(question, prompt=talk.turns[-1].question.prompt)
        for i, update in enumerate(ask(request, question, tints, safe, before, talking)):
            yield {**update, page.settings.seed: question.seed} if i == 0 else update

    def again(
        fix_seed: bool, tints: bool, talking: bool, safe: bool, talk: Talk, request: gr.Request, *asked: Any
    ) -> Iterator[Updates]:
        yield from repeat(random.randint(1, 99_999), tints, talking, safe, talk, request, *asked)

    def live(
        fix_seed: bool, tints: bool, talking: bool, safe: bool, talk: Talk, request: gr.Request, *asked: Any
    ) -> Iterator[Updates]:
        yield from repeat(None, tints, talking, safe, talk, request, *asked)

    def further(
        fix_seed: bool, tints: bool, talking: bool, safe: bool, talk: Talk, request: gr.Request, *asked: Any
    ) -> Iterator[Updates]:
        """Go on with the last answers, with everything as it was when they were asked."""
        last, more = talk.turns[-1], Question.from_page(*asked).max_new_tokens
        stopped = any(answer.ending == "" for answer in last.answers)
        length = last.question.max_new_tokens + (0 if stopped else more)
        question = replace(last.question, max_new_tokens=length)
        yield from ask(request, question, tints, safe, talk.turns[:-1] if talking else (), talking)

    outputs = [
        page.asking.problem,
        *page.asking.controls,
        *page.panels,
        page.legend,
        page.talk,
        page.kept,
        page.go_on,
        page.clear,
        page.settings.seed,
        page.asking.prompt,
    ]
    streaming: dict[str, Any] = {
        **HIDDEN,
        "concurrency_limit": 8,
        "concurrency_id": "compare",
        "trigger_mode": "multiple",  # a new question cancels the running answer: Enter asks at once
    }
    inputs = [*(getattr(page, name) for name in WAY_OF_ASKING), page.talk, *page.asked]
    gr.on([page.asking.go[0].click, page.asking.prompt.submit], answer, inputs, outputs, **streaming)
    page.asking.go[0].click(None, None, None, js=scroll_to("answers", "start"))
    page.again.click(again, inputs, outputs, **streaming)
    page.live_run.click(live, inputs, outputs, **streaming)
    page.go_on.click(further, inputs, outputs, **streaming)
    for moved in (page.strength.change, page.concept.change, page.mode.change):
        moved(None, page.live, None, js=ASK_SOON)

    def stop(request: gr.Request) -> None:
        ctx.streams.stop(str(request.session_hash))

    page.asking.stop.click(stop, None, None, **QUIET)
    _wire_talk(ctx, page)


def _wire_talk(ctx: Context, page: ComparePage) -> None:
    """Tints that are wanted later, and the conversation's switch, Edit, and New conversation."""
    shown = [page.asking.problem, *page.panels, page.legend, page.talk]

    def redraw(talk: Talk, tints: bool, talking: bool) -> Updates:
        if not talk.turns:
            return {}
        *before, last = talk.turns
        held = Talk(tuple(before), talk.editing) if talking else None
        return page.show_exchange(last, [True] * len(last.answers), False, tints, held)

    @report_errors(page.asking.problem)
    def tint(talk: Talk, tints: bool, talking: bool, request: gr.Request) -> Updates:
        if not talk.turns or ctx.streams.running(str(request.session_hash)):
            return {}
        if tints:
            *before, last = talk.turns
            talk = replace(talk, turns=(*before, tinted(ctx, last, before if talking else ())))
        return {page.talk: talk, **redraw(talk, tints, talking)}

    page.tinted.change(tint, [page.talk, page.tinted, page.talking], shown, **HIDDEN)

    def switch(talk: Talk, tints: bool, talking: bool) -> Updates:
        # one question is the first view again: of a conversation its last one
        talk = talk if talking else Talk(talk.turns[-1:])
        return {
            **page.keep(talk),
            page.clear: gr.update(visible=talking and bool(talk.turns)),
            **redraw(talk, tints, talking),
        }

    inputs = [page.talk, page.tinted, page.talking]
    page.talking.change(switch, inputs, [*shown, page.kept, page.clear], **QUIET)

    def edit(talk: Talk, tints: bool, talking: bool, event: gr.EventData) -> Updates:
        number = int(event.turn)
        if not number < len(talk.turns):
            return {}
        talk = talk.edit(number)
        question = talk.turns[number].question.prompt if talk.editing is not None else ""
        hint = html.notice(editing_hint(talk))
        return {
            page.talk: talk,
            page.asking.prompt: question,
            page.asking.problem: hint,
            **redraw(talk, tints, talking),
        }

    for panel in page.panels:
        panel.select(edit, inputs, [*shown, page.asking.prompt], **QUIET)

    def clear(talk: Talk, tints: bool, talking: bool) -> Updates:
        talk = talk.clear()
        label = ui_text.BRING_BACK if talk.cleared else ui_text.NEW_CONVERSATION
        empty: Updates = dict(zip(page.panels, render.empty_panels().values(), strict=True))
        again: Updates = {page.go_on: gr.update(interactive=bool(talk.turns))}
        return {
            **empty, page.legend: "", **page.keep(talk), page.clear: gr.update(value=label), **again,
            **redraw(talk, tints, talking),
        }  # fmt: skip

    page.clear.click(clear, inputs, [*shown, page.kept, page.clear, page.go_on], **QUIET)
