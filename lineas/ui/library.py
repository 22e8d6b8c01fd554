"""The page My concepts: everything on disk, to use, name, keep, give away and delete; and the runs that did not finish."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import library_view, parts, view, words
from lineas.ui.context import Context, Now
from lineas.ui.handlers import QUIET, Updates, trouble
from lineas.ui.library_view import Item

if TYPE_CHECKING:
    from lineas.ui.studio import Studio

RAW: dict[str, Any] = {**QUIET, "preprocess": False}
"""A concept that was deleted in another window still stands chosen on this page: that is for our handlers to tell, not for
Gradio's check of the list's value."""
TO_ABOUT = (
    "() => innerWidth <= 720 && "
    "document.getElementById('library-about').scrollIntoView({block: 'nearest', behavior: 'smooth'})"
)
SAVE_FILE = (
    "() => setTimeout(() => document.querySelector('#library-problem [role=alert]') || "
    "document.getElementById('library-file').click(), 200)"
)
"""Presses the real, invisible download button once the page has heard which file it gives, if there is one."""


@dataclass(frozen=True)
class LibraryPage:
    concepts: gr.Radio
    unfinished: gr.Column
    runs: gr.Radio
    about: gr.HTML
    problem: gr.HTML
    undo_bar: gr.Row
    undo_text: gr.HTML
    undo: gr.Button
    deleted: gr.State
    use: gr.Button
    inside: gr.Button
    resume: gr.Button
    sentences: gr.Button
    download: gr.Button
    file: gr.DownloadButton
    duplicate: gr.Button
    delete: gr.Button
    name: gr.Textbox
    note: gr.Textbox
    save: gr.Button
    why: gr.HTML
    upload: gr.File

    @property
    def draft(self) -> list[Any]:
        return []

    @property
    def details(self) -> list[Any]:
        """What tells about the chosen one."""
        return [self.about, self.use, self.inside, self.resume, self.sentences, self.download, self.duplicate, self.delete,
                self.name, self.note, self.save, self.why]  # fmt: skip

    @property
    def lists(self) -> list[Any]:
        return [self.concepts, self.unfinished, self.runs]

    @property
    def shown(self) -> list[Any]:
        return [*self.lists, *self.details]

    def show(self, now: Now) -> Updates:
        items = library_view.shelf(now.concepts, now.runs)
        if now.seen.version < 0:
            return self.choose(items, items[0].id if items else None)
        return self.show_lists(items) if now.listing != now.seen.listing else {}

    def show_lists(self, items: list[Item]) -> Updates:
        ready, unfinished = (library_view.choices(items, usable=usable) for usable in (True, False))
        return {
            self.concepts: gr.update(choices=ready),
            self.runs: gr.update(choices=unfinished),
            self.unfinished: gr.update(visible=bool(unfinished)),
        }

    def choose(self, items: list[Item], item_id: str | None) -> Updates:
        """Both lists, with this one chosen, and all about it."""
        item = library_view.find(items, item_id)
        updates = self.show_lists(items)
        updates[self.concepts] = gr.update(
            choices=library_view.choices(items, usable=True), value=item.id if item and item.usable else None
        )
        updates[self.runs] = gr.update(
            choices=library_view.choices(items, usable=False), value=item.id if item and not item.usable else None
        )
        return updates | self.show_item(item)

    def show_item(self, item: Item | None) -> Updates:
        usable = item is not None and item.usable
        editable = item is not None and item.editable
        return {
            self.about: library_view.about(item),
            self.use: gr.update(visible=usable),
            self.inside: gr.update(visible=usable),
            self.resume: gr.update(visible=item is not None and item.resumable),
            self.sentences: gr.update(visible=item is not None and item.has_sentences),
            self.download: gr.update(visible=usable),
            self.duplicate: gr.update(visible=usable),
            self.delete: gr.update(visible=item is not None, interactive=editable),
            self.name: gr.update(value=item.name if item else "", interactive=editable),
            self.note: gr.update(value=item.note if item else "", interactive=editable),
            self.save: gr.update(interactive=editable),
            self.why: parts.hint(words.LIBRARY_READY_MADE) if item and not editable else "",
        }


def build(ctx: Context) -> LibraryPage:
    gr.HTML(parts.title(words.LIBRARY_TITLE, words.LIBRARY_LEAD))
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=2, min_width=280):
            shelf = _list(words.LIBRARY_LIST, "library-list")
            with gr.Column(visible=False, elem_classes="ls-plain") as unfinished:
                runs = _list(words.LIBRARY_RUNS, "library-runs")
        with gr.Column(scale=3, min_width=300):
            problem = gr.HTML(elem_id="library-problem")
            with gr.Row(visible=False, elem_classes="ls-undo-bar", elem_id="library-undo-bar") as undo_bar:
                undo_text = gr.HTML(elem_id="library-undo-text")
                undo = gr.Button(words.LIBRARY_UNDO, size="sm", elem_id="library-undo", elem_classes="ls-chip")
            with gr.Column(elem_classes="ls-card ls-about-card"):
                about = gr.HTML(library_view.about(None), elem_id="library-about")
                with gr.Row(elem_classes="ls-actions"):
                    use = gr.Button(words.LIBRARY_USE, variant="primary", elem_id="library-use", visible=False)
                    resume = gr.Button(
                        words.LIBRARY_RESUME, variant="primary", elem_id="library-resume", visible=False
                    )
                    inside = gr.Button(words.LIBRARY_INSIDE, elem_id="library-inside", visible=False)
                with gr.Row(elem_classes="ls-chips"):
                    sentences = _chip(words.LIBRARY_SENTENCES, "library-sentences")
                    duplicate = _chip(words.LIBRARY_DUPLICATE, "library-duplicate")
                    download = _chip(words.LIBRARY_DOWNLOAD, "library-download")
                    delete = _chip(words.LIBRARY_DELETE, "library-delete")
                    file = gr.DownloadButton(visible="hidden", elem_id="library-file")
                name = gr.Textbox(
                    label=words.LIBRARY_NAME,
                    max_length=80,
                    elem_id="library-name",
                    elem_classes="ls-field",
                    interactive=False,
                )
                note = gr.Textbox(
                    label=words.LIBRARY_NOTE,
                    placeholder=words.LIBRARY_NOTE_HINT,
                    lines=2,
                    max_lines=6,
                    max_length=2000,
                    elem_id="library-note",
                    elem_classes="ls-field",
                    interactive=False,
                )
                with gr.Row(elem_classes="ls-chips"):
                    save = gr.Button(
                        words.LIBRARY_SAVE,
                        size="sm",
                        elem_id="library-rename",
                        elem_classes="ls-chip",
                        interactive=False,
                    )
                    why = gr.HTML(elem_id="library-why", elem_classes="ls-grow")
    gr.HTML(f'<h3 class="ls-card-title">{words.LIBRARY_IMPORT_TITLE}</h3>')
    upload = gr.File(
        label=words.LIBRARY_IMPORT,
        show_label=False,
        file_types=[".safetensors"],
        height=120,
        elem_id="library-import",
        elem_classes="ls-drop",
    )
    return LibraryPage(
        concepts=shelf,
        unfinished=unfinished,
        runs=runs,
        about=about,
        problem=problem,
        undo_bar=undo_bar,
        undo_text=undo_text,
        undo=undo,
        deleted=gr.State(()),
        use=use,
        inside=inside,
        resume=resume,
        sentences=sentences,
        download=download,
        file=file,
        duplicate=duplicate,
        delete=delete,
        name=name,
        note=note,
        save=save,
        why=why,
        upload=upload,
    )


def _list(label: str, elem_id: str) -> gr.Radio:
    return gr.Radio([], label=label, elem_id=elem_id, elem_classes="ls-shelf")


def _chip(label: str, elem_id: str) -> gr.Button:
    return gr.Button(label, size="sm", elem_id=elem_id, elem_classes="ls-chip", visible=False)


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.library
    bench = ctx.bench

    def items() -> list[Item]:
        return library_view.shelf(bench.concepts(), bench.runs())

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
            raise LineasError(words.CHOOSE_FIRST)
        if (item := library_view.find(items(), item_id)) is None:
            raise LineasError(words.IS_GONE)
        return item

    def redraw(item_id: str | None, seen: Any, request: gr.Request, message: str = "") -> Updates:
        """Every page as things are now, and this one with ``item_id`` chosen."""
        updates = {**studio.refresh(seen, request), **page.choose(items(), item_id)}
        # its list is compared by ids, which a new name does not change
        updates.setdefault(studio.compare.concept, gr.update(choices=view.concept_choices(bench.concepts())))
        return {**updates, page.problem: parts.notice(message)}

    @safely
    def look(item_id: str | None) -> Updates:
        if (item := library_view.find(items(), item_id)) is None:
            raise LineasError(words.IS_GONE)
        return page.show_item(item)

    for mine, other in ((page.concepts, page.runs), (page.runs, page.concepts)):
        mine.input(
            lambda item_id, other=other: {**look(item_id), other: None},
            mine,
            [*page.details, other, page.problem, page.undo_bar],
            **RAW,
        )
        mine.input(None, None, None, js=TO_ABOUT)

    both = [page.concepts, page.runs]
    outputs = [page.problem, page.undo_bar, *studio.refreshed]

    @safely
    def use_concept(listed: str | None, run: str | None, seen: Any, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        updates = studio.refresh(seen, request)
        updates[studio.compare.concept] = gr.update(choices=view.concept_choices(bench.concepts()), value=item.id)
        return {**updates, studio.compare.strength: item.strength, studio.tabs: gr.Tabs(selected="compare")}

    page.use.click(use_concept, [*both, studio.seen], [*outputs, studio.tabs], **RAW)

    @safely
    def look_inside(listed: str | None, run: str | None, seen: Any, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        updates = studio.refresh(seen, request)
        updates[studio.inside.concept] = gr.update(choices=view.concept_choices(bench.concepts()), value=item.id)
        return {**updates, studio.tabs: gr.Tabs(selected="inside")}

    page.inside.click(look_inside, [*both, studio.seen], [*outputs, studio.tabs], **RAW)

    @safely
    def resume_run(listed: str | None, run: str | None, seen: Any, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        bench.resume(item.id.removeprefix("run:"))
        first = next(iter(items()), None)
        return {**redraw(first.id if first else None, seen, request), studio.tabs: gr.Tabs(selected="teach")}

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
    def rename(listed: str | None, run: str | None, name: str, note: str, seen: Any, request: gr.Request) -> Updates:
        item = chosen(listed, run)
        if name.strip() != item.name:
            name = bench.rename(item.id, name).name
        if note.strip() != item.note:
            bench.annotate(item.id, note)
        return redraw(item.id, seen, request, words.saved(name.strip()))

    gr.on([page.save.click, page.name.submit], rename, [*both, page.name, page.note, studio.seen], outputs, **RAW)

    @safely
    def duplicate(listed: str | None, run: str | None, seen: Any, request: gr.Request) -> Updates:
        copy = bench.duplicate(chosen(listed, run).id)
        return redraw(copy.id, seen, request, words.duplicated(copy.name))

    page.duplicate.click(duplicate, [*both, studio.seen], outputs, **RAW)

    @safely
    def delete(
        listed: str | None, run: str | None, comparing: str | None, deleted: Any, seen: Any, request: gr.Request
    ) -> Updates:
        before = items()
        item = chosen(listed, run)
        bench.delete(item.id)
        updates = redraw(library_view.neighbour(before, item.id), seen, request)
        if comparing == item.id:
            updates[studio.compare.concept] = gr.update(choices=view.concept_choices(bench.concepts()), value=None)
        return {
            **updates,
            page.deleted: (*deleted, (item.id, item.name)),
            page.undo_bar: gr.update(visible=True),
            page.undo_text: parts.hint(words.deleted(item.name)),
        }

    page.delete.click(
        delete,
        [*both, studio.compare.concept, page.deleted, studio.seen],
        [*outputs, page.deleted, page.undo_text],
        **RAW,
    )

    @safely
    def undo_delete(deleted: Any, seen: Any, request: gr.Request) -> Updates:
        *rest, (item_id, name) = deleted
        bench.undelete(item_id)
        return {**redraw(item_id, seen, request, words.restored(name)), page.deleted: tuple(rest)}

    page.undo.click(undo_delete, [page.deleted, studio.seen], [*outputs, page.deleted], **RAW)

    @safely
    def bring(path: str | None, seen: Any, request: gr.Request) -> Updates:
        try:
            concept = bench.import_concept(Path(path or ""))
        except Exception as error:
            return {page.upload: None, page.problem: trouble(error)}
        finally:
            Path(path or "").unlink(missing_ok=True)
        return {**redraw(concept.id, seen, request, words.imported(concept.name)), page.upload: None}

    page.upload.upload(bring, [page.upload, studio.seen], [*outputs, page.upload], **QUIET)

    @safely
    def give(listed: str | None, run: str | None) -> Updates:
        item = chosen(listed, run)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"{_file_name(item.name)}.safetensors"
            bench.steering_map(item.id).save(copy)
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
        raise LineasError(words.NO_SENTENCES)
    return ctx.bench.sentences(item.id.removeprefix("run:"))


def _file_name(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "concept"
