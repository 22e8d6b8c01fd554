"""What the page Strengths does: asks at all strengths at once, measures the answers, and takes a strength to Compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html, question
from lineas.ui.context import Context, stream_key
from lineas.ui.events import RAW, Updates, sent_strength
from lineas.ui.page import Frame
from lineas.ui.pages.strengths import render
from lineas.ui.pages.strengths.layout import TAB, StrengthsPage

if TYPE_CHECKING:
    from lineas.evaluation.advice import StrengthReport
    from lineas.generation.listener import Answer
    from lineas.service.answer_stream import AnswerStream

MOST_PROMPTS = 4


def wire(ctx: Context, page: StrengthsPage, frame: Frame) -> None:
    def run_strengths(
        text: str, concept_id: str | None, step: float, top: float, request: gr.Request, *settings: Any
    ) -> Iterator[Updates]:
        concept = view_state.find_concept(ctx.service.concepts(), concept_id)
        prompts = render.questions(text)
        if concept is None or not prompts:
            yield {page.asking.problem: html.alert(ui_text.NO_PROMPTS if concept else ui_text.NO_CONCEPT)}
            return
        too_many = ui_text.FIRST_PROMPTS.format(most=MOST_PROMPTS) if len(prompts) > MOST_PROMPTS else ""
        prompts, strengths = prompts[:MOST_PROMPTS], render.strengths_up_to(top, step)
        recommended = render.recommended(concept)
        report: StrengthReport | None = None

        def start(stop: Event) -> AnswerStream:
            sampling = question.sampling(*settings)
            return ctx.service.answers.at_strengths(prompts, concept.id, strengths, sampling, stop=stop)

        def film(answers: Sequence[Answer], streaming: bool) -> Updates:
            return {page.filmstrip: render.filmstrip(prompts, strengths, answers, recommended, streaming)}

        def show(answers: Sequence[Answer], streaming: bool) -> Updates:
            if streaming and answers:
                return film(answers, True)
            frames = film(answers, streaming) if answers or streaming else {}
            return {
                page.filmstrip: html.empty(ui_text.FILMSTRIP_EMPTY),
                page.chart: render.strength_chart(report.points if report else [], recommended),
                page.verdict: render.explanation(report, concept) if report else "",
                **frames,
            }

        def measure(answers: Sequence[Answer], stop: Event) -> Iterator[Updates]:
            nonlocal report
            if answers and not stop.is_set():
                yield {page.chart: html.empty(ui_text.MEASURING), **film(answers, False)}
                texts = [[a.text for a in answers[i :: len(strengths)]] for i in range(len(strengths))]
                report = ctx.service.answers.strength_report(concept.id, strengths, prompts, texts, stop=stop)

        key = stream_key(str(request.session_hash), TAB)
        message = html.notice(too_many)
        yield from question.stream_answers(ctx, page.asking, key, start, show, message=message, measure=measure)

    inputs = [page.concept, page.step, page.top, *page.settings.inputs]
    shown = [page.filmstrip, page.chart, page.verdict]
    question.wire(ctx, page.asking, TAB, run_strengths, [page.asking.prompt, *inputs], shown)

    def use(concept_id: str | None, text: str, event: gr.EventData) -> Updates:
        prompts = render.questions(text)
        return frame.open_compare(concept_id, sent_strength(event), prompts[0] if prompts else None)

    page.filmstrip.select(use, [page.concept, page.asking.prompt], frame.opened, **RAW)
