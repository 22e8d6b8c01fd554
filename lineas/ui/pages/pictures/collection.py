"""The picture concepts as cards, and what can be done with the chosen one: components, and how they are shown.

As on My concepts, assets/gallery.js puts a copy of each card into the list's label of the same id.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.events import Updates
from lineas.ui.pages.concepts.render import Item, choices, find, items

if TYPE_CHECKING:
    from lineas.service.pictures import PictureService


@dataclass(frozen=True)
class Collection:
    concepts: gr.Radio
    cards: gr.HTML
    unfinished: gr.Column
    runs: gr.Radio
    problem: gr.HTML
    undo_bar: gr.Row
    undo_text: gr.HTML
    undo: gr.Button
    deleted: gr.State
    about: gr.HTML
    use: gr.Button
    resume: gr.Button
    prompts: gr.Button
    share: gr.Button
    download: gr.Button
    delete: gr.Button
    file: gr.DownloadButton
    upload: gr.File

    @property
    def lists(self) -> list[Any]:
        return [self.concepts, self.cards, self.unfinished, self.runs]

    @property
    def details(self) -> list[Any]:
        """Everything about the chosen item."""
        return [self.about, self.use, self.resume, self.prompts, self.share, self.download, self.delete]

    @property
    def shown(self) -> list[Any]:
        return [*self.lists, *self.details]

    def choose(self, pictures: PictureService, item_id: str | None) -> Updates:
        """Show both lists with this item chosen, and everything about it."""
        item, shown = find(listed(pictures), item_id), self.list_items(pictures)
        shown[self.concepts]["value"] = item.id if item and item.usable else None
        shown[self.runs]["value"] = item.id if item and not item.usable else None
        return {**shown, **self.show_item(item)}

    def list_items(self, pictures: PictureService) -> Updates:
        """Show what is in both lists. What is chosen stays chosen."""
        found = listed(pictures)
        unfinished = choices(found, usable=False)
        return {
            self.concepts: gr.update(choices=choices(found, usable=True)),
            self.cards: _cards(pictures, found),
            self.runs: gr.update(choices=unfinished),
            self.unfinished: gr.update(visible=bool(unfinished)),
        }

    def show_item(self, item: Item | None) -> Updates:
        usable = item is not None and item.usable
        return {
            self.about: _about(item),
            self.use: gr.update(visible=usable),
            self.resume: gr.update(visible=item is not None and item.resumable),
            self.prompts: gr.update(visible=item is not None),
            self.share: gr.update(visible=usable),
            self.download: gr.update(visible=usable),
            self.delete: gr.update(visible=item is not None and item.editable),
        }


def listed(pictures: PictureService) -> list[Item]:
    """Own concepts, newest first, ready-made ones, and trainings that can go on."""
    return items(pictures.concepts.concepts(), pictures.unfinished())


def _cards(pictures: PictureService, found: Iterable[Item]) -> str:
    """Every concept's card, which the script looks up by its id."""
    known = {concept.id: concept for concept in pictures.concepts.concepts()}
    drawn = ((item, pictures.concepts.card(known[item.id])) for item in found if item.id in known)
    return f'<div id="picture-cards">{"".join(_card(item, png) for item, png in drawn)}</div>'


def _card(item: Item, png: bytes | None) -> str:
    small = " · ".join(filter(None, (ui_text.ITEM_KINDS[item.kind], ui_text.day(item.made))))
    picture = ""
    if png is not None:
        data = base64.b64encode(png).decode()
        picture = f'<img alt="{escape(ui_text.card_alt(item.name))}" src="data:image/png;base64,{data}">'
    return (
        f'<span class="ls-item" data-id="{escape(item.id)}" data-model="" data-words="" aria-hidden="true">{picture}'
        f'<span class="head"><b dir="auto">{escape(item.name)}</b><small>{escape(small)}</small></span></span>'
    )


def _about(item: Item | None) -> str:
    if item is None:
        return html.hint(ui_text.PICTURE_CHOOSE)
    record, reason = item.record, ""
    if record is not None and not item.usable:
        sentence = ui_text.why_unfinished(record.state, record.error)
        reason = html.alert(sentence) if record.state == "failed" else html.notice(sentence)
    facts = [
        (ui_text.FACT_MADE if item.usable else ui_text.FACT_BEGUN, ui_text.day(item.made, time=True)),
        (ui_text.FACT_IN_WORDS, item.instruction),
    ]
    head = html.item_head(item.name, ui_text.ITEM_KINDS[item.kind], item.kind)
    return f'<div class="ls-about">{head}{reason}{html.facts(facts)}</div>'


def build() -> Collection:
    gr.HTML(html.title(ui_text.PICTURE_CONCEPTS_TITLE, ui_text.PICTURE_CONCEPTS_LEAD))
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=1, min_width=280):
            concepts = fields.item_list(ui_text.PICTURE_CONCEPTS, "picture-list")
            cards = gr.HTML(visible=True, elem_classes="ls-stored")
            with gr.Column(visible=False, elem_classes="ls-plain") as unfinished:
                runs = fields.item_list(ui_text.CONCEPTS_RUNS, "picture-runs")
        with gr.Column(scale=1, min_width=300):
            problem = gr.HTML(elem_id="picture-list-problem")
            with gr.Row(visible=False, elem_classes="ls-undo-bar", elem_id="picture-undo-bar") as undo_bar:
                undo_text = gr.HTML(elem_id="picture-undo-text")
                undo = fields.chip(ui_text.CONCEPTS_UNDO, "picture-undo")
            with gr.Column(elem_classes="ls-card ls-about-card"):
                about = gr.HTML(_about(None), elem_id="picture-about")
                with gr.Row(elem_classes="ls-actions"):
                    use = fields.main_button(ui_text.PICTURE_USE, "picture-use", visible=False)
                    resume = fields.main_button(ui_text.CONCEPTS_RESUME, "picture-resume", visible=False)
                with gr.Row(elem_classes="ls-chips"):
                    prompts = fields.chip(ui_text.PICTURE_OPEN, "picture-open", visible=False)
                    share = fields.chip(ui_text.CONCEPTS_SHARE, "picture-share", visible=False)
                    download = fields.chip(ui_text.CONCEPTS_DOWNLOAD, "picture-download", visible=False)
                    delete = fields.chip(ui_text.CONCEPTS_DELETE, "picture-delete", visible=False)
                    file = gr.DownloadButton(visible="hidden", elem_id="picture-file")
    gr.HTML(html.card_title(ui_text.PICTURE_IMPORT_TITLE))
    upload = gr.File(
        label=ui_text.CONCEPTS_IMPORT,
        show_label=False,
        file_types=[".lineas", ".safetensors"],
        height=120,
        elem_id="picture-import",
        elem_classes="ls-drop",
    )
    return Collection(
        concepts=concepts, cards=cards, unfinished=unfinished, runs=runs, problem=problem, undo_bar=undo_bar,
        undo_text=undo_text, undo=undo, deleted=gr.State(()), about=about, use=use, resume=resume, prompts=prompts,
        share=share, download=download, delete=delete, file=file, upload=upload,
    )  # fmt: skip
