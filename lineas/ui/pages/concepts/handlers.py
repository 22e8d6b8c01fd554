"""What the page My concepts does: opens, renames, duplicates, exports, imports and deletes concepts, and undoes a deletion."""

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from lineas.errors import LineasError
from lineas.service import hub
from lineas.storage import archive
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.context import Context, Seen
from lineas.ui.events import QUIET, RAW, Handler, Updates, error_alert, report_errors, scroll_to
from lineas.ui.page import Frame
from lineas.ui.pages.concepts import exporting, gallery, render
from lineas.ui.pages.concepts.layout import ConceptsPage
from lineas.ui.pages.concepts.render import Item

SAVE_FILE = (
    "() => setTimeout(() => document.querySelector('#library-problem [role=alert]') || "
    "document.getElementById('library-file').click(), 200)"
)
"""Presses the real, invisible download button once the page knows its file, unless there was an error."""


def wire(ctx: Context, page: ConceptsPage, frame: Frame) -> None:
    _wire_links(ctx, page, frame)
    _wire_changes(ctx, page, frame)
    _wire_files(ctx, page, frame)
    gallery.wire(ctx, page.gallery, page.problem, frame)
    exporting.wire(ctx, page.export, partial(_chosen, ctx), [page.concepts, page.runs])
    _wire_hub(ctx, page, frame)


def _items(ctx: Context) -> list[Item]:
    return render.items(ctx.service.concepts(), ctx.service.runs())


def _chosen(ctx: Context, listed: str | None, run: str | None) -> Item:
    if not (item_id := listed or run):
        raise LineasError(ui_text.CHOOSE_FIRST)
    if (item := render.find(_items(ctx), item_id)) is None:
        raise LineasError(ui_text.IS_GONE)
    return item


def _report(page: ConceptsPage) -> Callable[[Handler], Handler]:
    """Decorate a handler so that it reports errors. The offer to undo a deletion goes with the next thing that is done."""
    return report_errors(page.problem, {page.undo_bar: gr.update(visible=False)})


def _wire_links(ctx: Context, page: ConceptsPage, frame: Frame) -> None:
    """Choosing an item, and the ways from it to other pages."""

    @_report(page)
    def look(item_id: str | None) -> Updates:
        return page.show_item(_chosen(ctx, item_id, None))

    about = [*page.details, page.problem, page.undo_bar]
    for mine, other in ((page.concepts, page.runs), (page.runs, page.concepts)):
        mine.input(lambda item_id, other=other: {**look(item_id), other: None}, mine, [*about, other], **RAW)
        mine.input(None, None, None, js=scroll_to("library-about"))

    both = [page.concepts, page.runs]
    opened = [page.problem, page.undo_bar, *frame.opened]

    @_report(page)
    def use_concept(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        item = _chosen(ctx, listed, run)
        return {**frame.refresh(seen, request), **frame.open_compare(item.id, item.strength, mode=item.mode)}

    page.use.click(use_concept, [*both, frame.seen], opened, **RAW)

    @_report(page)
    def look_inside(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        item = _chosen(ctx, listed, run)
        return {**frame.refresh(seen, request), **frame.open_inside(item.id)}

    page.inside.click(look_inside, [*both, frame.seen], opened, **RAW)

    @_report(page)
    def resume_run(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        run_id = _chosen(ctx, listed, run).id.removeprefix("run:")
        ctx.service.resume(run_id)
        items = _items(ctx)
        shown = page.choose(items, items[0].id if items else None)
        return {**frame.refresh(seen, request, follow=run_id), **shown, frame.tabs: gr.update(selected="teach")}

    page.resume.click(resume_run, [*both, frame.seen], opened, **RAW)

    @_report(page)
    def open_sentences(listed: str | None, run: str | None, *written: str) -> Updates:
        item = _chosen(ctx, listed, run)
        return frame.open_teach([*written], item.name, *_sentences(ctx, item))

    page.sentences.click(open_sentences, [*both, *frame.lesson], opened, **RAW)


def _wire_changes(ctx: Context, page: ConceptsPage, frame: Frame) -> None:
    """Renaming, duplicating, deleting, and undoing a deletion."""
    both = [page.concepts, page.runs]
    outputs = [page.problem, page.undo_bar, *frame.refreshed]

    @_report(page)
    def rename(listed: str | None, run: str | None, name: str, note: str, seen: Seen, request: gr.Request) -> Updates:
        item = _chosen(ctx, listed, run)
        if name.strip() != item.name:
            name = ctx.service.rename(item.id, name).name
        if note.strip() != item.note:
            ctx.service.annotate(item.id, note)
        return _redraw(ctx, page, frame, item.id, seen, request, ui_text.SAVED.format(name=name.strip()))

    gr.on([page.save.click, page.name.submit], rename, [*both, page.name, page.note, frame.seen], outputs, **RAW)

    @_report(page)
    def duplicate(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        copy = ctx.service.duplicate(_chosen(ctx, listed, run).id)
        return _redraw(ctx, page, frame, copy.id, seen, request, ui_text.DUPLICATED.format(name=copy.name))

    page.duplicate.click(duplicate, [*both, frame.seen], outputs, **RAW)

    def offer_undo(name: str) -> Updates:
        return {page.undo_bar: gr.update(visible=True), page.undo_text: html.hint(ui_text.DELETED.format(name=name))}

    @_report(page)
    def delete(
        listed: str | None, run: str | None, deleted: Any, seen: Seen, request: gr.Request, *elsewhere: str | None
    ) -> Updates:
        before = _items(ctx)
        item = _chosen(ctx, listed, run)
        ctx.service.delete(item.id)
        updates = _redraw(ctx, page, frame, render.neighbour(before, item.id), seen, request)
        deleted = (*deleted, (item.id, item.name))
        return {**frame.forget(updates, elsewhere), page.deleted: deleted, **offer_undo(item.name)}

    undo_outputs = [*outputs, page.deleted, page.undo_text]
    page.delete.click(delete, [*both, page.deleted, frame.seen, *frame.choosers], undo_outputs, **RAW)

    @_report(page)
    def undo_delete(deleted: Any, seen: Seen, request: gr.Request) -> Updates:
        *rest, (item_id, name) = deleted
        ctx.service.undelete(item_id)
        updates = _redraw(ctx, page, frame, item_id, seen, request, ui_text.RESTORED.format(name=name))
        return {**updates, page.deleted: tuple(rest), **(offer_undo(rest[-1][1]) if rest else {})}

    page.undo.click(undo_delete, [page.deleted, frame.seen], undo_outputs, **RAW)


def _wire_files(ctx: Context, page: ConceptsPage, frame: Frame) -> None:
    """Importing and downloading a concept's file."""

    @_report(page)
    def bring(path: str | None, seen: Seen, request: gr.Request) -> Updates:
        try:
            concept = ctx.service.import_concept(Path(path or ""))
        except Exception as error:
            return {page.upload: None, page.problem: error_alert(error)}
        finally:
            Path(path or "").unlink(missing_ok=True)
        updates = _redraw(ctx, page, frame, concept.id, seen, request, ui_text.IMPORTED.format(name=concept.name))
        return {**updates, page.upload: None}

    outputs = [page.problem, page.undo_bar, *frame.refreshed, page.upload]
    page.upload.upload(bring, [page.upload, frame.seen], outputs, **QUIET)

    store = ctx.service.concept_store

    def offered(item: Item, suffix: str, write: Callable[[Path], None]) -> Updates:
        with tempfile.TemporaryDirectory() as folder:
            stem = re.sub(r"[^\w-]+", "-", item.name).strip("-")[:60] or "concept"
            copy = Path(folder) / f"{stem}{suffix}"
            write(copy)
            # into Gradio's folder of files that this page may serve: nothing in the home is ever readable over HTTP
            return {page.file: page.file.move_resource_to_block_cache(copy)}

    @_report(page)
    def give(listed: str | None, run: str | None) -> Updates:
        item = _chosen(ctx, listed, run)
        return offered(item, ".safetensors", store.to_give(item.id).save)

    @_report(page)
    def share(listed: str | None, run: str | None) -> Updates:
        item = _chosen(ctx, listed, run)
        return offered(item, archive.SUFFIX, partial(store.write_archive, item.id))

    for button, handler in ((page.download, give), (page.share, share)):
        served = button.click(handler, [page.concepts, page.runs], [page.problem, page.undo_bar, page.file], **RAW)
        served.success(None, None, None, js=SAVE_FILE)


def _wire_hub(ctx: Context, page: ConceptsPage, frame: Frame) -> None:
    """Publishing a concept on the Hugging Face hub, and bringing one from there."""

    @report_errors(page.problem, {page.hub.token: ""})
    def publish(listed: str | None, run: str | None, repo: str, token: str, private: bool) -> Updates:
        item = _chosen(ctx, listed, run)
        if not (repo := repo.strip()):
            raise LineasError(ui_text.HUB_NO_NAME)
        if not (token := token.strip()) and not ctx.local:
            raise LineasError(ui_text.HUB_NEEDS_TOKEN)
        url = hub.publish(ctx.service, item.id, repo, private=private, token=token or None)
        return {page.problem: html.notice(ui_text.PUBLISHED.format(name=item.name, url=url), "good")}

    def busy(button: gr.Button) -> dict[str, Any]:
        return {**RAW, "show_progress": "minimal", "show_progress_on": [button]}

    panel = page.hub
    given = [page.concepts, page.runs, panel.repo, panel.token, panel.private]
    panel.give.click(publish, given, [page.problem, panel.token], **busy(panel.give))

    @_report(page)
    def bring_from_hub(repo: str, seen: Seen, request: gr.Request) -> Updates:
        if not (repo := repo.strip()):
            raise LineasError(ui_text.HUB_NO_NAME)
        concept = hub.bring(ctx.service, repo, None if ctx.local else False)
        updates = _redraw(ctx, page, frame, concept.id, seen, request, ui_text.IMPORTED.format(name=concept.name))
        return {**updates, page.bring.repo: ""}

    outputs = [page.problem, page.undo_bar, *frame.refreshed, page.bring.repo]
    asked = [page.bring.repo, frame.seen]
    gr.on([page.bring.bring.click, page.bring.repo.submit], bring_from_hub, asked, outputs, **busy(page.bring.bring))


def _redraw(
    ctx: Context,
    page: ConceptsPage,
    frame: Frame,
    item_id: str | None,
    seen: Seen,
    request: gr.Request,
    message: str = "",
) -> Updates:
    """All pages after a change, with ``item_id`` chosen on this one."""
    shown = {**frame.refresh(seen, request), **page.choose(_items(ctx), item_id)}
    return {**shown, page.problem: html.notice(message, "good")}


def _sentences(ctx: Context, item: Item) -> tuple[list[str], list[str]]:
    if item.kind == "preset":
        preset = next(p for p in ctx.presets if f"preset:{p.id}" == item.id)
        return list(preset.source), list(preset.target)
    if item.record is not None:
        return ctx.service.sentences(item.record.id)
    examples = ctx.service.concept_store.examples(item.id)
    if examples is None:
        raise LineasError(ui_text.NO_SENTENCES)
    return list(examples[0]), list(examples[1])
