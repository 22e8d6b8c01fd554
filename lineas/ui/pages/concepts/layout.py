"""The components of the page My concepts: the gallery, the list of unfinished runs, and everything about the chosen item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page
from lineas.ui.pages.concepts import exporting, gallery, hub_panel, render
from lineas.ui.pages.concepts.exporting import ExportPanel
from lineas.ui.pages.concepts.gallery import Gallery
from lineas.ui.pages.concepts.hub_panel import BringFromHub, GiveToHub

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.ui.pages.concepts.render import Item


@dataclass(frozen=True)
class ConceptsPage(Page):
    presets: Sequence[Preset]
    gallery: Gallery
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
    share: gr.Button
    file: gr.DownloadButton
    duplicate: gr.Button
    delete: gr.Button
    name: gr.Textbox
    note: gr.Textbox
    save: gr.Button
    why: gr.HTML
    export: ExportPanel
    upload: gr.File
    hub: GiveToHub
    bring: BringFromHub

    @property
    def concepts(self) -> gr.Radio:
        return self.gallery.concepts

    @property
    def details(self) -> list[Any]:
        """Everything about the chosen item."""
        buttons = [
            self.use,
            self.inside,
            self.resume,
            self.sentences,
            self.share,
            self.download,
            self.duplicate,
            self.delete,
        ]
        return [self.about, *buttons, self.name, self.note, self.save, self.why, *self.export.details, self.hub.panel]

    @property
    def shown(self) -> list[Any]:
        return [*self.gallery.shown, self.unfinished, self.runs, *self.details]

    def show(self, now: Now) -> Updates:
        items = render.items(now.concepts, now.runs)
        updates = gallery.show_offer(self.gallery, now, self.presets)
        if now.opening:
            return updates | self.choose(items, items[0].id if items else None)
        return updates | self.show_lists(items) if now.listing != now.seen.listing else updates

    def show_lists(self, items: list[Item]) -> Updates:
        unfinished = render.choices(items, usable=False)
        return {
            **self.gallery.show_items(items),
            self.runs: gr.update(choices=unfinished),
            self.unfinished: gr.update(visible=bool(unfinished)),
        }

    def choose(self, items: list[Item], item_id: str | None) -> Updates:
        """Show both lists with this item chosen, and everything about it."""
        item = render.find(items, item_id)
        updates = self.show_lists(items)
        updates[self.concepts]["value"] = item.id if item and item.usable else None
        updates[self.runs]["value"] = item.id if item and not item.usable else None
        return updates | self.show_item(item)

    def show_item(self, item: Item | None) -> Updates:
        usable = item is not None and item.usable
        editable = item is not None and item.editable
        return {
            self.about: render.about(item),
            self.use: gr.update(visible=usable),
            self.inside: gr.update(visible=usable),
            self.resume: gr.update(visible=item is not None and item.resumable),
            self.sentences: gr.update(visible=item is not None and item.has_sentences),
            self.download: gr.update(visible=usable),
            self.share: gr.update(visible=usable),
            self.hub.panel: gr.update(visible=usable),
            self.duplicate: gr.update(visible=usable),
            self.delete: gr.update(visible=item is not None, interactive=editable),
            self.name: gr.update(value=item.name if item else "", interactive=editable),
            self.note: gr.update(value=item.note if item else "", interactive=editable),
            self.save: gr.update(interactive=editable),
            self.why: html.hint(ui_text.CONCEPTS_READY_MADE if item and not editable else ""),
            **self.export.show_item(item),
        }


def build(ctx: Context) -> ConceptsPage:
    gr.HTML(html.title(ui_text.CONCEPTS_TITLE, ui_text.CONCEPTS_LEAD))
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=1, min_width=280):
            shelf = gallery.build()
            with gr.Column(visible=False, elem_classes="ls-plain") as unfinished:
                runs = fields.item_list(ui_text.CONCEPTS_RUNS, "library-runs")
        with gr.Column(scale=1, min_width=300):
            problem = gr.HTML(elem_id="library-problem")
            with gr.Row(visible=False, elem_classes="ls-undo-bar", elem_id="library-undo-bar") as undo_bar:
                undo_text = gr.HTML(elem_id="library-undo-text")
                undo = fields.chip(ui_text.CONCEPTS_UNDO, "library-undo")
            with gr.Column(elem_classes="ls-card ls-about-card"):
                about = gr.HTML(render.about(None), elem_id="library-about")
                with gr.Row(elem_classes="ls-actions"):
                    use = fields.main_button(ui_text.CONCEPTS_USE, "library-use", visible=False)
                    resume = fields.main_button(ui_text.CONCEPTS_RESUME, "library-resume", visible=False)
                    inside = gr.Button(ui_text.CONCEPTS_INSIDE, elem_id="library-inside", visible=False)
                with gr.Row(elem_classes="ls-chips"):
                    sentences = fields.chip(ui_text.CONCEPTS_SENTENCES, "library-sentences", visible=False)
                    duplicate = fields.chip(ui_text.CONCEPTS_DUPLICATE, "library-duplicate", visible=False)
                    share = fields.chip(ui_text.CONCEPTS_SHARE, "library-share", visible=False)
                    download = fields.chip(ui_text.CONCEPTS_DOWNLOAD, "library-download", visible=False)
                    delete = fields.chip(ui_text.CONCEPTS_DELETE, "library-delete", visible=False)
                    file = gr.DownloadButton(visible="hidden", elem_id="library-file")
                name = fields.text_field(ui_text.CONCEPTS_NAME, "library-name", max_length=80, interactive=False)
                note = fields.text_field(
                    ui_text.CONCEPTS_NOTE,
                    "library-note",
                    placeholder=ui_text.CONCEPTS_NOTE_HINT,
                    lines=2,
                    max_lines=6,
                    max_length=2000,
                    interactive=False,
                )
                with gr.Row(elem_classes="ls-chips"):
                    save = fields.chip(ui_text.CONCEPTS_SAVE, "library-rename", interactive=False)
                    why = gr.HTML(elem_id="library-why", elem_classes="ls-grow")
                export = exporting.build()
                hub = hub_panel.build_give(ctx)
    gr.HTML(html.card_title(ui_text.CONCEPTS_IMPORT_TITLE))
    upload = gr.File(
        label=ui_text.CONCEPTS_IMPORT,
        show_label=False,
        file_types=[".lineas", ".safetensors"],
        height=120,
        elem_id="library-import",
        elem_classes="ls-drop",
    )
    bring = hub_panel.build_bring()
    return ConceptsPage(
        presets=ctx.presets, gallery=shelf, unfinished=unfinished, runs=runs, about=about, problem=problem, undo_bar=undo_bar,
        undo_text=undo_text, undo=undo, deleted=gr.State(()), use=use, inside=inside, resume=resume, sentences=sentences,
        share=share, download=download, file=file, duplicate=duplicate, delete=delete, name=name, note=note, save=save, why=why,
        export=export, upload=upload, hub=hub, bring=bring,
    )  # fmt: skip
