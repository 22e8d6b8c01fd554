"""What the Teach page does: presets and files into the boxes, what is wrong with them, and teaching itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Seen
from lineas.ui.events import HIDDEN, QUIET, RAW, Updates, told
from lineas.ui.pages.teach import files as teach_data
from lineas.ui.pages.teach.layout import TeachPage, asked

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.data.report import ExamplesReport
    from lineas.ui.studio import Studio


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.teach
    _wire_boxes(ctx, page)
    teach_data.wire(ctx, page, partial(replace_with, ctx, page))
    _wire_teaching(ctx, studio)


def replace_with(
    ctx: Context, page: TeachPage, written: list[str], name: str | None, source: str | None, target: str | None
) -> Updates:
    """New text for the boxes (None: it stays); what the person wrote themselves there can be brought back."""
    new = zip(page.boxes, (name, source, target), strict=True)
    filled: Updates = {box: text for box, text in new if text is not None}
    shipped = [(p.name, "\n".join(p.source), "\n".join(p.target)) for p in ctx.presets]
    if tuple(written) in shipped or not any(text.strip() for text in written[1:]):
        return filled
    return {**filled, page.replaced: written, page.undo: gr.update(visible=True)}


def _wire_boxes(ctx: Context, page: TeachPage) -> None:
    safely = told(page.problem)
    filled = [*page.boxes, page.replaced, page.undo]

    def use(preset: Preset, *written: str) -> Updates:
        source, target = "\n".join(preset.source), "\n".join(preset.target)
        return replace_with(ctx, page, list(written), preset.name, source, target)

    for button, preset in zip(page.presets, ctx.presets, strict=True):
        button.click(partial(use, preset), page.boxes, filled, **QUIET)

    def undo(replaced: list[str]) -> Updates:
        return {page.undo: gr.update(visible=False)} | dict(zip(page.boxes, replaced, strict=True))

    page.undo.click(undo, page.replaced, [*page.boxes, page.undo], **QUIET)

    @safely
    def upload(side: int, path: str | None, *written: str) -> Updates:
        from lineas.data import read_file

        if path is None:
            return {}
        try:
            text = "\n".join(read_file(path))
        except LineasError:
            offered = teach_data.offer(page.data, Path(path), side)  # a table whose columns have to be chosen from
            if offered is None:
                raise
            return offered
        return replace_with(ctx, page, list(written), None, *((text, None) if side == 0 else (None, text)))

    for side, opener in enumerate(page.uploads):
        opener.upload(
            partial(upload, side),
            [opener, *page.boxes],
            [*filled, page.problem, *page.data.all],
            **HIDDEN,
        )

    @safely
    def count(source: str, target: str, recipe: str, steps: float | None) -> Updates:
        report = ctx.service.examples_report(source, target)
        return {
            page.source_count: parts.counter(report.source_count, report.source_repeats),
            page.target_count: parts.counter(report.target_count, report.target_repeats),
            # nothing to complain about while the second list is still to be written
            page.findings: parts.findings(report) if source.strip() and target.strip() else "",
            page.how_long: parts.hint(_how_long(ctx, report, recipe, int(steps or 0))),
        }

    gr.on(
        [page.source.change, page.target.change, page.settings.recipe.change, page.settings.steps.change],
        count,
        [page.source, page.target, page.settings.recipe, page.settings.steps],
        [page.source_count, page.target_count, page.findings, page.how_long, page.problem],
        trigger_mode="always_last",
        **QUIET,
    )


def _how_long(ctx: Context, report: ExamplesReport, recipe: str, steps: int) -> str:
    """A sentence on the time that teaching will take; nothing where it would be refused."""
    from lineas.service.eta import estimate
    from lineas.training.recipes import recipe_named

    if any(finding.severity == "error" for finding in report.findings):
        return ""
    model = ctx.service.snapshot().model.name
    found = estimate(
        ctx.service.runs(), model, recipe_named(recipe, steps or None), report.source_count, report.target_count
    )
    return ui_text.how_long(found.seconds, found.runs) if found else ui_text.HOW_LONG_UNKNOWN


def _wire_teaching(ctx: Context, studio: Studio) -> None:
    page = studio.teach
    safely = told(page.problem)

    @safely
    def teach_concept(name: str, source: str, target: str, seen: Seen, request: gr.Request, *settings: Any) -> Updates:
        run_id = ctx.service.teach(name.strip() or ui_text.UNNAMED, source, target, **asked(*settings))
        return studio.refresh(seen, request, follow=run_id)

    @safely
    def cancel(seen: Seen, request: gr.Request) -> Updates:
        """The run that is shown: the next one may have begun since."""
        ctx.service.cancel(seen.run)
        return studio.refresh(seen, request)

    @safely
    def resume(seen: Seen, request: gr.Request) -> Updates:
        ctx.service.resume(seen.run)
        return studio.refresh(seen, request, follow=seen.run)

    @safely
    def try_it(chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        return studio.try_run(seen, chosen, request)

    outputs = [page.problem, *studio.refreshed]
    page.teach.click(teach_concept, [*page.boxes, studio.seen, *page.settings.all], outputs, **QUIET)
    page.cancel.click(cancel, studio.seen, outputs, **QUIET)
    page.resume.click(resume, studio.seen, outputs, **QUIET)
    page.try_it.click(try_it, [studio.compare.concept, studio.seen], [*outputs, studio.tabs], **RAW)
