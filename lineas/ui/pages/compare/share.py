"""Taking a comparison away: as a file of the browser's own making, or as code that repeats it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.context import Context
from lineas.ui.events import QUIET, Updates, told
from lineas.ui.pages.compare import record as compare_record
from lineas.ui.pages.compare.handlers import question
from lineas.ui.pages.compare.record import Exchange

if TYPE_CHECKING:
    from lineas.ui.studio import Studio

DOWNLOAD = "(file) => window.lineasDownload(file)"
MAKERS = {"md": compare_record.as_markdown, "json": compare_record.as_json}


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.compare
    safely = told(page.problem)

    @safely
    def save(kind: str, exchange: Exchange | None) -> Updates:
        if exchange is None or not exchange.answers:
            return {page.file: None, page.problem: parts.alert(ui_text.SAVE_NOTHING)}
        return {page.file: {"name": f"{exchange.file_stem}.{kind}", "text": MAKERS[kind](exchange)}}

    for kind, button in (("md", page.save_markdown), ("json", page.save_json)):
        made = button.click(partial(save, kind), page.last, [page.file, page.problem], **QUIET)
        made.then(None, page.file, None, js=DOWNLOAD)

    def code(kind: str, address: str, *settings: Any) -> Updates:
        asked = question(*settings)
        concept = view.find_concept(ctx.service.concepts(), asked.concept)
        if not asked.prompt.strip():
            raise LineasError(ui_text.EMPTY_PROMPT)
        if concept is None:
            raise LineasError(ui_text.CODE_NO_CONCEPT)
        model = ctx.service.snapshot().model.name
        match kind:
            case "python":
                text = compare_record.python_code(asked, model, concept.path)
            case "shell":
                text = compare_record.command(asked, model, concept.path)
            case _:
                text = compare_record.curl(asked, address, ctx.auth)
        return {page.code: parts.code(text)}

    def show_code(kind: str) -> Callable[..., Updates]:
        @safely
        def show(
            request: gr.Request, *settings: Any
        ) -> Updates:  # Gradio finds the request by its hint, not in a partial
            return code(kind, _address(request), *settings)

        return show

    for (_, kind), button in zip(ui_text.CODE_KINDS, page.codes, strict=True):
        button.click(show_code(kind), page.asked, [page.code, page.problem], **QUIET)


def _address(request: gr.Request) -> str:
    """Under which this studio was reached."""
    return str(request.headers["origin"] if "origin" in request.headers else f"http://{request.headers['host']}")
