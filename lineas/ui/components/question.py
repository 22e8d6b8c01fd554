"""What the pages that answer share: the row that asks, the settings of sampling, and the loop that shows growing answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.training.recipes import LARGEST_SEED
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import fields, html
from lineas.ui.context import Context, stream_key
from lineas.ui.events import HIDDEN, QUIET, Updates, error_alert

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.generation.sampling import Sampling
    from lineas.service.answer_stream import AnswerStream

PACE = 0.1
"""Seconds between two updates of a page. Each costs a browser without a graphics card about 40 ms of a processor core."""


@dataclass(frozen=True)
class Asking:
    """The field of the question, the buttons that ask (``go``) and stop, and what is said about them."""

    prompt: gr.Textbox
    go: list[gr.Button]
    stop: gr.Button
    suggestions: list[gr.Button]
    why: gr.HTML
    problem: gr.HTML

    @property
    def controls(self) -> list[Any]:
        """Components that ``show`` may change."""
        return [*self.go, self.stop, self.why]

    def show(self, controls: view_state.Controls) -> Updates:
        return {
            **{button: gr.update(interactive=controls.go) for button in self.go},
            self.stop: gr.update(interactive=controls.end),
            self.why: html.hint(controls.why),
        }


def asking(
    tab: str, run: str, ids: tuple[str, str, str] | None = None, suggestions: Sequence[str] = (), **prompt: Any
) -> Asking:
    """Build the row that asks.

    Args:
        run: label of the button that asks.
        ids: element ids of prompt and buttons, where they do not begin with ``tab``.
        suggestions: questions to choose from by a click.
        prompt: options of the question's field.
    """
    prompt_id, run_id, stop_id = ids or (f"{tab}-prompt", f"{tab}-run", f"{tab}-stop")
    prompt = {"label": ui_text.PROMPT, "placeholder": ui_text.PROMPT_HINT, "lines": 1, **prompt}
    with gr.Row(elem_classes="ls-actions ls-ask"):
        field = fields.text_field(elem_id=prompt_id, value=ui_text.PROMPTS[0], max_lines=5, scale=6, **prompt)
        go = fields.main_button(run, run_id, scale=1, interactive=False)
        stop = gr.Button(ui_text.STOP_BUTTON, elem_id=stop_id, scale=1, interactive=False)
    with gr.Row(elem_classes="ls-chips ls-prompts"):
        chips = [fields.chip(text, f"{prompt_id}-{i}") for i, text in enumerate(suggestions)]
        why = fields.hint(ui_text.WHY_LOADING, f"{tab}-why", elem_classes="ls-grow")
    return Asking(field, [go], stop, chips, why, gr.HTML(elem_id=f"{tab}-problem"))


@dataclass(frozen=True)
class Settings:
    """The fold "More settings"; ``system`` is there on Compare only."""

    mode: gr.Radio
    seed: gr.Number
    max_new_tokens: gr.Slider
    temperature: gr.Slider
    system: gr.Textbox | None

    @property
    def inputs(self) -> list[Any]:
        """Components in the order in which ``sampling`` takes their values."""
        return [self.seed, self.max_new_tokens, self.temperature, self.mode]


def settings(prefix: str, max_new_tokens: int, most: int = 200, system: bool = False) -> Settings:
    """Build the fold "More settings".

    Args:
        prefix: begins the element ids, which differ from page to page.
        max_new_tokens, most: default and upper limit of an answer's length.
    """
    with gr.Accordion(ui_text.MORE, open=False, elem_classes="ls-advanced"):
        with gr.Row():
            mode = gr.Radio(ui_text.MODES, value="chat", label=ui_text.MODE, elem_id=f"{prefix}mode")
            system_id = f"{prefix}system"
            system_prompt = gr.Textbox("", max_lines=4, elem_id=system_id, **ui_text.SYSTEM) if system else None
        with gr.Row():
            seed = gr.Number(0, precision=0, elem_id=f"{prefix}seed", **ui_text.SEED)
            length = gr.Slider(10, most, max_new_tokens, step=10, elem_id=f"{prefix}length", **ui_text.LENGTH)
            variety = gr.Slider(0, 1.5, 0.7, step=0.05, elem_id=f"{prefix}variety", **ui_text.VARIETY)
    return Settings(mode, seed, length, variety, system_prompt)


def valid_seed(typed: float | None) -> int:
    """The seed for a number as typed: whole, not negative, not above the largest one."""
    return abs(int(typed or 0)) % (LARGEST_SEED + 1)


def sampling(seed: float | None, max_new_tokens: float, temperature: float, mode: str) -> Sampling:
    """Sampling from the values of ``Settings.inputs``."""
    from lineas.generation.sampling import Sampling

    chat = None if mode == "chat" else False
    return Sampling(
        max_new_tokens=int(max_new_tokens),
        temperature=temperature,
        seed=valid_seed(seed),
        chat=chat,
        whole_sentences=True,
    )


def stream_answers(
    ctx: Context,
    asking: Asking,
    key: str,
    start: Callable[[Event], AnswerStream],
    show: Callable[[Sequence[Answer], bool], Updates],
    *,
    message: str = "",
    measure: Callable[[Sequence[Answer], Event], Iterator[Updates]] | None = None,
) -> Iterator[Updates]:
    """Show answers as they grow. A new question of the same ``key`` cancels the running answer.

    Args:
        key: the place of the answers in ``Streams``.
        start: begins the answers, which end when the event is set.
        show: the answers so far on the page, and whether more will come.
        message: HTML about the question.
        measure: further work with the answers; its updates are shown, too.
    """
    stop = ctx.streams.begin(key)
    answers: Sequence[Answer] = ()

    def controls(streaming: bool) -> Updates:
        return asking.show(view_state.compare_controls(ctx.service.snapshot(), streaming))

    try:
        with closing(start(stop)) as stream:
            yield {asking.problem: message, **controls(True), **show(stream.known, True)}
            message += html.notice(stream.warning or "")
            for answers in stream:
                yield show(answers, True)
                stop.wait(PACE)  # the stream then gives the newest state and skips the steps in between
        if measure is not None:
            yield from measure(answers, stop)
    except Exception as error:
        message = error_alert(error)
    finally:  # also when the page was closed: Gradio then ends this generator at its yield
        newest = ctx.streams.end(key, stop)
    if newest:  # otherwise the page belongs to a newer question
        yield {asking.problem: message, **controls(False), **show(answers, False)}


def wire(
    ctx: Context, asking: Asking, tab: str, run: Callable[..., Iterator[Updates]], inputs: list[Any], shown: list[Any]
) -> None:
    """Wire the first button of a tab with answers of its own, and Stop.

    Args:
        shown: the components that ``run`` may change beside ``asking``.
    """
    wire_run([asking.go[0].click, asking.prompt.submit], asking, run, inputs, shown)

    def stop_tab(request: gr.Request) -> None:
        ctx.streams.stop(stream_key(str(request.session_hash), tab))

    asking.stop.click(stop_tab, None, None, **QUIET)


def wire_run(
    triggers: list[Any],
    asking: Asking,
    run: Callable[..., Iterator[Updates]],
    inputs: list[Any],
    shown: list[Any],
) -> None:
    """Let ``run`` answer when one of the triggers fires; ``shown`` as ``wire`` takes it."""
    gr.on(
        triggers,
        run,
        inputs,
        [asking.problem, *asking.controls, *shown],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="once",
        **HIDDEN,
    )
