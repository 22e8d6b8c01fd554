"""Answers from weak to strong as HTML: the filmstrip, the chart of effect and fluency, and the findings in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.evaluation.advice import StrengthReport
    from lineas.evaluation.findings import StrengthPoint
    from lineas.generation.listener import Answer
    from lineas.storage import Concept

WIDTH, HEIGHT = 1000, 300
"""Size of the chart's coordinates. The SVG is stretched to the space there is, so it holds lines only; numbers are HTML."""


def strengths_up_to(top: float, step: float) -> list[float]:
    """Strengths from 0 to ``top``."""
    return [step * i for i in range(round(top / step) + 1)]


def questions(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def recommended(concept: Concept) -> float | None:
    """The strength to recommend for the map alone; None without a health check, or where it advises the instruction beside it."""
    return concept.recommended_strength if concept.strength_known and concept.mode == "show" else None


def filmstrip(
    prompts: Sequence[str],
    strengths: Sequence[float],
    answers: Sequence[Answer],
    recommended: float | None,
    streaming: bool,
) -> str:
    """One frame for each strength.

    Args:
        answers: at all strengths for the first prompt, then for the second, and so on; empty before the first token.
        recommended: the frame nearest to this strength gets a badge.
    """
    nearest = None
    if recommended is not None and recommended <= strengths[-1]:
        nearest = min((s for s in strengths if s > 0), key=lambda s: abs(s - recommended))
    frames = []
    for column, strength in enumerate(strengths):
        mine: Sequence[Answer | None] = answers[column :: len(strengths)] or [None] * len(prompts)
        pieces = [
            _answer(
                prompt if len(prompts) > 1 else "",
                answer.text if answer else "",
                answer.tokens if answer else 0,
                strength=strength,
                streaming=streaming and not (answer and answer.done),
            )
            for prompt, answer in zip(prompts, mine, strict=True)
        ]
        frames.append(_frame(pieces, strength, best=strength == nearest, ready=not streaming))
    # a frame has a head, an answer for each question, and a foot
    return f'<ul class="ls-film" style="--rows:{len(prompts) + 2}" aria-label="{ui_text.FILMSTRIP}">{"".join(frames)}</ul>'


def _frame(answers: Iterable[str], strength: float, *, best: bool, ready: bool) -> str:
    """One strength; a button that takes it to Compare appears when its answers are ``ready``."""
    badge = f'<span class="ls-badge">{ui_text.RECOMMENDED}</span>' if best else ""
    use = html.strength_button(ui_text.USE_IN_COMPARE, strength, "ls-copy ls-use") if ready else ""
    return (
        f'<li class="ls-frame{" best" if best else ""}" style="--at:{min(strength, 1.5) / 1.5:.2f}" '
        f'aria-label="{ui_text.STRENGTH} {ui_text.number(strength)}"><header><h3>{ui_text.fraction(strength)}</h3>{badge}'
        f"<p>{ui_text.at_strength(strength)}</p></header>{''.join(answers)}<footer>{use}</footer></li>"
    )


def _answer(question: str, text: str, tokens: int, *, strength: float, streaming: bool) -> str:
    """One answer in a frame, below its question if there are several."""
    name = f"{ui_text.COPY}: {ui_text.STRENGTH} {ui_text.number(strength)} {question}".rstrip()
    asked = f"<h4>{escape(question)}</h4>" if question else ""
    copy = html.copy_button(name) if text and not streaming else ""
    empty = "" if text or streaming else f'<span class="ls-empty">{ui_text.NOTHING_SAID}</span>'
    return (
        f'<section class="ls-answer ls-said" aria-busy="{str(streaming).lower()}">{asked}'
        f'<div class="ls-text" dir="auto">{escape(text)}{empty}{html.CARET if streaming else ""}</div>'
        f'<div class="ls-foot"><span>{ui_text.tokens(tokens) if tokens else ""}</span>{copy}</div></section>'
    )


def explanation(report: StrengthReport, concept: Concept) -> str:
    """What the chart shows, and how it was measured."""
    verdict = ui_text.strengths_verdict(
        concept.name, recommended(concept), report.best.strength if report.best else None
    )
    effect = ui_text.EFFECT_JUDGED if report.judged else ui_text.EFFECT_COUNTED
    return html.verdict(verdict) + html.hint(f"{effect} {ui_text.FLUENCY_EXPLAINED}")


def strength_chart(points: Sequence[StrengthPoint], recommended: float | None) -> str:
    """The chart as HTML, from strength 0 to the highest one; all lines go from 0 to 100%.

    Args:
        recommended: a strength to mark; None for a concept without a health check.
    """
    if not points:
        return html.empty(ui_text.STRENGTHS_CHART_EMPTY)
    top = points[-1].strength
    curves = {
        "effect": [(p.strength, p.effect) for p in points],
        "relevance": [(p.strength, p.relevance) for p in points],
        "fluency": [(p.strength, p.fluency) for p in points],
    }
    label = ui_text.strengths_chart([(p.strength, p.effect, p.relevance, p.fluency) for p in points])
    lines = "".join(
        f'<polyline class="{name}" points="{" ".join(f"{WIDTH * at / top:.0f},{_y(value):.0f}" for at, value in curve)}"/>'
        for name, curve in curves.items()
    )
    grid = "".join(f'<line class="grid" x1="0" x2="{WIDTH}" y1="{_y(at):.0f}" y2="{_y(at):.0f}"/>' for at in (0.5, 1))
    dots = "".join(
        f'<span class="dot {name}" style="left:{at / top:.2%};top:{_y(value) / HEIGHT:.2%}" '
        f'title="{ui_text.fraction(at)}: {ui_text.percent(value)}"></span>'
        for name, curve in curves.items()
        for at, value in curve
    )
    mark = ""
    if recommended is not None and recommended <= top:
        side = "left" if recommended > 0.7 * top else "right"
        mark = f'<span class="mark {side}" style="left:{recommended / top:.2%}"><b>{ui_text.RECOMMENDED}</b></span>'
    ticks = "".join(f'<span style="left:{p.strength / top:.2%}">{ui_text.fraction(p.strength)}</span>' for p in points)
    return (
        f'<div class="ls-chart ls-curves" role="img" aria-label="{label}">'
        f'<p class="ls-legend"><span class="effect">{ui_text.EFFECT}</span><span class="relevance">{ui_text.RELEVANCE}</span>'
        f'<span class="fluency">{ui_text.FLUENCY}</span></p>'
        f'<div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{grid}{lines}'
        f'</svg>{mark}{dots}<span class="top" style="top:0">100&nbsp;%</span><span class="zero">0</span></div>'
        f'<div class="axis ticks">{ticks}</div></div>'
    )


def _y(value: float) -> float:
    return HEIGHT * (1 - min(1.0, max(0.0, value)))
