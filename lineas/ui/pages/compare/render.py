"""The answers of Compare as HTML: panels with the conversation in them, and tints on the words that the concept brought."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.pages.compare.record import Exchange, Question

FAINTEST, STRONGEST = 0.35, 4.0
"""Log-ratios, in nats, from which on a word is tinted, and at which its tint is strongest: 1.4 and 55 times likelier."""


def empty_texts() -> dict[str, str]:
    """What an empty panel says, by role. The role "told" is the instructed answer, as the styles and element ids call it."""
    return {"plain": ui_text.ORIGINAL_EMPTY, "steered": ui_text.STEERED_EMPTY, "told": ui_text.INSTRUCTED_EMPTY}


def empty_panels() -> dict[str, str]:
    """An empty panel for each role."""
    headings = {"plain": ui_text.ORIGINAL, "steered": ui_text.STEERED, "told": ui_text.INSTRUCTED}
    return {role: html.answer(role, headings[role], empty) for role, empty in empty_texts().items()}


def headings(question: Question, concept: str) -> dict[str, str]:
    """Headings of the panels in use, by role, in the order of the answers. ``concept`` is a name, empty for none."""
    heading = ui_text.with_concept(question.mode, concept, question.strength)
    steered = {"steered": heading} if concept else {}
    instructed = {"told": ui_text.INSTRUCTED} if question.instructed else {}
    return {"plain": ui_text.ORIGINAL, **steered, **instructed}


def panels(
    exchange: Exchange, done: Sequence[bool], streaming: bool, tints: bool, before: Mapping[str, str], key: str = ""
) -> dict[str, str]:
    """One panel for each role in use.

    Args:
        done: for each answer, whether it is complete.
        tints: tint the words, once all answers are complete.
        before: for each role, HTML of the conversation before its answer.
        key: names the question for the page's script (``ahead``), in the steered panel.
    """
    pieces = {}
    for i, (role, heading) in enumerate(headings(exchange.question, exchange.concept).items()):
        answer = exchange.answers[i] if i < len(exchange.answers) else None
        growing = streaming and not (answer and done[i])
        pieces[role] = html.answer(
            role,
            heading,
            empty_texts()[role],
            answer,
            streaming=growing,
            speed=answer.speed if answer and not streaming else None,
            marked=tinted(exchange.tints[i]) if tints and not streaming and i < len(exchange.tints) else None,
            before=before.get(role, ""),
            key=key if role == "steered" else "",
            stopped=answer is not None and not growing and answer.ending in ("", "length"),
        )
    return pieces


def code(text: str) -> str:
    """Lines for a terminal or an editor, with a button that copies them."""
    button = html.copy_button(ui_text.CODE_COPY, ui_text.CODE_COPY)
    return (
        f'<div class="ls-answer ls-code"><header>{button}</header>'
        f'<pre class="ls-text" dir="ltr" tabindex="0">{escape(text)}</pre></div>'
    )


def strength_word(value: float, mode: str = "show") -> str:
    word = ui_text.STRENGTH_UNUSED if mode == "say" else ui_text.strength(value)
    return f'<p class="ls-strength" aria-live="polite"><b>{ui_text.number(value)}</b> {escape(word)}</p>'


# ---- which words


def tinted(pieces: Sequence[tuple[str, float]]) -> str:
    """A text as HTML, each piece tinted by how much likelier the concept makes it."""
    return "".join(_tinted(text, ratio) for text, ratio in pieces)


def _tinted(text: str, ratio: float) -> str:
    if abs(ratio) < FAINTEST or not text.strip():
        return escape(text)
    space = text[: len(text) - len(text.lstrip())]  # a token begins with its space, which has no tint
    kind, depth = "more" if ratio > 0 else "less", min(1.0, abs(ratio) / STRONGEST)
    style = f'class="{kind}" style="--tint:{100 * depth:.0f}%" title="{ui_text.likelier(ratio)}"'
    return f"{escape(space)}<mark {style}>{escape(text[len(space) :])}</mark>"


def legend() -> str:
    marks = "".join(
        f'<mark class="{kind}" style="--tint:{tint}%"></mark>'
        for kind, tint in (("less", 100), ("less", 40), ("more", 0), ("more", 40), ("more", 100))
    )
    return f'<p class="ls-tints"><span>{ui_text.LESS_LIKELY}</span>{marks}<span>{ui_text.MORE_LIKELY}</span></p>'


def card(exchange: Exchange) -> dict[str, Any]:
    """What a picture of a comparison shows (assets/card.js draws it)."""
    panels = []
    for number, answer in enumerate(exchange.answers):
        tints = exchange.tints[number] if number < len(exchange.tints) else ((answer.text, 0.0),)
        depths = [(text, max(-1.0, min(1.0, ratio / STRONGEST))) for text, ratio in tints]
        panels.append({"heading": answer.heading, "role": answer.role, "pieces": depths})
    words = {"less": ui_text.LESS_LIKELY, "more": ui_text.MORE_LIKELY}
    foot = ui_text.CARD_FOOT.format(model=ui_text.model(exchange.model))
    return {
        "question": exchange.question.prompt,
        "panels": panels,
        "foot": foot,
        "legend": words if exchange.tints else None,
    }


# ---- a conversation


def earlier(turns: Sequence[Exchange], role: str, question: str, editing: int | None) -> str:
    """What one side was asked and said before, and the question that it is asked now."""
    pieces = []
    for number, turn in enumerate(turns):
        pieces.append(_asked(turn.question.prompt, number, editing))
        said = "".join(answer.text for answer in turn.answers if answer.role == role)
        pieces.append(f'<div class="ls-turn" dir="auto">{escape(said or "–")}</div>')
    return "".join([*pieces, _asked(question, len(turns), editing)])


def _asked(question: str, number: int, editing: int | None) -> str:
    pressed = str(number == editing).lower()
    button = (
        f'<button type="button" class="ls-copy" data-edit="{number}" aria-pressed="{pressed}" '
        f'aria-label="{ui_text.EDIT}: {escape(question)}">{ui_text.EDIT}</button>'
    )
    return f'<div class="ls-asked"><span dir="auto">{escape(question)}</span>{button}</div>'
