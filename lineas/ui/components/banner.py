"""The line above the pages: what is going on, and a button for the one thing that can be done about it."""

import threading
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html
from lineas.ui.context import Context, Now, Seen
from lineas.ui.events import RAW, Updates, report_errors
from lineas.ui.page import Frame, Page

RESTART_DELAY = 0.5
"""Seconds between the message and the restart, so that the message reaches the browser."""


@dataclass(frozen=True)
class Banner(Page):
    line: gr.HTML
    button: gr.Button
    problem: gr.HTML

    @property
    def shown(self) -> list[Any]:
        return [self.line, self.button]

    def show(self, now: Now) -> Updates:
        action = view_state.banner_action(now.snapshot)
        line = html.status(view_state.status(now.snapshot), now.snapshot.model.name)
        return {self.line: line, self.button: gr.update(value=action, visible=bool(action))}


def build() -> Banner:
    loading = html.status(view_state.Status("busy", ui_text.LOADING, moving=True))
    with gr.Row(elem_id="banner", elem_classes="ls-banner", equal_height=True):
        line = gr.HTML(loading, elem_id="status-banner", scale=1)
        button = gr.Button(visible=False, elem_id="banner-button", scale=0, min_width=0)
    return Banner(line, button, gr.HTML(elem_id="banner-problem"))


def wire(ctx: Context, banner: Banner, frame: Frame) -> None:
    @report_errors(banner.problem)
    def act(label: str, chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        """Do what the button said when it was pressed, to the run that was shown then; both may have changed since."""
        if label == ui_text.ACT_RESTART and ctx.service.snapshot().model.phase == "broken":
            threading.Timer(RESTART_DELAY, ctx.restart).start()
            return {banner.line: html.status(view_state.Status("busy", ui_text.RESTARTING, moving=True))}
        if label == ui_text.ACT_TRY:
            return frame.try_taught(chosen, seen, request)
        if label == ui_text.ACT_STOP:
            ctx.service.cancel(seen.run)
        if label == ui_text.ACT_RESUME:
            ctx.service.resume(seen.run)
            return frame.refresh(seen, request, follow=seen.run)
        return frame.refresh(seen, request)

    inputs = [banner.button, frame.choosers[0], frame.seen]
    banner.button.click(act, inputs, [banner.problem, *frame.opened], **RAW)
