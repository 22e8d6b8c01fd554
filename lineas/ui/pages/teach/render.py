"""The examples and a training on the page Teach as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.data.report import ExamplesReport
    from lineas.service.snapshot import RunState
    from lineas.storage import MetricPoint, Preview

WIDTH, HEIGHT = 1000, 300
"""Size of the chart's coordinates. The SVG is stretched to the space there is, so it holds lines only; numbers are HTML."""


def counter(number: int, repeats: int, drafts: int = 0) -> str:
    return f'<p class="ls-counter">{escape(ui_text.sentences(number, repeats, drafts))}</p>'


def findings(report: ExamplesReport) -> str:
    """What the checks found in the examples, errors first."""
    items = "".join(
        f'<li class="{escape(found.severity)}">{escape(ui_text.from_library(found.message))}</li>'
        for found in sorted(report.findings, key=lambda f: f.severity != "error")
    )
    return f'<ul class="ls-findings">{items}</ul>' if items else ""


def curve(points: Sequence[MetricPoint], run: RunState | None) -> str:
    """The distance step by step. A finished training's curve ends at its final distance, as in the status line."""
    if run is None:
        return distance_chart(points, 0, None)
    return distance_chart(points, run.of, run.distance_start, run.distance if run.state == "done" else None)


def previews(found: Sequence[Preview], run: RunState | None) -> str:
    """The preview answers so far, the plain model's first, and a caret where the next one will be."""
    if run is None or not (found or run.preview):
        sentence = ui_text.PREVIEW_EMPTY if run is None else ui_text.PREVIEW_OFF
        return f'<div class="ls-previews"><p class="ls-nothing">{escape(sentence)}</p></div>'
    items = [_item(preview, _when(preview, run), preview is found[-1]) for preview in found]
    if run.state == "running" and not run.stopping:
        items.append(f'<li class="next"><b></b><p>{html.CARET}</p></li>')
    # screen readers speak the newest answer as it arrives
    return (
        f'<div class="ls-previews"><p class="asked" dir="auto">{escape(ui_text.PREVIEW_PROMPT.format(prompt=run.preview))}</p>'
        f'<ol aria-live="polite" aria-label="{ui_text.PREVIEW_TITLE}">{"".join(items)}</ol></div>'
    )


def _item(preview: Preview, when: str, newest: bool) -> str:
    said = preview.text.strip()
    if said and said[-1] not in ".!?…\"'”)":  # cut off at the length limit
        said += " …"
    text = escape(said) or f'<span class="ls-empty">{ui_text.NOTHING_SAID}</span>'
    mark = ' class="newest"' if newest else ""
    return f'<li{mark} data-step="{preview.step}"><b>{escape(when)}</b><p dir="auto">{text}</p></li>'


def _when(preview: Preview, run: RunState) -> str:
    if preview.step == 0:
        return ui_text.PREVIEW_START
    last = run.state == "done" and preview.step >= run.step
    return ui_text.PREVIEW_END if last else ui_text.PREVIEW_STEP.format(step=preview.step)


def details(path: Path, log: str) -> str:
    """The end of a log, folded away, for people who help."""
    return (
        f'<details class="ls-details"><summary>{ui_text.DETAILS}</summary>'
        f"<p>{escape(ui_text.LOG_AT.format(path=path))}</p><pre>{escape(log.strip())}</pre></details>"
    )


def distance_chart(points: Sequence[MetricPoint], of: int, start: float | None, end: float | None = None) -> str:
    """The chart as HTML.

    Args:
        points: steps with the distance before each of them, where their point is drawn.
        of: number of planned steps; the x axis is the progress bar as well.
        start: distance of the plain model. Some recipes begin with a share of the way, so the first point may lie below it.
        end: distance measured after the last step.
    """
    if not points:
        return f'<div class="ls-chart empty" role="img" aria-label="{ui_text.CHART_EMPTY}"><p>{ui_text.CHART_EMPTY}</p></div>'
    of = max(of, points[-1].step, 1)
    curve = [(p.step - 1, p.distance) for p in points]
    if end is not None:
        curve.append((points[-1].step, end))
    if start is not None and (points[0].step > 1 or start > curve[0][1]):
        curve.insert(0, (0, start))
    (_, first), (step, now) = curve[0], curve[-1]
    top = 1.08 * max(1e-12, *(distance for _, distance in curve))
    places = [(WIDTH * at / of, HEIGHT * (1 - max(distance, 0.0) / top)) for at, distance in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    (first_x, _), (x, y) = places[0], places[-1]
    begin = HEIGHT * (1 - first / top)
    grid = "".join(
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{HEIGHT * at:.0f}" y2="{HEIGHT * at:.0f}"/>' for at in (0.25, 0.5, 0.75)
    )  # fmt: skip
    label = ui_text.chart(step, of, first, now)
    side = "left" if x > 0.8 * WIDTH else "right"
    return (
        f'<div class="ls-chart" role="img" aria-label="{label}" data-step="{step}">'
        f'<div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{grid}'
        f'<line class="begin" x1="0" x2="{WIDTH}" y1="{begin:.1f}" y2="{begin:.1f}"/>'
        f'<polygon points="{first_x:.1f},{HEIGHT} {line} {x:.1f},{HEIGHT}"/><polyline points="{line}"/></svg>'
        f'<span class="dot {side}" style="left:{x / WIDTH:.2%};top:{y / HEIGHT:.2%}"><b>{ui_text.number(now, ".3g")}</b></span>'
        f'<span class="top" style="top:{begin / HEIGHT:.2%}">{ui_text.number(first, ".3g")}</span><span class="zero">0</span></div>'
        f'<div class="axis"><span>{ui_text.STEPS_AXIS} 0</span><span>{of}</span></div></div>'
    )
