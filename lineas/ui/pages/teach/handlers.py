"""What the page Teach does: fills the boxes from presets and files, checks the sentences, and teaches."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.context import Context, Seen, stream_key
from lineas.ui.events import HIDDEN, QUIET, RAW, Updates, report_errors
from lineas.ui.page import Frame
from lineas.ui.pages.teach import dataset, drafting, render
from lineas.ui.pages.teach.layout import TeachPage, service_settings

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.data.report import ExamplesReport


def wire(ctx: Context, page: TeachPage, frame: Frame) -> None:
    _wire_boxes(ctx, page)
    _wire_teaching(ctx, page, frame)


def _wire_boxes(ctx: Context, page: TeachPage) -> None:
    shipped = [[p.name, "\n".join(p.source), "\n".join(p.target)] for p in ctx.presets]

    def replace_text(written: list[str], *texts: str | None) -> Updates:
        """Replace the texts in the boxes. The person wrote nothing if they held an unchanged preset."""
        return page.replace_text([] if written in shipped else written, *texts)

    def use(preset: Preset, *written: str) -> Updates:
        return replace_text([*written], preset.name, "\n".join(preset.source), "\n".join(preset.target))

    for button, preset in zip(page.presets, ctx.presets, strict=True):
        button.click(partial(use, preset), page.boxes, page.filled, **QUIET)

    def undo(replaced: list[str]) -> Updates:
        return {page.undo: gr.update(visible=False)} | dict(zip(page.boxes, replaced, strict=True))

    page.undo.click(undo, page.replaced, [*page.boxes, page.undo], **QUIET)

    @report_errors(page.problem)
    def upload(side: int, path: str | None, *written: str) -> Updates:
        from lineas.data import read_examples_file

        if path is None:
            return {}
        if offered := dataset.offer(page.data, Path(path), side):
            return offered
        found = read_examples_file(path)
        text = "\n".join(found.sentences)
        filled = replace_text([*written], None, *((text, None) if side == 0 else (None, text)))
        return {**filled, page.file_note: html.notice(" ".join(found.notes))}

    for side, opener in enumerate(page.uploads):
        outputs = [*page.filled, page.problem, *page.data.offered]
        opener.upload(partial(upload, side), [opener, *page.boxes], outputs, **HIDDEN)

    dataset.wire(ctx, page.data, page.boxes, page.filled, replace_text)
    drafting.wire(ctx, page.wish, page.boxes, page.problem)

    @report_errors(page.problem)
    def count(
        source: str, target: str, recipe: str, steps: float | None, drafted: drafting.Drafted, request: gr.Request
    ) -> Updates:
        report = ctx.service.examples_report(source, target)
        growing = ctx.streams.running(stream_key(str(request.session_hash), drafting.TAB))
        drafts = drafting.remaining(source, drafted.source), drafting.remaining(target, drafted.target)
        return {
            page.source_count: render.counter(report.source_count, report.source_repeats, drafts[0]),
            page.target_count: render.counter(report.target_count, report.target_repeats, drafts[1]),
            # no complaints while the second list is still empty, or drafts are being written
            page.findings: render.findings(report) if source.strip() and target.strip() and not growing else "",
            page.how_long: html.hint(_how_long(ctx, report, recipe, int(steps or 0))),
        }

    def recount(request: gr.Request, *written: Any) -> Updates:
        """Count once more when drafts have been written; a problem that they had stays."""
        return {shown: value for shown, value in count(*written, request).items() if shown is not page.problem}

    counted: list[Any] = [page.source, page.target, page.settings.recipe, page.settings.steps]
    inputs = [*counted, page.wish.drafted]
    outputs = [page.source_count, page.target_count, page.findings, page.how_long]
    latest: dict[str, Any] = {"trigger_mode": "always_last", **QUIET}
    gr.on([component.change for component in counted], count, inputs, [*outputs, page.problem], **latest)
    page.wish.status.change(recount, inputs, outputs, **latest)


def _how_long(ctx: Context, report: ExamplesReport, recipe: str, steps: int) -> str:
    """How long teaching will take; empty for examples that cannot be taught."""
    from lineas.service.eta import estimate
    from lineas.training.recipes import recipe_named

    if any(finding.severity == "error" for finding in report.findings):
        return ""
    model = ctx.service.snapshot().model.name
    settings = recipe_named(recipe, steps or None)
    found = estimate(ctx.service.runs(), model, settings, report.source_count, report.target_count)
    return ui_text.how_long(found.seconds, found.runs) if found else ui_text.HOW_LONG_UNKNOWN


def _wire_teaching(ctx: Context, page: TeachPage, frame: Frame) -> None:
    @report_errors(page.problem)
    def teach_concept(
        name: str, source: str, target: str, wish: str, seen: Seen, request: gr.Request, *settings: Any
    ) -> Updates:
        from lineas.evaluation.drafting.asking import instruction

        name = name.strip() or ui_text.UNNAMED
        words = instruction(wish) if wish.strip() else ""
        run_id = ctx.service.teach(name, source, target, instruction=words, **service_settings(*settings))
        return frame.refresh(seen, request, follow=run_id)

    @report_errors(page.problem)
    def cancel(seen: Seen, request: gr.Request) -> Updates:
        """Cancel the run that is shown; the next one may have begun since."""
        ctx.service.cancel(seen.run)
        return frame.refresh(seen, request)

    @report_errors(page.problem)
    def resume(seen: Seen, request: gr.Request) -> Updates:
        ctx.service.resume(seen.run)
        return frame.refresh(seen, request, follow=seen.run)

    @report_errors(page.problem)
    def try_it(chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        return frame.try_taught(chosen, seen, request)

    outputs = [page.problem, *frame.refreshed]
    inputs = [*page.boxes, page.wish.phrase, frame.seen, *page.settings.all]
    page.teach.click(teach_concept, inputs, outputs, **QUIET)
    page.cancel.click(cancel, frame.seen, outputs, **QUIET)
    page.resume.click(resume, frame.seen, outputs, **QUIET)
    page.try_it.click(try_it, [frame.choosers[0], frame.seen], [page.problem, *frame.opened], **RAW)
