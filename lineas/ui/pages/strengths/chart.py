"""Effect and fluency over the strength: two lines in an SVG, the recommended strength marked, numbers and words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.components import html as parts

if TYPE_CHECKING:
    from lineas.evaluation.strength_sweep import StrengthPoint

WIDTH, HEIGHT = 1000, 300


def strength_chart(points: Sequence[StrengthPoint], recommended: float | None) -> str:
    """The chart as HTML, from the strength 0 on the left to the highest on the right; both lines go from 0 to 100 %.
    ``recommended``: None where it was never found out."""
    if not points:
        return parts.empty(ui_text.STRENGTHS_CHART_EMPTY)
    top = points[-1].strength
    label = ui_text.strengths_chart([(p.strength, p.effect, p.fluency) for p in points])
    lines = "".join(
        f'<polyline class="{name}" points="{" ".join(f"{_x(p.strength, top):.0f},{_y(value):.0f}" for p, value in values)}"/>'
        for name, values in (
            ("effect", [(p, p.effect) for p in points]),
            ("fluency", [(p, p.fluency) for p in points]),
        )
    )
    grid = "".join(f'<line class="grid" x1="0" x2="{WIDTH}" y1="{_y(at):.0f}" y2="{_y(at):.0f}"/>' for at in (0.5, 1))
    dots = "".join(
        f'<span class="dot {name}" style="left:{p.strength / top:.2%};top:{1 - _part(value):.2%}" '
        f'title="{ui_text.fraction(p.strength)}: {value:.0%}"></span>'
        for p in points
        for name, value in (("effect", p.effect), ("fluency", p.fluency))
    )
    mark = ticks = ""
    if recommended is not None and recommended <= top:
        side = "left" if recommended > 0.7 * top else "right"
        mark = f'<span class="mark {side}" style="left:{recommended / top:.2%}"><b>{ui_text.RECOMMENDED}</b></span>'
    ticks = "".join(f'<span style="left:{p.strength / top:.2%}">{ui_text.fraction(p.strength)}</span>' for p in points)
    return (
        f'<div class="ls-chart ls-curves" role="img" aria-label="{label}">'
        f'<p class="ls-legend"><span class="effect">{ui_text.EFFECT}</span><span class="fluency">{ui_text.FLUENCY}</span></p>'
        f'<div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{grid}{lines}'
        f'</svg>{mark}{dots}<span class="top" style="top:0">100&nbsp;%</span><span class="zero">0</span></div>'
        f'<div class="axis ticks">{ticks}</div></div>'
    )


def _part(value: float) -> float:
    return min(1.0, max(0.0, value))


def _x(strength: float, top: float) -> float:
    return WIDTH * strength / top


def _y(value: float) -> float:
    return HEIGHT * (1 - _part(value))
