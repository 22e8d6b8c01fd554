"""What the pages that answer have in common: the row of the question, and for those beside Compare a closed fold of settings, and
Sampling made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.pages.compare.record import dice

if TYPE_CHECKING:
    from lineas.generation.sampling import Sampling

PACE = 0.1
"""Seconds between two updates of a page: each costs a browser without a graphics card some 40 ms of a processor core."""


def question_row(
    prompt_id: str,
    run_id: str,
    stop_id: str,
    run: str,
    label: str = ui_text.PROMPT,
    placeholder: str = ui_text.PROMPT_HINT,
    lines: int = 1,
) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """A box for the question, the button that asks it, and the one that stops the answer."""
    with gr.Row(elem_classes="ls-actions ls-ask"):
        prompt = gr.Textbox(
            ui_text.PROMPTS[0],
            label=label,
            placeholder=placeholder,
            lines=lines,
            max_lines=5,
            elem_id=prompt_id,
            elem_classes="ls-field",
            scale=6,
        )
        go = gr.Button(run, variant="primary", elem_id=run_id, scale=1, interactive=False)
        stop = gr.Button(ui_text.STOP_BUTTON, elem_id=stop_id, scale=1, interactive=False)
    return prompt, go, stop


@dataclass(frozen=True)
class Settings:
    mode: gr.Radio
    seed: gr.Number
    length: gr.Slider
    variety: gr.Slider

    @property
    def inputs(self) -> list[Any]:
        """In the order in which ``sampling`` takes them."""
        return [self.seed, self.length, self.variety, self.mode]


def settings(prefix: str, length: int) -> Settings:
    """The fold "More settings"; ``prefix`` keeps its element ids apart from those of other pages."""
    with gr.Accordion(ui_text.MORE, open=False):
        with gr.Row():
            mode = gr.Radio(ui_text.MODES, value="chat", label=ui_text.MODE, elem_id=f"{prefix}-mode")
            seed = gr.Number(0, label=ui_text.SEED, info=ui_text.SEED_INFO, precision=0, elem_id=f"{prefix}-seed")
        with gr.Row():
            most = gr.Slider(
                10,
                200,
                value=length,
                step=10,
                label=ui_text.LENGTH,
                info=ui_text.LENGTH_INFO,
                elem_id=f"{prefix}-length",
            )
            variety = gr.Slider(
                0,
                1.5,
                value=0.7,
                step=0.05,
                label=ui_text.VARIETY,
                info=ui_text.VARIETY_INFO,
                elem_id=f"{prefix}-variety",
            )
    return Settings(mode, seed, most, variety)


def sampling(seed: float | None, length: float, variety: float, mode: str) -> Sampling:
    from lineas.generation.sampling import Sampling

    return Sampling(
        max_new_tokens=int(length),
        temperature=variety,
        seed=dice(seed),
        chat=None if mode == "chat" else False,
    )
