"""Small pieces of HTML. Whatever a person or a model wrote passes through ``escape`` here, and only here.

The pieces go into ``gr.HTML`` as plain values (its default template), never into a template of our own: ``{{value}}`` in a
Gradio template evaluates ``${…}`` in the text as JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.view_state import Status

if TYPE_CHECKING:
    from lineas.data.report import ExamplesReport
    from lineas.steering.overlap import Overlap

LOGO = (
    '<svg class="ls-logo" viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="15"/>'
    '<path class="plain" d="M12 44H52"/><path class="steered" d="M12 44C30 44 30 20 50 20"/><circle cx="50" cy="20" r="5"/></svg>'
)


def header() -> str:
    return (
        f'<div class="ls-header">{LOGO}<div><h1>{ui_text.APP}</h1><p>{ui_text.TAGLINE}</p></div>'
        f'<button type="button" class="ls-icon-button" data-theme-toggle aria-label="{ui_text.SWITCH_THEME}" '
        f'title="{ui_text.SWITCH_THEME}"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/>'
        '<path d="M12 4a8 8 0 0 1 0 16z"/></svg></button></div>'
    )


def stage_button() -> str:
    return f'<button type="button" class="ls-copy ls-stage-button" data-stage>{ui_text.STAGE}</button>'


def title(heading: str, lead: str) -> str:
    return f'<div class="ls-title"><h2>{heading}</h2><p>{lead}</p></div>'


def status(line: Status, model: str = "") -> str:
    """The banner, and the line under the chart."""
    pill = f'<span class="ls-pill" title="{escape(model)}">{escape(ui_text.model(model))}</span>' if model else ""
    detail = f'<span class="ls-detail">{escape(line.detail)}</span>' if line.detail else ""
    return (
        f'<div class="ls-status {line.tone}" role="status"><span class="ls-dot"></span>'
        f'<span class="ls-sentence">{escape(line.sentence)} {detail}</span>{pill}{bar(line.fraction) if line.moving else ""}</div>'
    )


def bar(fraction: float | None, label: str = "") -> str:
    """How far something is; None: it moves, and nobody knows."""
    name = f' aria-label="{escape(label)}"' if label else ""
    if fraction is None:
        return f'<span class="ls-bar unknown" role="progressbar"{name}><span></span></span>'
    percent = min(100.0, max(0.0, 100 * fraction))
    return (
        f'<span class="ls-bar" role="progressbar"{name} aria-valuenow="{percent:.0f}" aria-valuemin="0" aria-valuemax="100">'
        f'<span style="width:{percent:.1f}%"></span></span>'
    )


def alert(message: str) -> str:
    """A problem the person can put right; an empty message shows nothing."""
    return f'<div class="ls-alert" role="alert">{escape(message)}</div>' if message else ""


def notice(message: str) -> str:
    """Something to know that is no failure."""
    return f'<div class="ls-notice" role="status">{escape(message)}</div>' if message else ""


def hint(sentence: str) -> str:
    return f'<p class="ls-hint">{escape(sentence)}</p>'


def counter(number: int, repeats: int) -> str:
    return f'<p class="ls-counter">{escape(ui_text.sentences(number, repeats))}</p>'


def findings(report: ExamplesReport) -> str:
    """What the checks found in the examples, worst first."""
    lines: Iterable[str] = (
        f'<li class="{escape(found.severity)}">{escape(found.message)}</li>'
        for found in sorted(report.findings, key=lambda f: f.severity != "error")
    )
    items = "".join(lines)
    return f'<ul class="ls-findings">{items}</ul>' if items else ""


def strength_word(value: float) -> str:
    return f'<p class="ls-strength" aria-live="polite"><b>{value:g}</b> {escape(ui_text.strength(value))}</p>'


def answer(
    role: str,
    heading: str,
    text: str,
    *,
    tokens: int | None = None,
    streaming: bool = False,
    empty: str = "",
    speed: float | None = None,
    marked: str | None = None,
) -> str:
    """One answer. ``role`` is ``plain``, ``steered`` or ``told``; with no text yet, ``empty`` says what will be here.

    Args:
        speed: tokens per second.
        marked: the text as HTML with words marked in it, to be shown in its place.
    """
    waiting = '<span class="ls-caret" aria-hidden="true"></span>' if streaming else ""
    body = marked or escape(text)
    body = body if text else ("" if streaming else f'<span class="ls-empty">{escape(empty)}</span>')
    foot = ui_text.tokens(tokens) if tokens is not None else ""
    foot += f" · {ui_text.per_second(speed)}" if speed else ""
    copy = (
        f'<button type="button" class="ls-copy" data-copy data-copied="{ui_text.COPIED}" '
        f'aria-label="{ui_text.COPY}: {escape(heading)}">{ui_text.COPY}</button>'
        if text and not streaming
        else ""
    )
    return (
        f'<section class="ls-answer {role}" role="region" aria-label="{escape(heading)}" aria-live="polite" '
        f'aria-busy="{str(streaming).lower()}" tabindex="0"><header><h3>{escape(heading)}</h3>{copy}</header>'
        f'<div class="ls-text" dir="auto">{body}{waiting}</div><footer>{foot}</footer></section>'
    )


def frame(
    heading: str, word: str, answers: Iterable[str], *, strength: float, badge: str = "", ready: bool = False
) -> str:
    """One strength of the filmstrip; the button appears when its answers are ``ready``."""
    mark = f'<span class="ls-badge">{escape(badge)}</span>' if badge else ""
    use = (
        f'<button type="button" class="ls-copy ls-use" data-use="{strength:g}" '
        f'aria-label="{ui_text.USE_IN_COMPARE}: {ui_text.STRENGTH} {strength:g}">{ui_text.USE_IN_COMPARE}</button>'
        if ready
        else ""
    )
    return (
        f'<li class="ls-frame{" best" if badge else ""}" style="--at:{min(strength, 1.5) / 1.5:.2f}" '
        f'aria-label="{ui_text.STRENGTH} {strength:g}"><header><h3>{escape(heading)}</h3>{mark}<p>{escape(word)}</p></header>'
        f"{''.join(answers)}<footer>{use}</footer></li>"
    )


def said(question: str, text: str, tokens: int, *, strength: float, streaming: bool) -> str:
    """One answer in a frame of the filmstrip, under its question where there are several."""
    name = f"{ui_text.COPY}: {ui_text.STRENGTH} {strength:g} {question}".rstrip()
    asked = f"<h4>{escape(question)}</h4>" if question else ""
    caret = '<span class="ls-caret" aria-hidden="true"></span>' if streaming else ""
    copy = (
        f'<button type="button" class="ls-copy" data-copy data-copied="{ui_text.COPIED}" '
        f'aria-label="{escape(name)}">{ui_text.COPY}</button>'
        if text and not streaming
        else ""
    )
    empty = "" if text or streaming else f'<span class="ls-empty">{ui_text.NOTHING_SAID}</span>'
    return (
        f'<section class="ls-answer ls-said" aria-busy="{str(streaming).lower()}">{asked}'
        f'<div class="ls-text" dir="auto">{escape(text)}{empty}{caret}</div>'
        f'<div class="ls-foot"><span>{ui_text.tokens(tokens) if tokens else ""}</span>{copy}</div></section>'
    )


def empty(sentence: str) -> str:
    """What will be here."""
    return f'<div class="ls-nothing">{escape(sentence)}</div>'


def slot(number: int) -> str:
    """The place of a concept in the order of a mix."""
    return f'<span class="ls-number" aria-hidden="true">{number}</span>'


def overlap_map(rows: Sequence[tuple[str, Overlap]]) -> str:
    """A heat map: for each pair its name, how the two get along, and the cosines layer by layer."""
    lines = "".join(
        f'<div class="pair"><b>{escape(name)}</b><span class="ls-kind {found.relation}" title="{found.whole:+.2f}">'
        f'{ui_text.MIX_RELATIONS[found.relation]}</span><span class="cells">'
        + "".join(_cell(place, cosine) for place, cosine in enumerate(found.sites.values(), 1))
        + "</span></div>"
        for name, found in rows
    )
    label = "; ".join(f"{name}: {ui_text.MIX_RELATIONS[found.relation]}, {found.whole:+.2f}" for name, found in rows)
    low, high = ui_text.MIX_SCALE
    ends = "".join(f"<span>{end}</span>" for end in ui_text.MIX_ENDS)
    scale = "".join(_cell(0, at / 4) for at in range(-4, 5))
    return (
        f'<div class="ls-overlap"><div role="img" aria-label="{escape(label)}">{lines}</div>'
        f'<p class="ends" aria-hidden="true"><span>{ends}</span></p><p class="scale" aria-hidden="true">'
        f'<span>{low}</span><span class="cells">{scale}</span><span>{high}</span></p></div>'
    )


def _cell(place: int, cosine: float) -> str:
    # small cosines are the rule, so the colour is full at a half already
    side, share = ("against" if cosine < 0 else "with"), min(1.0, 2 * abs(cosine))
    title = f' title="{ui_text.mix_cell(place, cosine)}"' if place else ""
    return f'<i class="{side}" style="--c:{share:.0%}"{title}></i>'


def verdict(sentence: str) -> str:
    """A finding in words, large enough to be read from afar."""
    return f'<p class="ls-conclusion">{escape(sentence)}</p>'


def good(message: str) -> str:
    """Something that went well; an empty message shows nothing."""
    return f'<div class="ls-notice good" role="status">{escape(message)}</div>' if message else ""


def code(text: str) -> str:
    """Lines for a terminal or an editor, with a button that copies them."""
    return (
        f'<div class="ls-answer ls-code"><header><button type="button" class="ls-copy" data-copy '
        f'data-copied="{ui_text.COPIED}">{ui_text.CODE_COPY}</button></header>'
        f'<pre class="ls-text" dir="ltr" tabindex="0">{escape(text)}</pre></div>'
    )
