"""What can be done with picture concepts: draw, continue, open their prompts, share, download, add, delete, and undo that."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.storage import archive
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.context import Context, Seen
from lineas.ui.events import HIDDEN, RAW, Handler, Updates, error_alert, report_errors, scroll_to
from lineas.ui.page import Frame
from lineas.ui.pages.concepts import render
from lineas.ui.pages.pictures.collection import listed
from lineas.ui.pages.pictures.layout import PicturesPage, concept_choices

if TYPE_CHECKING:
    from lineas.ui.pages.concepts.render import Item

SAVE_FILE = (
    "() => setTimeout(() => document.querySelector('#picture-list-problem [role=alert]') || "
    "document.getElementById('picture-file').click(), 200)"
)
"""Presses the real, invisible download button once the page knows its file, unless there was an error."""


def wire(ctx: Context, page: PicturesPage, frame: Frame) -> None:
    _wire_choice(ctx, page, frame)
    _wire_files(ctx, page)
    _wire_deleting(ctx, page)


def _report(page: PicturesPage) -> Callable[[Handler], Handler]:
    """Decorate a handler so that it reports errors. The offer to undo a deletion goes with the next thing that is done."""
    return report_errors(page.collection.problem, {page.collection.undo_bar: gr.update(visible=False)})


def _chosen(ctx: Context, concept: str | None, run: str | None) -> Item:
    if not (item_id := concept or run):
        raise LineasError(ui_text.CHOOSE_FIRST)
    if (item := render.find(listed(ctx.pictures), item_id)) is None:
        raise LineasError(ui_text.IS_GONE)
    return item


def _redraw(ctx: Context, page: PicturesPage, item_id: str | None, message: str = "") -> Updates:
    """Lists and chooser after a change, with ``item_id`` chosen in the list."""
    shown = page.collection.choose(ctx.pictures, item_id)
    return {
        **shown,
        page.concept: gr.update(choices=concept_choices(ctx)),
        page.collection.problem: html.notice(message, "good"),
    }


def _wire_choice(ctx: Context, page: PicturesPage, frame: Frame) -> None:
    """Choosing an item, and what leads to the rest of the page."""
    mine = page.collection
    both = [mine.concepts, mine.runs]

    @_report(page)
    def look(item_id: str | None) -> Updates:
        return mine.show_item(_chosen(ctx, item_id, None))

    about = [*mine.details, mine.problem, mine.undo_bar]
    for one, other in ((mine.concepts, mine.runs), (mine.runs, mine.concepts)):
        one.input(lambda item_id, other=other: {**look(item_id), other: None}, one, [*about, other], **RAW)
        one.input(None, None, None, js=scroll_to("picture-about"))

    @_report(page)
    def use_concept(concept: str | None, run: str | None) -> Updates:
        item = _chosen(ctx, concept, run)
        return {page.concept: gr.update(choices=concept_choices(ctx), value=item.id)}

    used = mine.use.click(use_concept, both, [mine.problem, mine.undo_bar, page.concept], **RAW)
    used.success(None, None, None, js="() => document.getElementById('picture-draw').click()")

    @_report(page)
    def open_prompts(concept: str | None, run: str | None, *written: str) -> Updates:
        item = _chosen(ctx, concept, run)
        if (examples := ctx.pictures.concepts.examples(item.id)) is None:
            raise LineasError(ui_text.PICTURE_NO_PROMPTS)
        word = item.record.instruction if item.record else item.instruction
        values = [item.name, word, *("\n".join(side) for side in examples)]
        return page.replace_lists(written, values)

    mine.prompts.click(open_prompts, [*both, *page.lists.all], [mine.problem, mine.undo_bar, *page.filled], **RAW)

    @_report(page)
    def resume_pictures(concept: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        lesson = ctx.pictures.resume(_chosen(ctx, concept, run).id.removeprefix("run:"))
        refreshed = frame.refresh(seen, request, follow=lesson.run_id)
        return {**refreshed, **_redraw(ctx, page, None), page.teach_problem: ""}

    outputs = [page.teach_problem, mine.problem, mine.undo_bar, *frame.refreshed]
    mine.resume.click(resume_pictures, [*both, frame.seen], outputs, **RAW)
    mine.resume.click(None, None, None, js="() => document.getElementById('picture-status').scrollIntoView()")


def _wire_files(ctx: Context, page: PicturesPage) -> None:
    """Sharing, downloading and adding a concept's file."""
    mine, store = page.collection, ctx.pictures.concepts

    def offered(item: Item, suffix: str, write: Callable[[Path], None]) -> Updates:
        with tempfile.TemporaryDirectory() as folder:
            stem = re.sub(r"[^\w-]+", "-", item.name).strip("-")[:60] or "concept"
            copy = Path(folder) / f"{stem}{suffix}"
            write(copy)
            # into Gradio's folder of files that this page may serve: nothing in the home is ever readable over HTTP
            return {mine.file: mine.file.move_resource_to_block_cache(copy)}

    @_report(page)
    def give_map(concept: str | None, run: str | None) -> Updates:
        item = _chosen(ctx, concept, run)
        return offered(item, ".safetensors", store.to_give(item.id).save)

    @_report(page)
    def share_concept(concept: str | None, run: str | None) -> Updates:
        item = _chosen(ctx, concept, run)
        return offered(item, archive.SUFFIX, partial(store.write_archive, item.id))

    for button, handler in ((mine.download, give_map), (mine.share, share_concept)):
        served = button.click(handler, [mine.concepts, mine.runs], [mine.problem, mine.undo_bar, mine.file], **RAW)
        served.success(None, None, None, js=SAVE_FILE)

    @_report(page)
    def add_file(path: str | None) -> Updates:
        try:
            concept = ctx.pictures.add_file(Path(path or ""))
        except Exception as error:
            return {mine.upload: None, mine.problem: error_alert(error)}
        finally:
            Path(path or "").unlink(missing_ok=True)
        chosen = gr.update(choices=concept_choices(ctx), value=concept.id)
        return {
            **_redraw(ctx, page, concept.id, ui_text.picture_added(concept.name)),
            page.concept: chosen,
            mine.upload: None,
        }

    outputs = [*mine.shown, mine.problem, mine.undo_bar, page.concept, mine.upload]
    mine.upload.upload(add_file, mine.upload, outputs, **HIDDEN)


def _wire_deleting(ctx: Context, page: PicturesPage) -> None:
    mine = page.collection

    def offer_undo(name: str) -> Updates:
        return {mine.undo_bar: gr.update(visible=True), mine.undo_text: html.hint(ui_text.DELETED.format(name=name))}

    @_report(page)
    def delete_concept(concept: str | None, run: str | None, drawn: str | None, deleted: Any) -> Updates:
        before = listed(ctx.pictures)
        item = _chosen(ctx, concept, run)
        ctx.pictures.concepts.delete(item.id)
        updates = _redraw(ctx, page, render.neighbour(before, item.id))
        if drawn == item.id:
            updates[page.concept]["value"] = None
        return {**updates, mine.deleted: (*deleted, (item.id, item.name)), **offer_undo(item.name)}

    outputs = [*mine.shown, mine.problem, mine.undo_bar, mine.undo_text, mine.deleted, page.concept]
    mine.delete.click(delete_concept, [mine.concepts, mine.runs, page.concept, mine.deleted], outputs, **RAW)

    @_report(page)
    def restore_concept(deleted: Any) -> Updates:
        *rest, (item_id, name) = deleted
        ctx.pictures.concepts.undelete(item_id)
        updates = _redraw(ctx, page, item_id, ui_text.RESTORED.format(name=name))
        return {**updates, mine.deleted: tuple(rest), **(offer_undo(rest[-1][1]) if rest else {})}

    mine.undo.click(restore_concept, mine.deleted, outputs, **RAW)
