"""The answers of Compare as HTML: panels, and marks on the words in which they differ."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from html import escape

from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.pages.compare.record import Question, TimedAnswer

EMPTY = {"plain": ui_text.ORIGINAL_EMPTY, "steered": ui_text.STEERED_EMPTY, "told": ui_text.INSTRUCTED_EMPTY}
"""What an empty panel says, by role. The role "told" is the instructed answer, as the styles and element ids call it."""


def headings(question: Question, concept: str) -> dict[str, str]:
    """Headings of the panels in use, by role, in the order of the answers. ``concept`` is a name, empty for none."""
    heading = ui_text.WITH_CONCEPT[question.mode].format(name=concept, strength=question.strength)
    steered = {"steered": heading} if concept else {}
    instructed = {"told": ui_text.INSTRUCTED} if question.instructed else {}
    return {"plain": ui_text.ORIGINAL, **steered, **instructed}


def panels(
    headings: Mapping[str, str], answers: Sequence[TimedAnswer], done: Sequence[bool], streaming: bool, changed: bool
) -> list[str]:
    """One panel for each heading.

    Args:
        answers: fewer than headings before the first token, and after an error or a stop before it.
        done: for each answer, whether it is complete.
        changed: mark the words that differ, once all answers are complete.
    """
    texts = [answer.text for answer in answers]
    marked = mark(texts) if changed and not streaming and len(texts) > 1 else [None] * len(texts)
    pieces = []
    for i, (role, heading) in enumerate(headings.items()):
        answer = answers[i] if i < len(answers) else None
        growing = streaming and not (answer and done[i])
        speed = answer.speed if answer and not streaming else None
        mark_up = marked[i] if answer else None
        pieces.append(html.answer(role, heading, EMPTY[role], answer, streaming=growing, speed=speed, marked=mark_up))
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
    return f'<p class="ls-strength" aria-live="polite"><b>{value:g}</b> {escape(word)}</p>'


# ---- what changed


def difference(texts: Sequence[str]) -> str:
    """How many words of the steered answer are new, in a sentence; if none are, how many of the original are left out."""
    if len(texts) < 2:
        return ""
    in_steered, in_original = _matched(texts[0], texts[1])
    return ui_text.changed(in_original.count(False), len(in_original), in_steered.count(False))


def mark(texts: Sequence[str]) -> list[str | None]:
    """Each text as HTML with marks on words that it does not share: the first text with the second, the others with the first."""
    if not all(texts[:2]):
        return [None] * len(texts)
    matched = [_matched(texts[0], other) for other in texts[1:]]
    shared = [matched[0][0], *(in_first for _, in_first in matched)]
    return [_html(text, known) for text, known in zip(texts, shared, strict=True)]


def _matched(a: str, b: str) -> tuple[list[bool], list[bool]]:
    """Flags for the words of ``a`` that ``b`` has in the same order, and for those of ``b`` that ``a`` has."""
    keys_a, keys_b = ([_key(word) for word in re.findall(r"\S+", text)] for text in (a, b))
    shared_a, shared_b = [False] * len(keys_a), [False] * len(keys_b)
    for at_a, at_b, size in SequenceMatcher(None, keys_a, keys_b, autojunk=False).get_matching_blocks():
        shared_a[at_a : at_a + size] = [True] * size
        shared_b[at_b : at_b + size] = [True] * size
    return shared_a, shared_b


def _key(word: str) -> str:
    """The word without the capitals and punctuation that do not count as a change."""
    return re.sub(r"^\W+|\W+$", "", word).casefold() or word


def _html(text: str, shared: Sequence[bool]) -> str:
    pieces: list[str] = []
    known = iter(shared)
    run: list[str] = []  # new words in a row share one mark
    for piece in re.findall(r"\S+|\s+", text):
        if "\n" in piece:  # a mark over an empty line would look like a mistake
            pieces += [*_closed(run), piece]
            run = []
        elif piece.isspace():
            (run if run else pieces).append(escape(piece))
        elif next(known):
            pieces += [*_closed(run), escape(piece)]
            run = []
        else:
            run.append(escape(piece))
    return "".join([*pieces, *_closed(run)])


def _closed(run: list[str]) -> list[str]:
    """New words in one mark, with the white space behind them outside."""
    if not run:
        return []
    space = run.pop() if run[-1].isspace() else ""
    return [f"<mark>{''.join(run)}</mark>{space}"]
