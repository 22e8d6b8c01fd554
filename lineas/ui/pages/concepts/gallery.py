"""The concepts as cards, the search above them, and the button that makes the ready-made ones for another model.

The list itself is a ``gr.Radio``, so that keyboards and screen readers use it as any list. It can hold plain text only:
assets/gallery.js puts a copy of each card into the list's label of the same id, and hides what is not searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from zlib import crc32

import gradio as gr

from lineas.service import ready_made
from lineas.ui import text as ui_text
from lineas.ui.components import fields, health_card, html
from lineas.ui.context import Context, Now, Seen
from lineas.ui.events import QUIET, Updates, report_errors
from lineas.ui.pages.concepts import render

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.evaluation.health_card import HealthCard, Sample
    from lineas.ui.page import Frame
    from lineas.ui.pages.concepts.render import Item

FILTER = "(words, model) => window.lineasFilter(words, model)"
_SIGNS = '.,;:!?"“”()*'
"""What stands around the words of a sentence."""
MOST_CHARACTERS = 140
"""Length of an answer on a card, of which the style shows two lines."""


@dataclass(frozen=True)
class Gallery:
    search: gr.Textbox
    model: gr.Dropdown
    concepts: gr.Radio
    cards: gr.HTML
    make: gr.Button
    make_hint: gr.HTML

    @property
    def shown(self) -> list[Any]:
        return [self.concepts, self.cards, self.model, self.make, self.make_hint]

    def show_items(self, items: list[Item]) -> Updates:
        models = list(dict.fromkeys(item.model or "default" for item in items if item.usable))
        named = [(ui_text.model(model), model) for model in models]
        return {
            self.concepts: gr.update(choices=render.choices(items, usable=True)),
            self.cards: cards(items),
            self.model: gr.update(choices=[(ui_text.CONCEPTS_ALL_MODELS, ""), *named], visible=len(models) > 1),
        }


def cards(items: Iterable[Item]) -> str:
    """Every concept's card, which the script looks up by its id."""
    return f'<div id="library-cards">{"".join(_card(item) for item in items if item.usable)}</div>'


def _card(item: Item) -> str:
    model = ui_text.model(item.model or "default")
    small = " · ".join(filter(None, (ui_text.ITEM_KINDS[item.kind], ui_text.day(item.made))))
    words = " ".join([item.name, item.note, small, model]).casefold()
    verdict = before_after = ""
    if card := health_card.read_card(item.health):
        tone = health_card.TONES[card.verdict]
        said = ui_text.card_verdict(ui_text.VERDICTS[card.verdict], item.strength)
        verdict = f'<span class="ls-verdict {tone}">{escape(said)}</span>'
        if card.samples:
            plain, steered = (_short_sample(text) for text in _telling(card))
            before_after = (
                f'<span class="before" dir="auto">{plain}</span><span class="after" dir="auto">{steered}</span>'
            )
    if not before_after:
        about = _short(item.note) or ui_text.HEALTH_NONE
        before_after = f'<span class="before" dir="auto">{escape(about)}</span>'
    return (
        f'<span class="ls-item" data-id="{escape(item.id)}" data-model="{escape(item.model or "default")}" '
        f'data-words="{escape(words)}" aria-hidden="true"><span class="ls-initial" style="--hue:{_hue(item.name)}">'
        f'{escape(_initial(item.name))}</span><span class="head"><b dir="auto">{escape(item.name)}</b>'
        f"<small>{escape(small)}</small><small>{escape(model)}</small></span>{verdict}{before_after}</span>"
    )


def _initial(name: str) -> str:
    return next((sign.upper() for sign in name if sign.isalnum()), "·")[:1]


def _hue(name: str) -> int:
    """A colour of the circle in degrees, the same for a name in every session."""
    return crc32(name.casefold().encode("utf-8", "replace")) % 360


def _telling(card: HealthCard) -> tuple[str, str]:
    """The answers before and after that show the concept best: those with most of the words that it says more often, else those
    that differ soonest. Both begin where they differ."""
    gained = {changed.word: changed.z for changed in card.words if changed.z > 0}

    def shown(sample: Sample) -> tuple[float, int]:
        plain, steered = (
            {word.strip(_SIGNS) for word in text.casefold().split()} for text in (sample.plain, sample.steered)
        )
        return sum(gained.get(word, 0.0) for word in steered - plain), -_alike(sample)

    best = max(card.samples, key=shown)
    alike, plain, steered = _alike(best), best.plain.split(), best.steered.split()
    begin = "… " if alike else ""
    return f"{begin}{' '.join(plain[alike:])}", f"{begin}{' '.join(steered[alike:])}"


def _alike(sample: Sample) -> int:
    """Number of words with which both answers begin; 0 for answers that do not differ."""
    pairs = enumerate(zip(sample.plain.split(), sample.steered.split(), strict=False))
    return next((place for place, (plain, steered) in pairs if plain != steered), 0)


def _short_sample(text: str) -> str:
    short = _short(text)
    return escape(short) if short.endswith(" …") else html.sample(short)


def _short(text: str) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS].rstrip()} …"


def build() -> Gallery:
    with gr.Row(elem_classes="ls-search"):
        search = gr.Textbox(
            label=ui_text.CONCEPTS_SEARCH,
            show_label=False,
            placeholder=ui_text.CONCEPTS_SEARCH,
            lines=1,
            max_lines=1,
            elem_id="library-search",
            elem_classes="ls-field",
            scale=3,
            min_width=150,
        )
        model = gr.Dropdown(
            [(ui_text.CONCEPTS_ALL_MODELS, "")],
            value="",
            label=ui_text.FACT_MODEL,
            show_label=False,
            visible=False,
            elem_id="library-model",
            elem_classes="ls-select",
            scale=2,
            min_width=150,
        )
    concepts = fields.item_list(ui_text.CONCEPTS_LIST, "library-list")
    cards = gr.HTML(visible=True, elem_classes="ls-stored")
    gr.HTML(f'<p class="ls-hint" id="library-none" role="status" hidden>{ui_text.CONCEPTS_NONE_FOUND}</p>')
    make_hint = gr.HTML(elem_id="library-make-hint", visible=False)
    make = fields.chip(ui_text.CONCEPTS_MAKE_ALL, "library-make", visible=False)
    return Gallery(search, model, concepts, cards, make, make_hint)


def show_offer(gallery: Gallery, now: Now, presets: Sequence[Preset]) -> Updates:
    """The offer to make the ready-made concepts for the present model, or to stop making them."""
    model = now.snapshot.model
    missing = ready_made.missing(presets, now.concepts, model.name) if model.phase == "ready" else []
    making = ready_made.waiting(missing, now.runs, model.name)
    if not missing:
        return {gallery.make: gr.update(visible=False), gallery.make_hint: gr.update(visible=False)}
    if making:
        sentence, label = ui_text.ready_made_waiting(len(making)), ui_text.CONCEPTS_MAKE_STOP
    else:
        seconds = ready_made.seconds(missing, now.runs, model.name)
        sentence = ui_text.ready_made_offer(len(missing), ui_text.model(model.name), seconds)
        label = ui_text.CONCEPTS_MAKE_ALL
    return {
        gallery.make: gr.update(visible=True, value=label),
        gallery.make_hint: gr.update(visible=True, value=html.hint(sentence)),
    }


def wire(ctx: Context, gallery: Gallery, problem: gr.HTML, frame: Frame) -> None:
    gr.on([gallery.search.change, gallery.model.change], None, [gallery.search, gallery.model], None, js=FILTER)

    @report_errors(problem)
    def make_all(seen: Seen, request: gr.Request) -> Updates:
        service = ctx.service
        if ready_made.waiting(ctx.presets, service.runs(), service.snapshot().model.name):
            ready_made.stop(service, ctx.presets)
        else:
            ready_made.make(service, ctx.presets)
        return frame.refresh(seen, request)

    gallery.make.click(make_all, frame.seen, [problem, *frame.refreshed], **QUIET)
