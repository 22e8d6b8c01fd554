"""The Strengths page: the same questions at rising strengths, a filmstrip of answers, and what each strength does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.components import question as asking
from lineas.ui.components.question import PACE
from lineas.ui.context import Context, Now, place
from lineas.ui.events import HIDDEN, QUIET, RAW, USE, Updates, trouble, used
from lineas.ui.pages.strengths.chart import strength_chart

if TYPE_CHECKING:
    from lineas.evaluation.strength_sweep import StrengthReport
    from lineas.generation.listener import Answer
    from lineas.storage import Concept
    from lineas.ui.studio import Studio

TAB = "strengths"
MOST_PROMPTS = 4


@dataclass(frozen=True)
class StrengthsPage:
    concept: gr.Dropdown
    step: gr.Radio
    top: gr.Radio
    prompt: gr.Textbox
    settings: asking.Settings
    run: gr.Button
    stop: gr.Button
    why: gr.HTML
    problem: gr.HTML
    filmstrip: gr.HTML
    chart: gr.HTML
    verdict: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [self.concept, self.prompt, self.step, self.top, *self.settings.inputs]

    @property
    def controls(self) -> list[Any]:
        return [self.run, self.stop, self.why]

    @property
    def shown(self) -> list[Any]:
        return [*self.controls, self.concept]

    def show(self, now: Now) -> Updates:
        updates = self.show_controls(view.compare_controls(now.snapshot, TAB in now.busy))
        if now.listing != now.seen.listing:
            choices = view.concept_choices(now.concepts)
            opened = now.seen.version < 0 and choices
            chosen_id = choices[0][1] if opened else now.arrived.id if now.arrived else None
            updates[self.concept] = (
                gr.update(choices=choices, value=chosen_id) if chosen_id else gr.update(choices=choices)
            )
        return updates

    def show_controls(self, controls: view.Controls) -> Updates:
        return {
            self.run: gr.update(interactive=controls.go),
            self.stop: gr.update(interactive=controls.end),
            self.why: parts.hint(controls.why),
        }


def filmstrip(
    prompts: Sequence[str],
    strengths: Sequence[float],
    answers: Sequence[Answer],
    recommended: float | None,
    streaming: bool,
) -> str:
    """Frames from weak to strong. ``answers``: all of the first prompt, then all of the second …; none before the first word."""
    nearest = None
    if recommended is not None and recommended <= strengths[-1]:
        nearest = min((s for s in strengths if s > 0), key=lambda s: abs(s - recommended))
    frames = []
    for column, strength in enumerate(strengths):
        mine: Sequence[Answer | None] = answers[column :: len(strengths)] or [None] * len(prompts)
        pieces = [
            parts.said(
                prompt if len(prompts) > 1 else "",
                answer.text if answer else "",
                answer.tokens if answer else 0,
                strength=strength,
                streaming=streaming and not (answer and answer.done),
            )
            for prompt, answer in zip(prompts, mine, strict=True)
        ]
        badge = ui_text.RECOMMENDED if strength == nearest else ""
        heading, word = ui_text.fraction(strength), ui_text.at_strength(strength)
        frames.append(parts.frame(heading, word, pieces, strength=strength, badge=badge, ready=not streaming))
    # a frame has a head, an answer for each question, and a foot
    return f'<ul class="ls-film" style="--rows:{len(prompts) + 2}" aria-label="{ui_text.FILMSTRIP}">{"".join(frames)}</ul>'


def ladder(step: float, top: float) -> list[float]:
    """The strengths from 0 to ``top``."""
    return [step * i for i in range(round(top / step) + 1)]


def questions(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def recommended(concept: Concept) -> float | None:
    """The strength to recommend; None for one that was never examined."""
    return concept.recommended_strength if concept.strength_known else None


def explained(report: StrengthReport, concept: Concept) -> str:
    """What the chart shows, and how it was measured."""
    verdict = ui_text.strengths_verdict(concept.name, recommended(concept), report.best)
    effect = ui_text.EFFECT_JUDGED if report.judged else ui_text.EFFECT_COUNTED
    return parts.verdict(verdict) + parts.hint(f"{effect} {ui_text.FLUENCY_EXPLAINED}")


def build(ctx: Context) -> StrengthsPage:
    gr.HTML(parts.title(ui_text.STRENGTHS_TITLE, ui_text.STRENGTHS_LEAD))
    with gr.Row(elem_classes="ls-card ls-steer"):
        with gr.Column(scale=3, min_width=240):
            concept = gr.Dropdown([], label=ui_text.CONCEPT, elem_id="strengths-concept", elem_classes="ls-select")
        with gr.Column(scale=1, min_width=120):
            step = gr.Radio(ui_text.STEP_CHOICES, value=0.25, label=ui_text.FINEST, elem_id="strengths-step")
        with gr.Column(scale=2, min_width=180):
            top = gr.Radio(ui_text.TOP_CHOICES, value=1.5, label=ui_text.TOP, elem_id="strengths-top")
    prompt, run, stop = asking.question_row(
        "strengths-prompt",
        "strengths-run",
        "strengths-stop",
        ui_text.RUN_STRENGTHS,
        ui_text.STRENGTHS_PROMPTS,
        ui_text.STRENGTHS_PROMPTS_HINT,
        lines=2,
    )
    why = gr.HTML(parts.hint(ui_text.WHY_LOADING), elem_id="strengths-why")
    problem = gr.HTML(elem_id="strengths-problem")
    film = gr.HTML(parts.empty(ui_text.FILMSTRIP_EMPTY), elem_id="filmstrip", js_on_load=USE)
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(f'<h3 class="ls-card-title">{ui_text.STRENGTHS_CHART_TITLE}</h3>')
        chart = gr.HTML(strength_chart([], 1.0), elem_id="strengths-chart")
        verdict = gr.HTML(elem_id="strengths-verdict")
    settings = asking.settings(TAB, length=40)
    return StrengthsPage(
        concept=concept,
        step=step,
        top=top,
        prompt=prompt,
        settings=settings,
        run=run,
        stop=stop,
        why=why,
        problem=problem,
        filmstrip=film,
        chart=chart,
        verdict=verdict,
    )


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.strengths

    def run_strengths(
        text: str,
        concept_id: str | None,
        step: float,
        top: float,
        seed: float | None,
        length: float,
        variety: float,
        mode: str,
        request: gr.Request,
    ) -> Iterator[Updates]:
        concept = view.find_concept(ctx.service.concepts(), concept_id)
        prompts = questions(text)
        if concept is None or not prompts:
            yield {page.problem: parts.alert(ui_text.NO_PROMPTS if concept else ui_text.NO_CONCEPT)}
            return
        message = parts.notice(ui_text.FIRST_PROMPTS.format(most=MOST_PROMPTS)) if len(prompts) > MOST_PROMPTS else ""
        prompts, strengths = prompts[:MOST_PROMPTS], ladder(step, top)
        here = place(str(request.session_hash), TAB)
        stop = ctx.streams.begin(here)
        answers: Sequence[Answer] = ()
        report: StrengthReport | None = None

        def film(answers: Sequence[Answer], streaming: bool) -> Updates:
            frames = filmstrip(prompts, strengths, answers, recommended(concept), streaming)
            return {page.filmstrip: frames}

        try:
            yield {
                page.problem: message,
                page.chart: strength_chart([], 1.0),
                page.verdict: "",
                **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=True)),
                **film(answers, True),
            }
            sampling = asking.sampling(seed, length, variety, mode)
            stream = ctx.service.answers.at_strengths(prompts, concept.id, strengths, sampling, stop=stop)
            with closing(stream):
                message += parts.notice(stream.warning or "")
                for answers in stream:
                    yield film(answers, True)
                    stop.wait(PACE)
            if answers and not stop.is_set():
                yield {page.chart: parts.empty(ui_text.MEASURING), **film(answers, False)}
                texts = [[a.text for a in answers[i :: len(strengths)]] for i in range(len(strengths))]
                report = ctx.service.answers.strength_report(concept.id, strengths, texts, stop=stop)
        except Exception as error:
            message = trouble(error)
        finally:  # also when the page was closed: Gradio then ends this generator at its yield
            ctx.streams.end(here, stop)
        yield {
            page.problem: message,
            page.chart: strength_chart(report.points if report else [], recommended(concept)),
            page.verdict: explained(report, concept) if report else "",
            **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=False)),
            **(film(answers, False) if answers else {page.filmstrip: parts.empty(ui_text.FILMSTRIP_EMPTY)}),
        }

    gr.on(
        [page.run.click, page.prompt.submit],
        run_strengths,
        [page.prompt, page.concept, page.step, page.top, *page.settings.inputs],
        [page.problem, *page.controls, page.filmstrip, page.chart, page.verdict],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="once",
        **HIDDEN,
    )

    def stop_strengths(request: gr.Request) -> None:
        ctx.streams.stop(place(str(request.session_hash), TAB))

    page.stop.click(stop_strengths, None, None, **QUIET)

    def use(concept_id: str | None, text: str, event: gr.EventData) -> Updates:
        prompts = questions(text)
        return {
            studio.compare.concept: concept_id,
            studio.compare.strength: used(event),
            studio.compare.prompt: prompts[0] if prompts else gr.skip(),
            studio.tabs: gr.Tabs(selected="compare"),
        }

    outputs = [studio.compare.concept, studio.compare.strength, studio.compare.prompt, studio.tabs]
    page.filmstrip.select(use, [page.concept, page.prompt], outputs, **RAW)
