"""The answers of Compare as HTML: panels, and the words in which they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from html import escape

from lineas.ui import text as ui_text
from lineas.ui.components import html as parts
from lineas.ui.pages.compare.record import Said

EMPTY = {"plain": ui_text.ORIGINAL_EMPTY, "steered": ui_text.STEERED_EMPTY, "told": ui_text.INSTRUCTED_EMPTY}
"""The resting text of each panel, by its role."""


def panels(
    headings: Mapping[str, str], answers: Sequence[Said], done: Sequence[bool], streaming: bool, changed: bool
) -> list[str]:
    """One piece of HTML for each role and its heading. Before the first token there are no ``answers`` yet, and after an
    error or a Stop there never are: then a panel says what will be in it. With ``changed``, what was said otherwise is marked
    once all is said."""
    texts = [said.text for said in answers]
    marked = mark(texts) if changed and not streaming and len(texts) > 1 else [None] * len(texts)
    pieces = []
    for i, (role, heading) in enumerate(headings.items()):
        if i >= len(answers):
            pieces.append(parts.answer(role, heading, "", streaming=streaming, empty=EMPTY[role]))
            continue
        said = answers[i]
        pieces.append(
            parts.answer(
                role,
                heading,
                said.text,
                tokens=said.tokens,
                streaming=streaming and not done[i],
                empty=ui_text.NOTHING_SAID,
                speed=None if streaming else said.speed,
                marked=marked[i],
            )
        )
    return pieces


def difference(texts: Sequence[str]) -> str:
    """A sentence on how much of the steered answer is not in the original, or else how much of the original not in it."""
    if len(texts) < 2:
        return ""
    kept, there = _matched(texts[0], texts[1])
    return ui_text.changed(there.count(False), len(there), kept.count(False))


def mark(texts: Sequence[str]) -> list[str | None]:
    """Each text as HTML in which the words are marked that it does not share: the first with the second, the others with
    the first."""
    if not all(texts[:2]):
        return [None] * len(texts)
    matched = [_matched(texts[0], other) for other in texts[1:]]
    shared = [matched[0][0], *(there for _, there in matched)]
    return [_html(text, known) for text, known in zip(texts, shared, strict=True)]


def _matched(a: str, b: str) -> tuple[list[bool], list[bool]]:
    """For each word of the one and the other text, whether it has its like in the other."""
    keys_a, keys_b = ([_key(word) for word in _split(text)] for text in (a, b))
    shared_a, shared_b = [False] * len(keys_a), [False] * len(keys_b)
    for at_a, at_b, size in SequenceMatcher(None, keys_a, keys_b, autojunk=False).get_matching_blocks():
        shared_a[at_a : at_a + size] = [True] * size
        shared_b[at_b : at_b + size] = [True] * size
    return shared_a, shared_b


def _split(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def _key(word: str) -> str:
    """Capitals and punctuation make no other word."""
    return re.sub(r"^\W+|\W+$", "", word).casefold() or word


def _html(text: str, shared: Sequence[bool]) -> str:
    pieces: list[str] = []
    known = iter(shared)
    # neighbours share one mark: a sentence that is new reads as one
    run: list[str] = []
    for piece in re.findall(r"\S+|\s+", text):
        if "\n" in piece:  # a mark over an empty line looks like a mistake
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
    """A run of new words in one mark, white space at its end outside."""
    if not run:
        return []
    space = run.pop() if run[-1].isspace() else ""
    return [f"<mark>{''.join(run)}</mark>{space}"]
