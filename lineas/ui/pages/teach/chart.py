"""The curve of the distance while a concept is taught: an SVG line, labels beside it, one sentence for people who do not see it.

The SVG is stretched to the space there is, so that only lines live in it; numbers are HTML, and keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.storage import MetricPoint

WIDTH, HEIGHT = 1000, 300
_GRID = (0.25, 0.5, 0.75)


def distance_chart(points: Sequence[MetricPoint], of: int, start: float | None, end: float | None = None) -> str:
    """The chart as HTML. ``of`` is the number of steps planned: the x axis is the progress bar as well.

    A step tells the distance that there was before it, so that its point stands there. ``end`` is what was measured after the last.
    """
    if not points:
        return f'<div class="ls-chart empty" role="img" aria-label="{ui_text.CHART_EMPTY}"><p>{ui_text.CHART_EMPTY}</p></div>'
    of = max(of, points[-1].step, 1)
    curve = [(p.step - 1, p.distance) for p in points]
    if end is not None:
        curve.append((points[-1].step, end))
    if start is not None and points[0].step > 1:
        curve.insert(0, (0, start))
    first = curve[0][1]
    top = 1.08 * max(1e-12, *(distance for _, distance in curve))
    places = [(WIDTH * step / of, HEIGHT * (1 - max(distance, 0.0) / top)) for step, distance in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    (first_x, _), (x, y) = places[0], places[-1]
    begin = HEIGHT * (1 - first / top)
    grid = "".join(
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{HEIGHT * g:.0f}" y2="{HEIGHT * g:.0f}"/>' for g in _GRID
    )
    step, now = curve[-1]
    label = ui_text.chart(step, of, first, now)
    side = "left" if x > 0.8 * WIDTH else "right"
    return (
        f'<div class="ls-chart" role="img" aria-label="{label}" data-step="{step}">'
        f'<div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{grid}'
        f'<line class="begin" x1="0" x2="{WIDTH}" y1="{begin:.1f}" y2="{begin:.1f}"/>'
        f'<polygon points="{first_x:.1f},{HEIGHT} {line} {x:.1f},{HEIGHT}"/><polyline points="{line}"/></svg>'
        f'<span class="dot {side}" style="left:{x / WIDTH:.2%};top:{y / HEIGHT:.2%}"><b>{now:.3g}</b></span>'
        f'<span class="top" style="top:{begin / HEIGHT:.2%}">{first:.3g}</span><span class="zero">0</span></div>'
        f'<div class="axis"><span>{ui_text.STEPS_AXIS} 0</span><span>{of}</span></div></div>'
    )
