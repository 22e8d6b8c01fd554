"""The Compare page: one question, the plain answer and the steered one side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import parts, view, words
from lineas.ui.context import Context, Now
from lineas.ui.handlers import QUIET, Updates, trouble

if TYPE_CHECKING:
    from lineas.generation import Answer, Sampling
    from lineas.ui.studio import Studio

PACE = 0.05
"""Seconds between two updates of the page: faster, and the browser falls behind the model."""


@dataclass(frozen=True)
class ComparePage:
    concept: gr.Dropdown
    strength: gr.Slider
    strength_word: gr.HTML
    strengths: list[gr.Button]
    prompt: gr.Textbox
    prompts: list[gr.Button]
    seed: gr.Number
    length: gr.Slider
    variety: gr.Slider
    mode: gr.Radio
    compare: gr.Button
    stop: gr.Button
    why: gr.HTML
    problem: gr.HTML
    plain: gr.HTML
    steered: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [self.prompt, self.strength, self.seed, self.length, self.variety, self.mode]

    @property
    def controls(self) -> list[Any]:
        return [self.compare, self.stop, self.why]

    @property
    def shown(self) -> list[Any]:
        return [*self.controls, self.concept, self.strength]

    def show(self, now: Now) -> Updates:
        updates = self.show_controls(view.compare_controls(now.snapshot, now.streaming))
        ids = tuple(c.id for c in now.concepts)
        if ids != now.seen.concepts:
            choices = view.concept_choices(now.concepts)
            updates[self.concept] = gr.update(choices=choices)
            chosen = view.newly_taught(now.concepts, now.seen)
            if now.seen.version < 0 and choices:
                chosen = view.find_concept(now.concepts, choices[0][1])
            if chosen:
                updates[self.concept] = gr.update(choices=choices, value=chosen.id)
                updates[self.strength] = chosen.recommended_strength
        return updates

    def show_controls(self, controls: view.Controls) -> Updates:
        return {
            self.compare: gr.update(interactive=controls.go),
            self.stop: gr.update(interactive=controls.end),
            self.why: parts.hint(controls.why),
        }

    def show_answers(self, heading: str | None, answers: Sequence[Answer], streaming: bool) -> Updates:
        """Both panels. Before the first token there are no answers yet; without a concept there is no ``heading``."""
        plain = answers[0] if answers else None
        steered = answers[1] if len(answers) > 1 else None
        return {
            self.plain: _panel("plain", words.ORIGINAL, plain, streaming),
            self.steered: _panel("steered", heading, steered, streaming)
            if heading
            else parts.answer("steered", words.STEERED_UNKNOWN, "", empty=words.STEERED_NO_CONCEPT),
        }


def _panel(role: str, heading: str, answer: Answer | None, streaming: bool) -> str:
    if answer is None:
        return parts.answer(role, heading, "", streaming=streaming, empty=words.NOTHING_SAID)
    return parts.answer(
        role,
        heading,
        answer.text,
        tokens=answer.tokens,
        streaming=streaming and not answer.done,
        empty=words.NOTHING_SAID,
    )


def build(ctx: Context) -> ComparePage:
    gr.HTML(parts.title(words.COMPARE_TITLE, words.COMPARE_LEAD))
    with gr.Row(elem_classes="ls-card ls-steer"):
        with gr.Column(scale=2, min_width=240):
            concept = gr.Dropdown([], label=words.CONCEPT, elem_id="map-choice")
        with gr.Column(scale=3, min_width=280, elem_classes="ls-strength-box"):
            strength = gr.Slider(0, 2, value=1, step=0.05, label=words.STRENGTH, elem_id="strength", buttons=[])
            with gr.Row(elem_classes="ls-chips ls-strengths"):
                word = gr.HTML(parts.strength_word(1), elem_id="strength-word")
                strengths = [
                    gr.Button(label, size="sm", elem_id=f"strength-{at:g}".replace(".", "-"), elem_classes="ls-chip")
                    for label, at in words.STRENGTH_BUTTONS
                ]
    with gr.Row(elem_classes="ls-actions ls-ask"):
        prompt = gr.Textbox(
            words.PROMPTS[0],
            label=words.PROMPT,
            placeholder=words.PROMPT_HINT,
            lines=1,
            max_lines=5,
            elem_id="prompt",
            elem_classes="ls-field",
            scale=6,
        )
        compare = gr.Button(
            words.COMPARE_BUTTON, variant="primary", elem_id="compare-button", scale=1, interactive=False
        )
        stop = gr.Button(words.STOP_BUTTON, elem_id="stop-button", scale=1, interactive=False)
    with gr.Row(elem_classes="ls-chips ls-prompts"):
        prompts = [gr.Button(p, size="sm", elem_classes="ls-chip") for p in words.PROMPTS]
        why = gr.HTML(parts.hint(words.WHY_LOADING), elem_id="compare-why", elem_classes="ls-grow")
    problem = gr.HTML(elem_id="compare-problem")
    with gr.Row(equal_height=True, elem_classes="ls-stack ls-panels"):
        plain = gr.HTML(parts.answer("plain", words.ORIGINAL, "", empty=words.ORIGINAL_EMPTY), elem_id="plain-output")
        steered = gr.HTML(
            parts.answer("steered", words.STEERED_UNKNOWN, "", empty=words.STEERED_EMPTY), elem_id="steered-output"
        )
    with gr.Accordion(words.MORE, open=False):
        with gr.Row():
            mode = gr.Radio(words.MODES, value="chat", label=words.MODE, elem_id="mode")
            seed = gr.Number(0, label=words.SEED, info=words.SEED_INFO, precision=0, elem_id="seed")
        with gr.Row():
            length = gr.Slider(
                10, 400, value=80, step=10, label=words.LENGTH, info=words.LENGTH_INFO, elem_id="length"
            )
            variety = gr.Slider(
                0, 1.5, value=0.7, step=0.05, label=words.VARIETY, info=words.VARIETY_INFO, elem_id="variety"
            )
    return ComparePage(
        concept=concept,
        strength=strength,
        strength_word=word,
        strengths=strengths,
        prompt=prompt,
        prompts=prompts,
        seed=seed,
        length=length,
        variety=variety,
        mode=mode,
        compare=compare,
        stop=stop,
        why=why,
        problem=problem,
        plain=plain,
        steered=steered,
    )


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.compare
    for button, (_, at) in zip(page.strengths, words.STRENGTH_BUTTONS, strict=True):
        button.click(None, None, page.strength, js=f"() => {at}")
    for button, text in zip(page.prompts, words.PROMPTS, strict=True):
        button.click(lambda text=text: text, None, page.prompt, **QUIET)
    page.strength.change(parts.strength_word, page.strength, page.strength_word, trigger_mode="always_last", **QUIET)
    page.concept.input(lambda chosen: _recommended(ctx, chosen), page.concept, page.strength, **QUIET)

    def answer(
        prompt: str,
        concept_id: str | None,
        strength: float,
        seed: float | None,
        length: float,
        variety: float,
        mode: str,
        request: gr.Request,
    ) -> Iterator[Updates]:
        if not prompt.strip():
            yield {page.problem: parts.alert(words.EMPTY_PROMPT)}
            return
        concept = view.find_concept(ctx.bench.concepts(), concept_id)
        heading = words.with_concept(concept.name, strength) if concept else None
        session = str(request.session_hash)
        stop = ctx.streams.begin(session)
        answers: Sequence[Answer] = ()
        message = ""
        try:
            yield {
                page.problem: "",
                **page.show_controls(view.compare_controls(ctx.bench.snapshot(), streaming=True)),
                **page.show_answers(heading, answers, streaming=True),
            }
            sampling = _sampling(seed, length, variety, mode)
            concept_id = concept.id if concept else None
            with closing(ctx.bench.questions.compare(prompt, concept_id, strength, sampling, stop=stop)) as stream:
                message = parts.notice(stream.warning or "")
                for answers in stream:
                    yield page.show_answers(heading, answers, streaming=True)
                    stop.wait(PACE)  # the stream then gives the newest state, so nothing is lost but steps in between
        except Exception as error:
            message = trouble(error)
        finally:  # also when the page was closed: Gradio then ends this generator at its yield
            ctx.streams.end(session, stop)
        yield {
            page.problem: message,
            **page.show_controls(view.compare_controls(ctx.bench.snapshot(), streaming=False)),
            **page.show_answers(heading, answers, streaming=False),
        }

    gr.on(
        [page.compare.click, page.prompt.submit],
        answer,
        [page.prompt, page.concept, page.strength, page.seed, page.length, page.variety, page.mode],
        [page.problem, *page.controls, page.plain, page.steered],
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=8,
        trigger_mode="once",
    )

    def stop(request: gr.Request) -> None:
        ctx.streams.stop(str(request.session_hash))

    page.stop.click(stop, None, None, **QUIET)


def _sampling(seed: float | None, length: float, variety: float, mode: str) -> Sampling:
    from lineas.generation import Sampling  # torch comes with it: not before the page is up

    return Sampling(
        max_new_tokens=int(length),
        temperature=variety,
        seed=abs(int(seed or 0)) % 2**31,
        chat=None if mode == "chat" else False,
    )


def _recommended(ctx: Context, concept_id: str | None) -> Any:
    concept = view.find_concept(ctx.bench.concepts(), concept_id)
    return concept.recommended_strength if concept else gr.skip()
