"""What can be done on the page My concepts: use, resume, name, keep, give away, bring, and delete with a way back."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Seen
from lineas.ui.events import QUIET, RAW, Updates, bring_into_view, trouble
from lineas.ui.pages.concepts import render as library_view
from lineas.ui.pages.concepts.render import Item

if TYPE_CHECKING:
    from lineas.ui.studio import Studio

SAVE_FILE = (
    "() => setTimeout(() => document.querySelector('#library-problem [role=alert]') || "
    "document.getElementById('library-file').click(), 200)"
)
"""Presses the real, invisible download button once the page has heard which file it gives, if there is one."""


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.library
    service = ctx.service

    def items() -> list[Item]:
        return library_view.shelf(service.concepts(), service.runs())

    def safely(handler: Callable[..., Updates]) -> Callable[..., Updates]:
        """Like ``told``; and the offer to undo goes with the next thing that is done."""

        @wraps(handler)
        def run(*args: Any, **kwargs: Any) -> Updates:
            try:
                return {page.problem: "", page.undo_bar: gr.update(visible=False), **handler(*args, **kwargs)}
            except Exception as error:
                return {page.problem: trouble(error)}

        return run

    def chosen(listed: str | None, run: str | None) -> Item:
        if not (item_id := listed or run):
            raise LineasError(ui_text.CHOOSE_FIRST)
        if (item := library_view.find(items(), item_id)) is None:
            raise LineasError(ui_text.IS_GONE)
        return item

    def redraw(item_id: str | None, seen: Seen, request: gr.Request, message: str = "", follow: str = "") -> Updates:
        """Every page as things are now, and this one with ``item_id`` chosen."""
        updates = {**studio.refresh(seen, request, follow), **page.choose(items(), item_id)}
        # its list is compared by ids, which a new name does not change
        updates.setdefault(studio.compare.concept, gr.update(choices=view.concept_choices(service.concepts())))
        return {**updates, page.problem: parts.good(message)}

    def offer_undo(name: str) -> Updates:
        return {page.undo_bar: gr.update(visible=True), page.undo_text: parts.hint(ui_text.deleted(name))}

    @safely
    def look(item_id: str | None) -> Updates:
        if (item := library_view.find(items(), item_id)) is None:
            raise LineasError(ui_text.IS_GONE)
        return page.show_item(item)

    for mine, other in ((page.concepts, page.runs), (page.runs, page.concepts)):
        mine.input(
            lambda item_id, other=other: {**look(item_id), other: None},
            mine,
            [*page.details, other, page.problem, page.undo_bar],
            **RAW,
        )
        mine.input(None, None, None, js=bring_into_view("library-about"))

    both = [page.concepts, page.runs]
    outputs = [page.problem, page.undo_bar, *studio.refreshed]

    @safely
    def use_concept(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        updates = studio.refresh(seen, request)
        updates[studio.compare.concept] = gr.update(choices=view.concept_choices(service.concepts()), value=item.id)
        return {**updates, studio.compare.strength: item.strength, studio.tabs: gr.Tabs(selected="compare")}

    page.use.click(use_concept, [*both, studio.seen], [*outputs, studio.tabs], **RAW)

    @safely
    def look_inside(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        updates = studio.refresh(seen, request)
        updates[studio.inside.concept] = gr.update(choices=view.concept_choices(service.concepts()), value=item.id)
        return {**updates, studio.tabs: gr.Tabs(selected="inside")}

    page.inside.click(look_inside, [*both, studio.seen], [*outputs, studio.tabs], **RAW)

    @safely
    def resume_run(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        run_id = chosen(listed, run).id.removeprefix("run:")
        service.resume(run_id)
        first = next(iter(items()), None)
        shown = redraw(first.id if first else None, seen, request, follow=run_id)
        return {**shown, studio.tabs: gr.Tabs(selected="teach")}

    page.resume.click(resume_run, [*both, studio.seen], [*outputs, studio.tabs], **RAW)

    boxes = [studio.teach.name, studio.teach.source, studio.teach.target]

    @safely
    def open_sentences(listed: str | None, run: str | None, *written: str) -> Updates:
        item = chosen(listed, run)
        source, target = _sentences(ctx, item)
        updates: Updates = dict(zip(boxes, (item.name, "\n".join(source), "\n".join(target)), strict=True))
        if any(text.strip() for text in written[1:]):  # what stood in the boxes can be brought back there
            updates |= {studio.teach.replaced: list(written), studio.teach.undo: gr.update(visible=True)}
        return {**updates, studio.tabs: gr.Tabs(selected="teach")}

    page.sentences.click(
        open_sentences,
        [*both, *boxes],
        [page.problem, page.undo_bar, *boxes, studio.teach.replaced, studio.teach.undo, studio.tabs],
        **RAW,
    )

    @safely
    def rename(listed: str | None, run: str | None, name: str, note: str, seen: Seen, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        if name.strip() != item.name:
            name = service.rename(item.id, name).name
        if note.strip() != item.note:
            service.annotate(item.id, note)
        return redraw(item.id, seen, request, ui_text.saved(name.strip()))

    gr.on([page.save.click, page.name.submit], rename, [*both, page.name, page.note, studio.seen], outputs, **RAW)

    @safely
    def duplicate(listed: str | None, run: str | None, seen: Seen, request: gr.Request) -> Updates:
        copy = service.duplicate(chosen(listed, run).id)
        return redraw(copy.id, seen, request, ui_text.duplicated(copy.name))

    page.duplicate.click(duplicate, [*both, studio.seen], outputs, **RAW)

    @safely
    def delete(
        listed: str | None, run: str | None, deleted: Any, seen: Seen, request: gr.Request, *elsewhere: str | None
    ) -> Updates:
        before = items()
        item = chosen(listed, run)
        service.delete(item.id)
        return {
            **studio.forget(redraw(library_view.neighbour(before, item.id), seen, request), elsewhere),
            page.deleted: (*deleted, (item.id, item.name)),
            **offer_undo(item.name),
        }

    page.delete.click(
        delete,
        [*both, page.deleted, studio.seen, *studio.choosers],
        [*outputs, page.deleted, page.undo_text],
        **RAW,
    )

    @safely
    def undo_delete(deleted: Any, seen: Seen, request: gr.Request) -> Updates:
        *rest, (item_id, name) = deleted
        service.undelete(item_id)
        updates = {**redraw(item_id, seen, request, ui_text.restored(name)), page.deleted: tuple(rest)}
        return updates | offer_undo(rest[-1][1]) if rest else updates

    page.undo.click(undo_delete, [page.deleted, studio.seen], [*outputs, page.deleted, page.undo_text], **RAW)

    @safely
    def bring(path: str | None, seen: Seen, request: gr.Request) -> Updates:
        try:
            concept = service.import_concept(Path(path or ""))
        except Exception as error:
            return {page.upload: None, page.problem: trouble(error)}
        finally:
            Path(path or "").unlink(missing_ok=True)
        return {**redraw(concept.id, seen, request, ui_text.imported(concept.name)), page.upload: None}

    page.upload.upload(bring, [page.upload, studio.seen], [*outputs, page.upload], **QUIET)

    @safely
    def give(listed: str | None, run: str | None) -> Updates:
        item = chosen(listed, run)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"{_file_name(item.name)}.safetensors"
            service.steering_map(item.id).save(copy)
            # into the folder of what this page may give out: nothing of the home is ever readable over HTTP
            return {page.file: page.file.move_resource_to_block_cache(copy)}

    page.download.click(give, both, [page.problem, page.undo_bar, page.file], **RAW).success(
        None, None, None, js=SAVE_FILE
    )


def _sentences(ctx: Context, item: Item) -> tuple[list[str], list[str]]:
    if item.kind == "preset":
        preset = next(p for p in ctx.presets if f"preset:{p.id}" == item.id)
        return list(preset.source), list(preset.target)
    if not item.has_sentences:
        raise LineasError(ui_text.NO_SENTENCES)
    return ctx.service.sentences(item.id.removeprefix("run:"))


def _file_name(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "concept"
