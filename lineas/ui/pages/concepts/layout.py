"""The page My concepts: everything on disk, to use, name, keep, give away and delete; and the runs that did not finish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.pages.concepts import render as library_view
from lineas.ui.pages.concepts.render import Item


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
            self.why: parts.hint(ui_text.LIBRARY_READY_MADE) if item and not editable else "",
        }


def build(ctx: Context) -> LibraryPage:
    gr.HTML(parts.title(ui_text.LIBRARY_TITLE, ui_text.LIBRARY_LEAD))
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=2, min_width=280):
            shelf = _list(ui_text.LIBRARY_LIST, "library-list")
            with gr.Column(visible=False, elem_classes="ls-plain") as unfinished:
                runs = _list(ui_text.LIBRARY_RUNS, "library-runs")
        with gr.Column(scale=3, min_width=300):
            problem = gr.HTML(elem_id="library-problem")
            with gr.Row(visible=False, elem_classes="ls-undo-bar", elem_id="library-undo-bar") as undo_bar:
                undo_text = gr.HTML(elem_id="library-undo-text")
                undo = gr.Button(ui_text.LIBRARY_UNDO, size="sm", elem_id="library-undo", elem_classes="ls-chip")
            with gr.Column(elem_classes="ls-card ls-about-card"):
                about = gr.HTML(library_view.about(None), elem_id="library-about")
                with gr.Row(elem_classes="ls-actions"):
                    use = gr.Button(ui_text.LIBRARY_USE, variant="primary", elem_id="library-use", visible=False)
                    resume = gr.Button(
                        ui_text.LIBRARY_RESUME, variant="primary", elem_id="library-resume", visible=False
                    )
                    inside = gr.Button(ui_text.LIBRARY_INSIDE, elem_id="library-inside", visible=False)
                with gr.Row(elem_classes="ls-chips"):
                    sentences = _chip(ui_text.LIBRARY_SENTENCES, "library-sentences")
                    duplicate = _chip(ui_text.LIBRARY_DUPLICATE, "library-duplicate")
                    download = _chip(ui_text.LIBRARY_DOWNLOAD, "library-download")
                    delete = _chip(ui_text.LIBRARY_DELETE, "library-delete")
                    file = gr.DownloadButton(visible="hidden", elem_id="library-file")
                name = gr.Textbox(
                    label=ui_text.LIBRARY_NAME,
                    max_length=80,
                    elem_id="library-name",
                    elem_classes="ls-field",
                    interactive=False,
                )
                note = gr.Textbox(
                    label=ui_text.LIBRARY_NOTE,
                    placeholder=ui_text.LIBRARY_NOTE_HINT,
                    lines=2,
                    max_lines=6,
                    max_length=2000,
                    elem_id="library-note",
                    elem_classes="ls-field",
                    interactive=False,
                )
                with gr.Row(elem_classes="ls-chips"):
                    save = gr.Button(
                        ui_text.LIBRARY_SAVE,
                        size="sm",
                        elem_id="library-rename",
                        elem_classes="ls-chip",
                        interactive=False,
                    )
                    why = gr.HTML(elem_id="library-why", elem_classes="ls-grow")
    gr.HTML(f'<h3 class="ls-card-title">{ui_text.LIBRARY_IMPORT_TITLE}</h3>')
    upload = gr.File(
        label=ui_text.LIBRARY_IMPORT,
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
