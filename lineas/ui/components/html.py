"""Small pieces of HTML. Text that a person or a model wrote is escaped where it enters a piece.

The pieces go into ``gr.HTML`` as plain values (its default template), never into a template of our own: ``{{value}}`` in a
Gradio template evaluates ``${…}`` in the text as JavaScript.
"""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from lineas.generation.sentence_end import ends_sentence
from lineas.ui import text as ui_text
from lineas.ui.view_state import Status

LOGO = (
    '<svg class="ls-logo" viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="15"/>'
    '<path class="plain" d="M12 44H52"/><path class="steered" d="M12 44C30 44 30 20 50 20"/><circle cx="50" cy="20" r="5"/></svg>'
)
CARET = '<span class="ls-caret" aria-hidden="true"></span>'
"""Blinks where the next words will appear."""


def header() -> str:
    return (
        f'<div class="ls-header">{LOGO}<div><h1>{ui_text.APP}</h1><p>{ui_text.TAGLINE}</p></div>'
        f'{_languages()}<button type="button" class="ls-icon-button" data-theme-toggle aria-label="{ui_text.SWITCH_THEME}" '
        f'title="{ui_text.SWITCH_THEME}"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/>'
        '<path d="M12 4a8 8 0 0 1 0 16z"/></svg></button></div>'
    )


def sign_in() -> str:
    """What stands on Gradio's page for signing in, which has no style of ours and no name. It is the same in every language."""
    return f"<style>.wrap.min-h-screen {{ background: none }}</style><b>{ui_text.APP}</b>"


def _languages() -> str:
    """A button for each other language, in its own words."""
    return "".join(
        f'<button type="button" class="ls-language" data-language="{code}" lang="{code}">'
        f"{ui_text.edition(code).LANGUAGE}</button>"
        for code in ui_text.LANGUAGES
        if code != ui_text.language()
    )


def title(heading: str, lead: str) -> str:
    return f'<div class="ls-title"><h2>{heading}</h2><p>{lead}</p></div>'


def card_title(heading: str) -> str:
    return f'<h3 class="ls-card-title">{heading}</h3>'


def label(text: str) -> str:
    return f'<span class="ls-label">{text}</span>'


def status(line: Status, model: str = "") -> str:
    """A status with its progress bar; the banner adds the model's name."""
    pill = f'<span class="ls-pill" title="{escape(model)}">{escape(ui_text.model(model))}</span>' if model else ""
    detail = f'<span class="ls-detail">{escape(line.detail)}</span>' if line.detail else ""
    return (
        f'<div class="ls-status {line.tone}" role="status"><span class="ls-dot"></span>'
        f'<span class="ls-sentence">{escape(line.sentence)} {detail}</span>{pill}{bar(line.fraction) if line.moving else ""}</div>'
    )


def bar(fraction: float | None, label: str = "") -> str:
    """A progress bar; None for progress of unknown length."""
    name = f' aria-label="{escape(label)}"' if label else ""
    if fraction is None:
        return f'<span class="ls-bar unknown" role="progressbar"{name}><span></span></span>'
    percent = min(100.0, max(0.0, 100 * fraction))
    return (
        f'<span class="ls-bar" role="progressbar"{name} aria-valuenow="{percent:.0f}" aria-valuemin="0" aria-valuemax="100">'
        f'<span style="width:{percent:.1f}%"></span></span>'
    )


def alert(message: str) -> str:
    """A problem that the person can put right. Like ``notice`` and ``hint``, nothing for an empty message."""
    return f'<div class="ls-alert" role="alert">{escape(message)}</div>' if message else ""


def notice(message: str, tone: str = "") -> str:
    """Something worth knowing, with the tone "good" for a success."""
    kind = f"ls-notice {tone}".rstrip()
    return f'<div class="{kind}" role="status">{escape(message)}</div>' if message else ""


def hint(sentence: str) -> str:
    return f'<p class="ls-hint">{escape(sentence)}</p>' if sentence else ""


def empty(sentence: str) -> str:
    """A place that has no content yet, and what will appear there."""
    return f'<div class="ls-nothing">{escape(sentence)}</div>'


def verdict(sentence: str) -> str:
    """A finding in large type."""
    return f'<p class="ls-conclusion">{escape(sentence)}</p>'


def sample(text: str) -> str:
    """An answer of a health check, which was cut after some tokens: with "…" where that is not the end of a sentence."""
    text = text.strip()
    return escape(text if not text or ends_sentence(text) else f"{text} …")


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values as a list, without those that have no value."""
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows if value)
    return f'<dl class="ls-facts">{shown}</dl>' if shown else ""


def item_head(name: str, kind: str, kind_class: str = "") -> str:
    """The name of a concept or model, and what kind it is."""
    return (
        f'<div class="ls-about-head"><h3 dir="auto">{escape(name)}</h3>'
        f'<span class="{f"ls-kind {kind_class}".rstrip()}">{kind}</span></div>'
    )


def copy_button(name: str, text: str = "") -> str:
    """A button that copies the ``.ls-text`` beside it; ``name`` is its name for screen readers."""
    return (
        f'<button type="button" class="ls-copy" data-copy data-copied="{ui_text.COPIED}" aria-label="{escape(name)}">'
        f"{text or ui_text.COPY}</button>"
    )


def strength_button(text: str, strength: float, css: str = "ls-copy") -> str:
    """A button that sends a strength to its ``gr.HTML`` (see ``events.SEND_STRENGTH``)."""
    name = f"{text}: {ui_text.STRENGTH} {ui_text.number(strength)}"
    return f'<button type="button" class="{css}" data-use="{strength:g}" aria-label="{name}">{text}</button>'


class Answered(Protocol):
    """Text and length of an answer."""

    @property
    def text(self) -> str: ...

    @property
    def tokens(self) -> int: ...


def answer(
    role: str,
    heading: str,
    empty: str,
    answer: Answered | None = None,
    *,
    streaming: bool = False,
    speed: float | None = None,
    marked: str | None = None,
    before: str = "",
    key: str = "",
    stopped: bool = False,
) -> str:
    """One answer in its panel.

    Args:
        role: "plain", "steered" or "told" (instructed), which the styles know.
        empty: what the panel says while there is no answer.
        speed: tokens per second.
        marked: the text as HTML with marked words, shown instead of the plain text.
        before: HTML of what was said before it.
        key: names the question for the page's script (assets/ahead.js).
        stopped: mark the end of the text as a place where it was cut off.
    """
    text = answer.text if answer else ""
    body = marked or escape(text)
    if not text and not streaming:
        body = f'<span class="ls-empty">{escape(ui_text.NOTHING_SAID if answer else empty)}</span>'
    foot = ui_text.tokens(answer.tokens) if answer else ""
    foot += f" · {ui_text.per_second(speed)}" if speed else ""
    cut = f' cut" data-cut="{ui_text.CUT_OFF}" title="{ui_text.STOPPED}' if stopped and text else ""
    copy = copy_button(f"{ui_text.COPY}: {heading}") if text and not streaming else ""
    ahead = f'data-ahead="{key}" ' if key else ""
    return (
        f'<section class="ls-answer {role}" {ahead}role="region" aria-label="{escape(heading)}" aria-live="polite" '
        f'aria-busy="{str(streaming).lower()}" tabindex="0"><header><h3>{escape(heading)}</h3>{copy}</header>'
        f'{before}<div class="ls-text{cut}" dir="auto">{body}{CARET if streaming else ""}</div><footer>{foot}</footer></section>'
    )
