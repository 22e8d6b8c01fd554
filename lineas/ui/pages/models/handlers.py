"""What the page Model does: lists the models on this computer, describes, loads and frees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import gradio as gr

from lineas.errors import LineasError
from lineas.service.page_advice import for_pages
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context, Seen
from lineas.ui.events import QUIET, RAW, Updates, report_errors, scroll_to
from lineas.ui.page import Frame
from lineas.ui.pages.models import render
from lineas.ui.pages.models.layout import ModelsPage

if TYPE_CHECKING:
    from lineas.models.local import LocalModel


def wire(ctx: Context, page: ModelsPage, frame: Frame) -> None:
    service, slot = ctx.service, ctx.service.model_slot

    described = [page.about, page.look_up]

    def check(name: str) -> None:
        """Raise LineasError for a path, unless it is on the list or people at this computer typed it; others learn nothing."""
        if not ctx.local and may_be_local(name) and name not in [m.name for m in slot.local_models.models()]:
            raise LineasError(ui_text.MODELS_NOT_NAMED)

    def describe(name: str) -> Updates:
        """The card of one model. A wrong name is no alert here, because it may still be being typed."""
        hidden = gr.update(visible=False)
        try:
            check(name)
            if inside := slot.local_models.inside(name):
                return {page.about: html.hint(ui_text.models_inside(len(inside))), page.look_up: hidden}
            found = slot.local_models.look_at(name)
            unknown = found.kind == "hub" and found.path is None
            return {page.about: render.about(found, slot.room()), page.look_up: gr.update(visible=unknown)}
        except LineasError as error:
            return {page.about: html.hint(for_pages(str(error))), page.look_up: hidden}

    @report_errors(page.problem)
    def opened(listed: str | None, typed: str, event: gr.SelectData) -> Updates:
        """Look at the disk when the tab is opened: models may have been downloaded or deleted meanwhile."""
        if event.value != ui_text.MODELS:
            return {page.problem: gr.skip()}
        found = slot.local_models.models()
        names = [model.name for model in found]
        current = service.snapshot().model.name
        chosen = None if typed.strip() else next((n for n in (listed, current, *names) if n in names), None)
        return {page.models: gr.update(choices=render.choices(found), value=chosen), **describe(chosen or typed)}

    frame.tabs.select(opened, [page.models, page.name], [page.problem, page.models, *described], **RAW)

    @report_errors(page.problem)
    def choose(listed: str) -> Updates:
        return {**describe(listed), page.name: ""}

    page.models.input(choose, page.models, [page.problem, *described, page.name], **RAW)
    page.models.input(None, None, None, js=scroll_to("model-about"))

    @report_errors(page.problem)
    def write(typed: str) -> Updates:
        return {**describe(typed), page.models: None} if typed.strip() else {}

    page.name.change(write, page.name, [page.problem, *described, page.models], trigger_mode="always_last", **QUIET)
    for button, suggestion in zip(page.suggestions, ui_text.MODELS_SUGGESTIONS, strict=True):
        button.click(lambda suggestion=suggestion: suggestion, None, page.name, **QUIET)

    @report_errors(page.problem)
    def look_up(listed: str | None, typed: str) -> Updates:
        """Ask the hub only now: nobody is told what is being typed."""
        from lineas.models import hub

        name = typed.strip() or listed or ""
        check(name)
        try:
            known = hub.look_up(name)
        except LineasError as error:
            raise LineasError(for_pages(str(error))) from error
        found = slot.local_models.look_at(name)
        return {
            page.about: render.about(
                replace(found, parameters=known.parameters or found.parameters), slot.room(), known
            )
        }

    waiting = {**RAW, "show_progress": "minimal", "show_progress_on": [page.look_up]}
    page.look_up.click(look_up, [page.models, page.name], [page.problem, page.about], **waiting)

    def check_fits(model: LocalModel) -> None:
        """Raise LineasError for a model that is too large, before the current one leaves memory. A size that is only guessed from a
        name is checked when the model is loaded."""
        if model.path is None or model.parameters is None:
            return
        room = slot.room()
        needed = room.needed(model.parameters, packed=model.kind == "gguf")
        if needed > room.free:
            sizes = {"needed": ui_text.gigabytes(needed), "free": ui_text.gigabytes(room.free)}
            raise LineasError(ui_text.DOES_NOT_FIT.format(name=ui_text.model_name(model.name, model.kind), **sizes))

    @report_errors(page.problem)
    def load(listed: str | None, typed: str, seen: Seen, request: gr.Request) -> Updates:
        name = typed.strip() or listed or ""
        if not name:
            raise LineasError(ui_text.MODELS_NOTHING)
        check(name)
        if inside := slot.local_models.inside(name):
            slot.local_models.remember(name)
            first = inside[0].name
            choices = render.choices(slot.local_models.models())
            updates = {page.models: gr.update(choices=choices, value=first), page.name: "", **describe(first)}
            return {**updates, page.problem: html.notice(ui_text.models_found(len(inside)), "good")}
        check_fits(slot.local_models.look_at(name))
        service.load_model(name)
        slot.local_models.remember(name)
        return frame.refresh(seen, request)

    outputs = [page.problem, *frame.refreshed]
    chosen = [page.models, page.name, *described]
    gr.on([page.load.click, page.name.submit], load, [*chosen[:2], frame.seen], [*outputs, *chosen], **RAW)

    @report_errors(page.problem)
    def free(seen: Seen, request: gr.Request) -> Updates:
        service.free_model()
        return frame.refresh(seen, request)

    page.free.click(free, frame.seen, outputs, **QUIET)
