"""A concept's layers as a picture, a table and a list of facts. Map files come from anywhere, so nothing in one is trusted."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from lineas.export.layer_pictures import site_labels
from lineas.ui import text as ui_text
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.steering.map import SteeringMap
    from lineas.storage import Concept

MOST_MOVED = 8
FAINT = 0.07
"""Heat of the least moved layer; the most moved one has 1."""


@dataclass(frozen=True)
class Layer:
    """One site.

    Attributes:
        label: the number of its layer, counted from 1.
        scale, shift, support: as in ``lineas.steering.map.SiteNorms``.
        share: its part of the map's whole movement, half of which is counted in scales and half in shifts.
        before, after: transport distance at this site, plain and steered; None where the map's file has none.
    """

    site: str
    label: str
    scale: float
    shift: float
    support: float
    share: float
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class _Column:
    """One column of the picture. Its colours run from the value ``low`` to ``high``."""

    head: str
    help: str
    values: Sequence[float]
    write: Callable[[float], str]
    low: float
    high: float

    def heat(self, value: float) -> float:
        if self.high <= self.low:
            return 1.0 if value > 0 else 0.0
        return FAINT + (1 - FAINT) * (value - self.low) / (self.high - self.low) if value > 0 else 0.0


def layers(steering_map: SteeringMap) -> list[Layer]:
    """All sites of a map, in the model's order."""
    norms = steering_map.norms()
    scales, shifts = sum(n.scale for n in norms.values()), sum(n.shift for n in norms.values())
    totals = [total for total in (scales, shifts) if total]
    distances = _object(steering_map.metadata.get("metrics", "")).get("sites")
    found = []
    for (site, n), label in zip(norms.items(), site_labels(list(norms)), strict=True):
        share = sum(part / total for part, total in ((n.scale, scales), (n.shift, shifts)) if total) / (
            len(totals) or 1
        )
        pair = distances.get(site) if isinstance(distances, dict) else None
        before, after = map(_finite, pair) if isinstance(pair, list) and len(pair) == 2 else (None, None)
        found.append(Layer(site, label, n.scale, n.shift, n.support, share, before, after))
    return found


def picture(found: Sequence[Layer]) -> str:
    """The heat map, one row for each layer from the input to the output, below a sentence that sums it up."""
    if not any(layer.share for layer in found):
        return f'<section class="ls-card"><p>{ui_text.INSIDE_NOTHING_MOVES}</p></section>'
    said = sentence(found)
    columns = _columns(found)
    known = _known(found)
    longest = max((max(pair) for pair in known), default=0.0)
    heads = "".join(f'<span class="head" title="{escape(c.help)}">{escape(c.head)}</span>' for c in columns)
    rows = "".join(
        f'<span class="layer">{escape(layer.label)}</span>'
        + "".join(_cell(layer, column, column.values[row]) for column in columns)
        + (_bars(layer, known[row], longest) if known else "")
        for row, layer in enumerate(found)
    )
    scales = "".join(
        f'<span class="scale"><span>{c.write(c.low)}</span><i></i><span>{c.write(c.high)}</span></span>'
        for c in columns
    )
    helps = "".join(f"<li><b>{escape(c.head)}</b> {escape(c.help)}</li>" for c in columns)
    if known:
        heads += f'<span class="head">{ui_text.INSIDE_DISTANCE}</span>'
        scales += f'<span class="scale ends"><span>0</span><span>{_short(longest)}</span></span>'
        helps += f'<li class="bars-help"><b>{ui_text.INSIDE_DISTANCE}</b> {ui_text.INSIDE_DISTANCE_HELP}</li>'
    dense = " dense" if len(found) > 40 else ""
    shape = f"--columns:{len(columns)};--bars:{'2fr' if known else ''}"
    return (
        f'<section class="ls-card ls-inside-picture">{html.card_title(ui_text.INSIDE_PICTURE)}'
        f'<p class="ls-inside-sentence">{escape(said)}</p>'
        f'<div class="ls-heat{dense}" role="img" aria-label="{escape(said)}" style="{shape}">'
        f'<span></span>{heads}<span class="end">{ui_text.INSIDE_TOP}</span>{rows}'
        f'<span class="end">{ui_text.INSIDE_BOTTOM}</span><span></span>{scales}</div>'
        f'<ul class="ls-columns-help">{helps}</ul></section>'
    )


def table(found: Sequence[Layer]) -> str:
    """The most moved layers, in numbers."""
    top = [layer for layer in sorted(found, key=lambda layer: -layer.share)[:MOST_MOVED] if layer.share]
    if not top:
        return ""
    distances = bool(_known(found))
    heads = [ui_text.INSIDE_LAYER, *ui_text.INSIDE_COLUMNS, *([ui_text.INSIDE_DISTANCE] if distances else [])]
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = ""
    for layer in top:
        part = re.sub(r"^.*\.\d+\.", "", layer.site)  # without the path to its layer
        cells = [
            ui_text.percent(layer.support),
            *(ui_text.number(value, ".3g") for value in (layer.scale, layer.shift)),
        ]
        if distances:
            cells.append(
                ui_text.from_to(*(_plain(value) for value in (layer.before, layer.after) if value is not None))
            )
        body += (
            f'<tr><th scope="row">{escape(layer.label)}<small title="{escape(layer.site)}">{escape(part)}</small></th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    return (
        f'<section class="ls-card">{html.card_title(ui_text.INSIDE_TABLE)}<div class="ls-wide" tabindex="0" '
        f'role="region" aria-label="{ui_text.INSIDE_TABLE}"><table class="ls-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def provenance(steering_map: SteeringMap, concept: Concept | None) -> str:
    """Where a concept comes from, as a list of facts."""
    data = steering_map.metadata
    made, metrics, examples = (_object(data.get(key, "")) for key in ("recipe", "metrics", "examples"))
    recipe = made.get("recipe")
    recipe_name = _text(recipe.get("name")) if isinstance(recipe, dict) else _text(recipe)
    method = data.get("method", "")
    source, target = (_finite(examples.get(side)) for side in ("source", "target"))
    start, end = _finite(metrics.get("distance_start")), _finite(metrics.get("distance_end"))
    steps, seconds, seed = (
        _finite(value) for value in (metrics.get("steps"), metrics.get("seconds"), made.get("seed"))
    )
    moved, of = sum(int(site.sum()) for _, site in steering_map.moved()), sum(steering_map.widths.values())
    rows = [
        (ui_text.FACT_MODEL, ui_text.model(data.get("base_model", ""))),
        (ui_text.FACT_MADE, ui_text.day(data.get("created", ""), time=True)),
        (ui_text.FACT_METHOD, ui_text.INSIDE_METHODS.get(method, method)),
        (ui_text.FACT_PARTS, _text(made.get("parts"))),
        (ui_text.FACT_RECIPE, ui_text.recipe(recipe_name)),
        (ui_text.FACT_STEPS, f"{steps:.0f}" if steps else ""),
        (ui_text.FACT_TIME, ui_text.duration(seconds) if seconds else ""),
        (
            ui_text.FACT_SENTENCES,
            ui_text.BOTH_SIDES.format(source=int(source), target=int(target)) if source and target else "",
        ),
        (ui_text.FACT_DISTANCE, ui_text.distances(start, end) if start is not None and end is not None else ""),
        (ui_text.FACT_NUMBERS, ui_text.numbers_moved(moved, of, moved / of)),
        (
            ui_text.FACT_STRENGTH,
            ui_text.number(concept.recommended_strength) if concept and concept.strength_known else "",
        ),
        (ui_text.FACT_SEED, f"{seed:.0f}" if seed is not None else ""),
        (ui_text.FACT_VERSION, f"LinEAS {data['lineas_version']}" if data.get("lineas_version") else ""),
    ]
    note = concept.note if concept else data.get("description", "")
    about = f'<p class="ls-inside-note" dir="auto">{escape(note)}</p>' if note and note != made.get("parts") else ""
    return (
        f'<section class="ls-card">{html.card_title(ui_text.INSIDE_PROVENANCE)}{about}'
        f"{html.facts((name, value[:300]) for name, value in rows)}</section>"
    )


def counts(steering_map: SteeringMap) -> tuple[int | None, int | None]:
    """Number of source and target sentences that a map was made from; None where its file does not say."""
    examples = _object(steering_map.metadata.get("examples", ""))
    source, target = (_finite(examples.get(side)) for side in ("source", "target"))
    return (int(source) if source else None, int(target) if target else None)


def sentence(found: Sequence[Layer]) -> str:
    """Where a concept works; empty for one that moves nothing."""
    if not any(layer.share for layer in found):
        return ui_text.INSIDE_NOTHING_MOVES
    shares = [0.0, 0.0, 0.0]
    for row, layer in enumerate(found):
        shares[3 * row // len(found)] += layer.share
    most = max(found, key=lambda layer: layer.share)
    said = ui_text.thirds((shares[0], shares[1], shares[2]), ui_text.layer(most.label))
    if known := _known(found):
        said += " " + ui_text.layers_closer(sum(after < before for before, after in known), len(known))
    return said


def _known(found: Sequence[Layer]) -> list[tuple[float, float]]:
    """Distances of every layer before and after; empty if any of them is unknown."""
    pairs = [(x.before, x.after) for x in found if x.before is not None and x.after is not None]
    return pairs if len(pairs) == len(found) else []


def _columns(found: Sequence[Layer]) -> list[_Column]:
    touched, stretched, shifted = zip(ui_text.INSIDE_COLUMNS, ui_text.INSIDE_COLUMN_HELP, strict=True)
    columns = [_Column(*touched, [layer.support for layer in found], ui_text.percent, 0.0, 1.0)]
    for head, values in ((stretched, [x.scale for x in found]), (shifted, [x.shift for x in found])):
        columns.append(_Column(*head, values, _short, min(values), max(values)))
    return columns


def _cell(layer: Layer, column: _Column, value: float) -> str:
    name = escape(f"{ui_text.layer(layer.label)}, {column.head.lower()}: {column.write(value)}".capitalize())
    return f'<i class="cell" style="--heat:{column.heat(value):.0%}" title="{name}"></i>'


def _bars(layer: Layer, distances: tuple[float, float], longest: float) -> str:
    # a distance is a mean of squares; bars as long as its root make the small ones of early layers visible
    before, after = (100 * math.sqrt(max(0.0, distance) / longest) if longest > 0 else 0.0 for distance in distances)
    change = ui_text.from_to(*map(_short, distances))
    name = escape(f"{ui_text.layer(layer.label)}, {ui_text.INSIDE_DISTANCE.lower()}: {change}".capitalize())
    return f'<i class="bars" title="{name}"><b style="width:{before:.0f}%"></b><b style="width:{after:.0f}%"></b></i>'


def _plain(value: float) -> str:
    """Three digits, without powers of ten."""
    return ui_text.number(value, ",.0f" if abs(value) >= 100 else ".3g")


def _short(value: float) -> str:
    """Two digits, without powers of ten."""
    return ui_text.number(value, ",.0f" if abs(value) >= 100 else ".2g")


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a text; an empty one for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _finite(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return float(value) if number else None  # type: ignore[arg-type]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
