"""A concept's sites as small pictures, for pages and files: source sentences, where the map takes them, and the target's."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.errors import LineasError

if TYPE_CHECKING:  # these import torch, and a page is up before that
    from lineas.steering.map import SteeringMap
    from lineas.training.planes import Plane, Points

SUFFIXES = (".html", ".png")
COLOURS = {"source": "#9f9ea1", "steered": "#5b4bd8", "target": "#1d8a5a"}
LEGEND = {"source": "before", "steered": "with the map", "target": "target"}
SIDE, EDGE = 100, 8
"""Size of a plane, as ``lineas.training.planes`` has it, and the space around it."""
COLUMNS = 6
"""Pictures in a row of a PNG file."""
NO_PICTURE = (
    "This map has no pictures of its sites in it: it is a mix, was made by another method, or by an earlier version. "
    "Train it again to have them."
)
NO_MATPLOTLIB = (
    "A PNG file needs a package that is not installed: pip install 'lineas[plots]'. Or let the name end in .html."
)


def site_labels(sites: Sequence[str]) -> list[str]:
    """The number of each site's layer, followed by the site's own name in layers with several sites: "3", "3 mlp"."""
    numbers = [re.search(r"(?:^|\.)(\d{1,9})(?:\.|$)", site) for site in sites]
    plain = [str(int(number[1]) + 1) if number else site for number, site in zip(numbers, sites, strict=True)]
    often = Counter(plain)
    return [
        f"{label} {site[number.end() :].rsplit('.', 1)[-1]}".rstrip() if number and often[label] > 1 else label
        for label, number, site in zip(plain, numbers, sites, strict=True)
    ]


def picture(plane: Plane, name: str) -> str:
    """One site as an SVG without colours of its own (classes ``source``, ``steered``, ``target``); ``name`` describes it."""
    dots = "".join(
        f'<g class="{role}">' + "".join(f'<circle cx="{x}" cy="{y}" r="2.2"/>' for x, y in points) + "</g>"
        for role, points in _groups(plane)
    )
    (x0, y0), (x1, y1), (x2, y2) = plane.means
    size = SIDE + 2 * EDGE
    return (
        f'<svg viewBox="{-EDGE} {-EDGE} {size} {size}" role="img" aria-label="{escape(name)}"><title>{escape(name)}</title>{dots}'
        f'<line class="way" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/><circle class="mean source" cx="{x0}" cy="{y0}" r="4.5"/>'
        f'<circle class="mean target" cx="{x2}" cy="{y2}" r="6"/><circle class="mean steered" cx="{x1}" cy="{y1}" r="4.5"/></svg>'
    )


def save(steering_map: SteeringMap, path: Path) -> None:
    """Write all sites of a map into one file, .html or .png.

    Raises:
        LineasError: another suffix, a map without pictures, or a place that cannot be written.
    """
    from lineas.training.planes import from_json

    if path.suffix.lower() not in SUFFIXES:
        raise LineasError(f"{path.name!r} should end in {' or '.join(SUFFIXES)}.")
    found = from_json(steering_map.metadata.get("planes", ""))
    if not found:
        raise LineasError(NO_PICTURE)
    try:
        if path.suffix.lower() == ".png":
            plot(found, _title(steering_map), path)
        else:
            path.write_text(page(found, _title(steering_map)), encoding="utf-8")
    except OSError as error:
        raise LineasError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None


def page(found: Mapping[str, Plane], title: str) -> str:
    """All sites as an HTML page that needs nothing else."""
    cells = "".join(
        f"<figure>{picture(plane, f'layer {label}: {_way(plane)}')}"
        f"<figcaption>{escape(label)}<small>{_way(plane)}</small></figcaption></figure>"
        for label, plane in zip(site_labels(list(found)), found.values(), strict=True)
    )
    legend = "".join(f'<span style="color:{COLOURS[role]}">● {words}</span> ' for role, words in LEGEND.items())
    colours = "".join(f".{role}{{fill:{colour}}}" for role, colour in COLOURS.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>'
        "body{font:16px system-ui,sans-serif;margin:24px;background:#fff;color:#1a1a21}"
        "main{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}figure{margin:0}"
        "svg{width:100%;border:1px solid #e3e2de;border-radius:10px}small{float:right;color:#57565e}"
        f"g{{opacity:.55}}.way{{stroke:#5b4bd8;stroke-width:1.6}}.mean{{stroke:#fff;stroke-width:1.4}}{colours}</style>"
        f"<h1>{escape(title)}</h1><p>{legend}</p><main>{cells}</main></html>"
    )


def plot(found: Mapping[str, Plane], title: str, path: Path) -> None:
    """Draw all sites into a PNG file.

    Raises:
        LineasError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise LineasError(NO_MATPLOTLIB) from None
    columns = min(COLUMNS, len(found))
    rows = math.ceil(len(found) / columns)
    figure = Figure((2 * columns, 2.2 * rows + 0.8), layout="constrained")
    figure.suptitle(title)
    every = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in every:
        axes.set_axis_off()
    for axes, label, plane in zip(every, site_labels(list(found)), found.values(), strict=False):
        axes.set_axis_on()
        axes.set(xticks=(), yticks=(), xlim=(-EDGE, SIDE + EDGE), ylim=(SIDE + EDGE, -EDGE), aspect="equal")
        axes.set_title(f"{label}: {_way(plane)}", fontsize=9)
        axes.plot(*zip(*plane.means[:2], strict=True), color=COLOURS["steered"])
        for role, points in _groups(plane):
            axes.scatter(*zip(*points, strict=True), s=6, alpha=0.5, color=COLOURS[role])
        for role, mean in zip(LEGEND, plane.means, strict=True):
            axes.scatter(*mean, s=60, color=COLOURS[role], edgecolor="white", zorder=3, label=LEGEND[role])
    figure.legend(*every[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=160)


def _groups(plane: Plane) -> tuple[tuple[str, Points], ...]:
    """The groups of sentences in the order in which they are drawn."""
    return ("target", plane.target), ("source", plane.source), ("steered", plane.steered)


def _way(plane: Plane) -> str:
    return f"{plane.way:.0%} of the way"


def _title(steering_map: SteeringMap) -> str:
    name, model = steering_map.name or "A map", steering_map.metadata.get("base_model", "")
    return f"{name} on {model}" if model else name
