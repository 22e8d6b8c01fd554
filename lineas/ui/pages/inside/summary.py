"""What a concept does, for people: three sentences, two examples, and how each layer's sentences move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from statistics import fmean
from typing import TYPE_CHECKING

from lineas.export.layer_pictures import picture, site_labels
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.components.health_card import read_card

if TYPE_CHECKING:
    from lineas.evaluation.health_card import Sample
    from lineas.steering.map import SteeringMap
    from lineas.training.planes import Plane

EXAMPLES = 2


def summary(
    steering_map: SteeringMap, counts: tuple[int | None, int | None], where: str, found: Mapping[str, Plane]
) -> str:
    """The sentences and the examples.

    Args:
        counts: number of source and target sentences, where known.
        where: the sentence about the layers.
        found: the pictures of the layers, as far as the map has them.
    """
    data = steering_map.metadata
    said = [ui_text.learned(steering_map.name, ui_text.model(data.get("base_model", "")), *counts), where]
    if found:
        said.append(ui_text.way(fmean(plane.way for plane in found.values())))
    card = read_card(data.get("health", ""))
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in said if sentence)
    return (
        f'<section class="ls-card ls-inside-summary"><div class="said">{sentences}</div>'
        f"{_examples(card.samples if card else ())}</section>"
    )


def moves(found: Mapping[str, Plane]) -> str:
    """A picture for each layer; empty for a map that has none."""
    if not found:
        return ""
    pictures = "".join(
        f"<figure>{picture(plane, ui_text.layer_moves(label, plane.way))}<figcaption>{escape(label)}</figcaption></figure>"
        for label, plane in zip(site_labels(list(found)), found.values(), strict=True)
    )
    legend = "".join(f'<span class="{role}">{words}</span>' for role, words in ui_text.INSIDE_GROUPS.items())
    return (
        f'<section class="ls-card ls-moves">{html.card_title(ui_text.INSIDE_MOVES)}{html.hint(ui_text.INSIDE_MOVES_LEAD)}'
        f'<p class="legend">{legend}</p><div class="pictures">{pictures}</div></section>'
    )


def _examples(samples: Sequence[Sample]) -> str:
    if not samples:
        return html.hint(ui_text.INSIDE_NO_EXAMPLES)
    return "".join(
        f'<div class="example"><p class="asked" dir="auto">{escape(sample.prompt)}</p>'
        f'<p class="plain" dir="auto"><b>{ui_text.INSIDE_BEFORE}</b> {html.sample(sample.plain)}</p>'
        f'<p class="steered" dir="auto"><b>{ui_text.INSIDE_AFTER}</b> {html.sample(sample.steered)}</p></div>'
        for sample in samples[:EXAMPLES]
    )
