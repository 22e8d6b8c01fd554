"""The line above the pages: what is going on, a button for the one thing to do about it, and the offer of a better model."""

import threading
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.service import better_model
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html
from lineas.ui.context import Context, Now, Seen
from lineas.ui.events import QUIET, RAW, Updates, report_errors
from lineas.ui.page import Frame, Page

RESTART_DELAY = 0.5
"""Seconds between the message and the restart, so that the message reaches the browser."""


@dataclass(frozen=True)
class Banner(Page):
    line: gr.HTML
    better: gr.Button
    dismiss: gr.Button
    button: gr.Button
    note: gr.HTML
    problem: gr.HTML

    @property
    def shown(self) -> list[Any]:
        return [self.line, self.better, self.dismiss, self.button, self.note]

    def show(self, now: Now) -> Updates:
        action = view_state.banner_action(now.snapshot)
        line = html.status(view_state.status(now.snapshot), now.snapshot.model.name)
        better = view_state.better_model(now.snapshot)
        label = ui_text.better_model(better.name, better.size, better.licence) if better else ""
        updates: Updates = {
            self.line: line,
            self.better: gr.update(value=label, visible=better is not None),
            self.dismiss: gr.update(visible=better is not None),
            self.button: gr.update(value=action, visible=bool(action)),
        }
        if now.snapshot.model.phase != "loading":
            updates[self.note] = ""
        return updates


def build() -> Banner:
    loading = html.status(view_state.Status("busy", ui_text.LOADING, moving=True))
    with gr.Row(elem_id="banner", elem_classes="ls-banner", equal_height=True):
        line = gr.HTML(loading, elem_id="status-banner", scale=1)
        with gr.Row(elem_id="better", elem_classes="ls-better"):
            better = gr.Button(visible=False, elem_id="better-load", size="sm")
            dismiss = gr.Button(ui_text.BETTER_NO, visible=False, elem_id="better-no", size="sm")
        button = gr.Button(visible=False, elem_id="banner-button", scale=0, min_width=0)
    note = gr.HTML(elem_id="banner-note")
    return Banner(line, better, dismiss, button, note, gr.HTML(elem_id="banner-problem"))


def wire(ctx: Context, banner: Banner, frame: Frame) -> None:
    @report_errors(banner.problem)
    def act(label: str, chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        """Do what the button said when it was pressed, to the run that was shown then; both may have changed since."""
        if label == ui_text.ACT_RESTART and ctx.service.snapshot().model.phase == "broken":
            threading.Timer(RESTART_DELAY, ctx.restart).start()
            return {banner.line: html.status(view_state.Status("busy", ui_text.RESTARTING, moving=True))}
        if label == ui_text.ACT_TRY:
            return frame.try_taught(chosen, seen, request)
        if label == ui_text.MODELS_STOP_LOADING and ctx.service.snapshot().model.phase == "loading":
            ctx.service.free_model()
        if label == ui_text.ACT_STOP:
            ctx.service.cancel(seen.run)
        if label == ui_text.ACT_RESUME:
            ctx.service.resume(seen.run)
            return frame.refresh(seen, request, follow=seen.run)
        return frame.refresh(seen, request)

    inputs = [banner.button, frame.choosers[0], frame.seen]
    banner.button.click(act, inputs, [banner.problem, *frame.opened], **RAW)

    @report_errors(banner.problem)
    def load_better(seen: Seen, request: gr.Request) -> Updates:
        """Load the model that is offered. Only now anybody else is asked for it."""
        offered = view_state.better_model(ctx.service.snapshot())
        if offered is None:  # another page was quicker
            return frame.refresh(seen, request)
        better_model.load(ctx.service, ctx.presets, offered)
        return {**frame.refresh(seen, request), banner.note: html.notice(ui_text.BETTER_LOADING)}

    banner.better.click(load_better, frame.seen, [banner.problem, *frame.refreshed], **QUIET)
    banner.dismiss.click(None, None, None, js="() => window.lineasDismiss('better')")
