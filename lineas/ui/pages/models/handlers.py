"""What the page Model does: lists the models on this computer, describes, loads and frees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import gradio as gr

from lineas.errors import LineasError
from lineas.models.quantize import QUANTIZED, can_quantize
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

QUANTIZABLE = ("hub", "folder")
"""Kinds of models of which the page offers the weights in fewer bits."""


def wire(ctx: Context, page: ModelsPage, frame: Frame) -> None:
    service, slot = ctx.service, ctx.service.model_slot

    described = [page.about, page.quantize, page.quantize_hint, page.look_up]

    def check(name: str) -> None:
        """Raise LineasError for a path, unless it is on the list or people at this computer typed it; others learn nothing."""
        if not ctx.local and may_be_local(name) and name not in [m.name for m in slot.local_models.models()]:
            raise LineasError(ui_text.MODELS_NOT_NAMED)

    def wanted(found: LocalModel, quantize: str) -> str | None:
        """How the weights of a model are to be quantised; only those that are read whole can be."""
        if found.kind == "built-in":
            return slot.quantize
        return quantize if found.kind in QUANTIZABLE and quantize in QUANTIZED else None

    def describe(name: str, quantize: str) -> Updates:
        """The card of one model. A wrong name is no alert here, because it may still be being typed."""
        updates: Updates = dict.fromkeys(described[1:], gr.update(visible=False))
        try:
            check(name)
            if inside := slot.local_models.inside(name):
                return {**updates, page.about: html.hint(ui_text.models_inside(len(inside)))}
            found = slot.local_models.look_at(name)
            if found.kind in QUANTIZABLE:
                updates[page.quantize if can_quantize() else page.quantize_hint] = gr.update(visible=True)
            updates[page.look_up] = gr.update(visible=found.kind == "hub" and found.path is None)
            return {**updates, page.about: render.about(found, slot.room(wanted(found, quantize)))}
        except LineasError as error:
            return {**updates, page.about: html.hint(for_pages(str(error)))}

    @report_errors(page.problem)
    def opened(listed: str | None, typed: str, quantize: str, event: gr.SelectData) -> Updates:
        """Look at the disk when the tab is opened: models may have been downloaded or deleted meanwhile."""
        if event.value != ui_text.MODELS:
            return {page.problem: gr.skip()}
        found = slot.local_models.models()
        names = [model.name for model in found]
        current = service.snapshot().model.name
        chosen = None if typed.strip() else next((n for n in (listed, current, *names) if n in names), None)
        return {
            page.models: gr.update(choices=render.choices(found), value=chosen),
            **describe(chosen or typed, quantize),
        }

    named = [page.models, page.name, page.quantize]
    frame.tabs.select(opened, named, [page.problem, page.models, *described], **RAW)

    @report_errors(page.problem)
    def choose(listed: str, quantize: str) -> Updates:
        return {**describe(listed, quantize), page.name: ""}

    page.models.input(choose, [page.models, page.quantize], [page.problem, *described, page.name], **RAW)
    page.models.input(None, None, None, js=scroll_to("model-about"))

    @report_errors(page.problem)
    def write(typed: str, quantize: str) -> Updates:
        return {**describe(typed, quantize), page.models: None} if typed.strip() else {}

    changed = [page.problem, *described, page.models]
    page.name.change(write, [page.name, page.quantize], changed, trigger_mode="always_last", **QUIET)

    @report_errors(page.problem)
    def weigh(listed: str | None, typed: str, quantize: str) -> Updates:
        return {page.about: describe(typed.strip() or listed or "", quantize)[page.about]}

    page.quantize.input(weigh, named, [page.problem, page.about], **RAW)
    for button, suggestion in zip(page.suggestions, ui_text.MODELS_SUGGESTIONS, strict=True):
        button.click(lambda suggestion=suggestion: suggestion, None, page.name, **QUIET)

    @report_errors(page.problem)
    def look_up(listed: str | None, typed: str, quantize: str) -> Updates:
        """Ask the hub only now: nobody is told what is being typed."""
        from lineas.models import hub

        name = typed.strip() or listed or ""
        check(name)
        try:
            known = hub.look_up(name)
        except LineasError as error:
            raise LineasError(for_pages(str(error))) from error
        found = slot.local_models.look_at(name)
        found = replace(found, parameters=known.parameters or found.parameters)
        return {page.about: render.about(found, slot.room(wanted(found, quantize)), known)}

    waiting = {**RAW, "show_progress": "minimal", "show_progress_on": [page.look_up]}
    page.look_up.click(look_up, named, [page.problem, page.about], **waiting)

    def check_fits(model: LocalModel, quantize: str | None) -> None:
        """Raise LineasError for a model that is too large, before the current one leaves memory. A size that is only guessed from a
        name is checked when the model is loaded."""
        if model.path is None or model.parameters is None:
            return
        room = slot.room(quantize)
        needed = room.needed(model.parameters, packed=model.kind == "gguf")
        if needed > room.free:
            sizes = {"needed": ui_text.gigabytes(needed), "free": ui_text.gigabytes(room.free)}
            raise LineasError(ui_text.DOES_NOT_FIT.format(name=ui_text.model_name(model.name, model.kind), **sizes))

    @report_errors(page.problem)
    def load(listed: str | None, typed: str, quantize: str, seen: Seen, request: gr.Request) -> Updates:
        name = typed.strip() or listed or ""
        if not name:
            raise LineasError(ui_text.MODELS_NOTHING)
        check(name)
        if inside := slot.local_models.inside(name):
            slot.local_models.remember(name)
            first = inside[0].name
            choices = render.choices(slot.local_models.models())
            updates = {
                page.models: gr.update(choices=choices, value=first),
                page.name: "",
                **describe(first, quantize),
            }
            return {**updates, page.problem: html.notice(ui_text.models_found(len(inside)), "good")}
        found = slot.local_models.look_at(name)
        check_fits(found, wanted(found, quantize))
        service.load_model(name, quantize=wanted(found, quantize))
        slot.local_models.remember(name)
        return frame.refresh(seen, request)

    outputs = [page.problem, *frame.refreshed]
    filled = [*outputs, page.models, page.name, *described]
    gr.on([page.load.click, page.name.submit], load, [*named, frame.seen], filled, **RAW)

    @report_errors(page.problem)
    def free(seen: Seen, request: gr.Request) -> Updates:
        service.free_model()
        return frame.refresh(seen, request)

    page.free.click(free, frame.seen, outputs, **QUIET)
