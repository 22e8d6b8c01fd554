"""Parsing pasted text into sentences, one example per line.

People paste from chat windows, word processors, spreadsheets and source code, so bullets, numbers, quotation marks and invisible
characters are removed. Cleaning is idempotent: a cleaned sentence stays as it is.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lineas.errors import LineasError

MAX_CHARACTERS = 2_000_000
"""Maximum number of characters on one side, in pasted text or in the sentences of a file."""
MAX_SENTENCES = 5_000
MAX_LINES = MAX_CHARACTERS
"""Most lines or rows that are looked at; each costs time, also where it is blank or a repeat."""
TOO_MANY_LINES = (
    "{what} has more than {most:,} lines or rows. Keep the sentences that show the style best; 32 a side are enough."
)
"""Maximum number of different sentences on one side; 32 are plenty for most concepts."""

# Control characters that are no white space, zero-width space, byte-order mark, soft hyphen, direction marks and overrides,
# invisible operators, half surrogates. The joiners U+200C and U+200D stay: emoji and several scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
# A dash needs a space after it ("-5 degrees today"), and so does a number ("3.14 is pi"). Numbers have at most three
# digits ("1984. What a year!"), and two numbers in a row are a countdown ("3. 2. 1. Go!"), not numbering.
_NUMBER = r"(?:\([0-9]{1,3}\)|[0-9]{1,3}(?:[.)]|\.\)))\s"
# Bullets of word processors are letters of the fonts Symbol and Wingdings, which paste as U+F000 to U+F0FF.
_BULLETS = "•◦‣▪▫●○■□◆❖►▸➢➤∙⁃·\uf000-\uf0ff"
_MARKERS = re.compile(rf"(?:[-*–]\s|[{_BULLETS}]\s?|{_NUMBER}(?!{_NUMBER}))+(?=\S)")
# Word's round bullet is pasted as the letter "o" and a tab.
_TABBED_BULLET = re.compile(rf"\A\s*(?:(?:[-*–o§{_BULLETS}]|[0-9]{{1,3}}[.)])\t\s*)+")
_QUOTES = {
    '"': '"', "'": "'", "“": "”", "‘": "’", "„": "“”", "”": "”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』",
}  # fmt: skip
"""Closing marks by opening mark."""
_ELISION = re.compile(
    r"['‘’](?:[0-9]|(?:tis|twas|twere|twill|twould|em|cause|til|till|bout|round|neath|n|nuff)\b)", re.I
)
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_RULE_CHARACTERS = frozenset("-*_=~#`•–—·[]{}(),;\"'“”‘’")


@dataclass(frozen=True)
class Parsed:
    """The different sentences of a text, in order, and how many lines were left out as repeats or as blank."""

    sentences: list[str]
    repeats: int
    blank: int


def parse_text(text: str) -> list[str]:
    """Parse the different sentences of a pasted text, as ``parse`` does."""
    return parse(text).sentences


def parse(text: str, *, what: str = "The pasted text") -> Parsed:
    """Parse a pasted text, one sentence per line; nothing is cut off silently.

    Sentences that are equal after cleaning are repeats. Capitals count: HELLO and Hello both stay, since loudness may be the very
    thing to teach.

    Args:
        what: what error messages call the text.

    Raises:
        LineasError: above ``MAX_SENTENCES`` or ``MAX_CHARACTERS``.
    """
    if len(text) > MAX_CHARACTERS:
        raise LineasError(
            f"{what} has {len(text):,} characters; at most {MAX_CHARACTERS:,} a side can be used. "
            f"32 sentences a side are enough for most concepts: keep the ones that show the style best."
        )
    return collect(text.splitlines(), what=what)


def collect(lines: Iterable[str], *, what: str, limit: int | None = None) -> Parsed:
    """Clean every line, and leave out blanks and repeats; stop once ``limit`` different sentences are found.

    Raises:
        LineasError: above ``MAX_SENTENCES``, ``MAX_CHARACTERS`` or ``MAX_LINES``.
    """
    cleaned: dict[str, str] = {}
    kept: dict[str, None] = {}
    repeats = blank = characters = 0
    for number, line in enumerate(lines):
        if number == MAX_LINES:
            raise LineasError(TOO_MANY_LINES.format(what=what, most=MAX_LINES))
        sentence = cleaned.get(line)
        if sentence is None:
            sentence = cleaned[line] = clean(line)
        if not sentence:
            blank += 1
        elif sentence in kept:
            repeats += 1
        else:
            kept[sentence] = None
            characters += len(sentence)
            if len(kept) == limit:
                break
            if len(kept) > MAX_SENTENCES or characters > MAX_CHARACTERS:
                raise LineasError(
                    f"{what} holds too much: at most {MAX_SENTENCES:,} different sentences and {MAX_CHARACTERS:,} characters "
                    f"a side can be used. 32 sentences a side are enough for most concepts: keep the ones that show the style best."
                )
    return Parsed(list(kept), repeats, blank)


def clean(line: str) -> str:
    """Clean a line: visible characters (composed, NFC), single spaces, no bullet, number or surrounding quotation marks.

    Returns "" if nothing is left, or only brackets, dashes and the like.
    """
    line = _fold(unbulleted(line))
    while (shorter := _unquote(_MARKERS.sub("", line, count=1) if _MARKERS.match(line) else line)) != line:
        line = shorter
    return "" if _RULE_CHARACTERS.issuperset(line.replace(" ", "")) else line


def unbulleted(line: str) -> str:
    """Remove a bullet or number that a tab divides from the line."""
    return _TABBED_BULLET.sub("", _INVISIBLE.sub("", line), count=1) if "\t" in line else line


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


def _unquote(line: str) -> str:
    """Remove quotation marks around the whole line, and the comma after them in a line of a JSON or Python list."""
    body = line.removesuffix(",").rstrip()
    if len(body) < 3 or body[-1] not in _QUOTES.get(body[0], ""):
        return line
    inner = body[1:-1]
    if body[0] == '"':
        try:
            return _fold(json.loads(body))
        except ValueError:  # not written by a JSON encoder: judge it as ordinary quotation marks
            pass
    elif body[0] in "'‘":
        if _ELISION.match(body):
            return line
        inner = _APOSTROPHE.sub("", inner)
    # "Hi," she said, "come in." is quoted at both ends but not as a whole.
    if any(mark in inner for mark in body[0] + _QUOTES[body[0]]):
        return line
    return body[1:-1].strip()
