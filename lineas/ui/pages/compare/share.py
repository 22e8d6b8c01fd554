"""Taking a comparison away: as a link, as a file that the browser makes, or as code that repeats it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html
from lineas.ui.context import Context
from lineas.ui.events import QUIET, RAW, Updates, report_errors
from lineas.ui.pages.compare import conversation, record, render
from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.layout import ComparePage
from lineas.ui.pages.compare.link import COPY_LINK, Link

DOWNLOAD = "(file) => window.lineasDownload(file)"
FORMATS = {"md": conversation.as_markdown, "json": conversation.as_json}


def wire(ctx: Context, page: ComparePage) -> None:
    @report_errors(page.asking.problem)
    def save(kind: str, talk: Talk) -> Updates:
        if not talk.turns:
            return {page.file: None, page.asking.problem: html.alert(ui_text.SAVE_NOTHING)}
        file = {"name": f"{talk.turns[-1].file_stem}.{kind}"}
        if kind in FORMATS:
            return {page.file: {**file, "text": FORMATS[kind](talk.turns)}}
        return {page.file: {**file, "card": render.card(talk.turns[-1])}}

    for kind, button in zip(("md", "json", "svg", "png"), page.saves, strict=True):
        made = button.click(partial(save, kind), page.talk, [page.file, page.asking.problem], **QUIET)
        made.then(None, page.file, None, js=DOWNLOAD)

    def share(concept_id: str | None, strength: float, mode: str, question: str) -> Updates:
        concept = view_state.find_concept(ctx.service.concepts(), concept_id)
        link = Link(concept.name, strength, question, mode) if concept else Link(question=question)
        return {page.file: {"query": link.to_query(), "copied": ui_text.COPIED}}

    asked = [page.concept, page.strength, page.mode, page.asking.prompt]
    shared = page.share.click(share, asked, page.file, **RAW)
    shared.then(None, page.file, None, js=COPY_LINK)

    def code(kind: str, url: str, *asked: Any) -> str:
        question = record.Question.from_page(*asked)
        concept = view_state.find_concept(ctx.service.concepts(), question.concept)
        if not question.prompt.strip():
            raise LineasError(ui_text.EMPTY_PROMPT)
        if concept is None:
            raise LineasError(ui_text.CODE_NO_CONCEPT)
        if kind == "curl":
            return record.curl(question, url, ctx.auth)
        write = record.python_code if kind == "python" else record.command
        return write(question, ctx.service.snapshot().model.name, concept.path)

    def show_code(kind: str) -> Callable[..., Updates]:
        @report_errors(page.asking.problem)
        def show(
            request: gr.Request, *asked: Any
        ) -> Updates:  # not a partial: Gradio finds the request by its type hint
            return {page.code: render.code(code(kind, address(request.headers), *asked))}

        return show

    for (_, kind), button in zip(ui_text.CODE_KINDS, page.codes, strict=True):
        button.click(show_code(kind), page.asked, [page.code, page.asking.problem], **QUIET)


def address(headers: Mapping[str, str]) -> str:
    """The address under which this studio was reached, which may be a path of another server, by the headers of a request."""
    if page := headers.get("referer"):
        return urlunsplit(urlsplit(page)._replace(query="", fragment=""))
    return headers["origin"] if "origin" in headers else f"http://{headers['host']}"
