"""The line over the pages: what is going on, and the one thing that can be done about it from anywhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Seen
from lineas.ui.events import RAW, Updates, told

if TYPE_CHECKING:
    from lineas.service.snapshot import Snapshot
    from lineas.ui.studio import Studio

MOMENT = 0.5
"""Seconds for the page to hear that there will be a restart, before there is one."""


def build() -> tuple[gr.HTML, gr.Button, gr.HTML]:
    """The line, its button, and what may go wrong with it."""
    with gr.Row(elem_id="banner", elem_classes="ls-banner", equal_height=True):
        line = gr.HTML(
            parts.status(view.Status("busy", ui_text.LOADING, moving=True)), elem_id="status-banner", scale=1
        )
        act = gr.Button(visible=False, elem_id="banner-button", scale=0, min_width=0)
    return line, act, gr.HTML(elem_id="banner-problem")


def show(snapshot: Snapshot) -> tuple[str, Any]:
    """The line's HTML and its button."""
    action = view.banner_action(snapshot)
    return parts.status(view.status(snapshot), snapshot.model.name), gr.update(value=action, visible=bool(action))


def wire(ctx: Context, studio: Studio) -> None:
    @told(studio.banner_problem)
    def act(label: str, chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        """By what the button said when it was pressed, and for the run that was shown: what is going on may have changed
        since."""
        if label == ui_text.ACT_RESTART and ctx.service.snapshot().model.phase == "broken":
            threading.Timer(MOMENT, ctx.restart).start()
            return {studio.banner: parts.status(view.Status("busy", ui_text.RESTARTING, moving=True))}
        if label == ui_text.ACT_TRY:
            return studio.try_run(seen, chosen, request)
        if label == ui_text.ACT_STOP:
            ctx.service.cancel(seen.run)
        if label == ui_text.ACT_RESUME:
            ctx.service.resume(seen.run)
            return studio.refresh(seen, request, follow=seen.run)
        return studio.refresh(seen, request)

    outputs = [studio.banner_problem, studio.tabs, *studio.refreshed]
    studio.banner_act.click(act, [studio.banner_act, studio.compare.concept, studio.seen], outputs, **RAW)
