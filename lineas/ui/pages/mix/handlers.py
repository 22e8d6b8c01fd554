"""What the page Mix does: changes the order, shows what concepts do, tries the mix, finds out who is heard, and keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import html, question
from lineas.ui.context import Context, Seen, stream_key
from lineas.ui.events import RAW, Updates, report_errors
from lineas.ui.page import Frame
from lineas.ui.pages.mix import render
from lineas.ui.pages.mix.layout import TAB, MixPage

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.service.answer_stream import AnswerStream

DRAW_SOON = """() => {
  const draw = () => {
    const button = document.getElementById('mix-draw');
    button ? button.click() : later(400);
  };
  const later = (wait) => {
    clearTimeout(window.lineasMix);
    window.lineasMix = setTimeout(draw, wait);
  };
  later(80);
}"""
"""Draws once for all changes that come together, such as the lists of a page that opens, which are filled in one by one. Gradio
would send each change at once and show what answers last, not what is newest. It waits until the tab has been opened and the
button exists."""


def wire(ctx: Context, page: MixPage, frame: Frame) -> None:
    _wire_slots(ctx, page)

    def try_mix(prompt: str, request: gr.Request, *values: Any) -> Iterator[Updates]:
        count = len(page.settings.inputs)
        settings, parts = values[:count], render.chosen(values[count:])
        if len(parts) < 2 or not prompt.strip():
            yield {page.asking.problem: html.alert(ui_text.MIX_TOO_FEW if len(parts) < 2 else ui_text.NO_PROMPTS)}
            return

        def start(stop: Event) -> AnswerStream:
            return ctx.service.answers.compare_mix(prompt, parts, question.sampling(*settings), stop=stop)

        key = stream_key(str(request.session_hash), TAB)
        yield from question.stream_answers(ctx, page.asking, key, start, page.show_answers)

    inputs = [page.asking.prompt, *page.settings.inputs, *page.slots]
    question.wire(ctx, page.asking, TAB, try_mix, inputs, [page.plain, page.mixed])

    _wire_judging(ctx, page)

    @report_errors(page.saved)
    def keep(name: str, seen: Seen, request: gr.Request, *slots: Any) -> Updates:
        parts = render.chosen(slots)
        if len(parts) < 2:
            return {page.saved: html.alert(ui_text.MIX_TOO_FEW)}
        default_name = " + ".join(render.names(parts, ctx.service.concepts()))
        saved = html.notice(
            ui_text.MIX_SAVED.format(name=ctx.service.mix(parts, name.strip() or default_name).name), "good"
        )
        return {**frame.refresh(seen, request), page.saved: saved, page.name: ""}

    outputs = [page.saved, page.name, *frame.refreshed]
    page.save.click(keep, [page.name, frame.seen, *page.slots], outputs, **RAW)


def _wire_judging(ctx: Context, page: MixPage) -> None:
    """Who is heard: neutral questions, answered with the mix and with each concept alone, and judged."""

    def judge_mix(request: gr.Request, *slots: Any) -> Iterator[Updates]:
        parts = render.chosen(slots)
        if len(parts) < 2:
            yield {page.heard: html.alert(ui_text.MIX_TOO_FEW)}
            return
        names = render.names(parts, ctx.service.concepts())
        shown = html.empty(ui_text.MIX_HEARD_EMPTY)

        def start(stop: Event) -> AnswerStream:
            return ctx.service.answers.mix_beside_parts(parts, stop=stop)

        def show(answers: Sequence[Answer], streaming: bool) -> Updates:
            return {page.heard: render.answering(answers) if streaming else shown}

        def measure(answers: Sequence[Answer], stop: Event) -> Iterator[Updates]:
            nonlocal shown
            if not answers or stop.is_set():
                return
            yield {page.heard: html.bar(None, ui_text.MIX_HEARD_TITLE) + html.hint(ui_text.MIX_JUDGING)}
            kinds = len(parts) + 2
            texts = [[answer.text for answer in answers[row::kinds]] for row in range(kinds)]
            report = ctx.service.answers.mix_report([concept_id for concept_id, _ in parts], texts, stop=stop)
            if report is not None:
                shown = render.heard(parts, names, report, ctx.service.answers.mix_prompts(), texts[1])

        key = stream_key(str(request.session_hash), TAB)
        yield from question.stream_answers(ctx, page.asking, key, start, show, measure=measure)

    question.wire_run([page.judge.click], page.asking, judge_mix, page.slots, [page.heard])


def _wire_slots(ctx: Context, page: MixPage) -> None:
    """The order, and the picture of the concepts that are chosen."""

    def exchange(button: gr.Button, here: int, there: int) -> None:
        rows = [page.concepts[here], page.strengths[here], page.concepts[there], page.strengths[there]]
        button.click(None, rows, [*rows[2:], *rows[:2]], js="(...values) => values")

    for upper, (up, down) in enumerate(zip(page.ups, page.downs, strict=True)):
        exchange(up, upper + 1, upper)
        exchange(down, upper, upper + 1)

    @report_errors(page.overlap)
    def overlap(slots: Sequence[Any]) -> Updates:
        parts = render.chosen(slots)
        if len(parts) < 2:
            return {page.overlap: html.empty(ui_text.MIX_OVERLAP_EMPTY)}
        names = render.names(parts, ctx.service.concepts())
        return {page.overlap: render.overlap(names, ctx.service.answers.overlaps(parts))}

    def draw(*slots: Any) -> Updates:
        return {**overlap(slots), **page.show_rows(slots)}

    gr.on([component.change for component in page.slots], None, None, None, js=DRAW_SOON)
    page.draw.click(draw, page.slots, [page.overlap, *page.rows], trigger_mode="always_last", **RAW)

    # what they say is about another mix
    by_hand = [*(component.input for component in page.slots), *(b.click for b in (*page.ups, *page.downs))]
    nothing = json.dumps(["", html.empty(ui_text.MIX_HEARD_EMPTY)])
    gr.on(by_hand, None, None, [page.saved, page.heard], js=f"() => {nothing}")
