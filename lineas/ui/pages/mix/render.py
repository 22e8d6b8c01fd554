"""A mix in values and as HTML: which concepts take part, and how they get along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.steering.overlap import Overlap
    from lineas.storage import Concept

SLOTS = 4
Parts = list[tuple[str, float]]
"""Concept ids with their strengths, in the order in which they are applied."""


def chosen(slots: Sequence[Any]) -> Parts:
    """The concepts that take part, from the values of ``MixPage.slots``: all ids, then all strengths."""
    return [(i, float(at)) for i, at in zip(slots[:SLOTS], slots[SLOTS:], strict=True) if i and at]


def names(parts: Parts, concepts: Sequence[Concept]) -> list[str]:
    """The parts' names; the id of a concept that no longer exists."""
    return [concept.name if (concept := view_state.find_concept(concepts, i)) else i for i, _ in parts]


def overlap(names: Sequence[str], pairs: Mapping[tuple[int, int], Overlap], push: float) -> str:
    """How the concepts of a mix get along, in words and as a heat map.

    Args:
        pairs: the overlap of every two concepts, by their places in ``names``.
        push: how hard all of them push together, in strengths of one concept.
    """
    verdict = ui_text.mix_verdict([(names[i], names[j], found.relation) for (i, j), found in pairs.items()], push)
    rows = [(ui_text.MIX_PAIR.format(first=names[i], second=names[j]), found) for (i, j), found in pairs.items()]
    return html.verdict(verdict) + overlap_map(rows) + html.hint(ui_text.MIX_OVERLAP_EXPLAINED)


def overlap_map(rows: Sequence[tuple[str, Overlap]]) -> str:
    """A heat map. Each row is a pair: its name, its relation, and the cosine at every layer."""
    lines = "".join(
        f'<div class="pair"><b>{escape(name)}</b><span class="ls-kind {found.relation}" title="{found.whole:+.2f}">'
        f'{ui_text.MIX_RELATIONS[found.relation]}</span><span class="cells">'
        + "".join(_cell(cosine, layer) for layer, cosine in enumerate(found.sites.values(), 1))
        + "</span></div>"
        for name, found in rows
    )
    label = "; ".join(f"{name}: {ui_text.MIX_RELATIONS[found.relation]}, {found.whole:+.2f}" for name, found in rows)
    low, high = ui_text.MIX_SCALE
    ends = "".join(f"<span>{end}</span>" for end in ui_text.MIX_ENDS)
    scale = "".join(_cell(at / 4) for at in range(-4, 5))
    return (
        f'<div class="ls-overlap"><div role="img" aria-label="{escape(label)}">{lines}</div>'
        f'<p class="ends" aria-hidden="true"><span>{ends}</span></p><p class="scale" aria-hidden="true">'
        f'<span>{low}</span><span class="cells">{scale}</span><span>{high}</span></p></div>'
    )


def _cell(cosine: float, layer: int | None = None) -> str:
    # most cosines are small, so the colour is full at one half already
    side, share = ("against" if cosine < 0 else "with"), min(1.0, 2 * abs(cosine))
    title = f' title="{ui_text.MIX_CELL.format(layer=layer, cosine=cosine)}"' if layer else ""
    return f'<i class="{side}" style="--c:{share:.0%}"{title}></i>'
