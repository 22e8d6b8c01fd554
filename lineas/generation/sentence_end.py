"""Where an answer that has reached its length may end: at a sentence's end rather than in the middle of one."""

import math
import re

LAST_SHARE = 0.2
"""Share of an answer's length, at its end, within which a sentence's end is good enough to stop at."""
TAIL = 12
"""Number of last tokens in which a sentence's end is looked for: more than the longest abbreviation with its brackets."""
_END = re.compile(r"""(?:[.!?…]["'”’»)\]*_]*|[。！？]["'”’»」』）]*)$""")
_NO_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|[A-Z])|(?:^|\n)\s*\d+)\.$")
"""Abbreviations, initials, and the numbers of a list."""


def last_stretch(max_new_tokens: int) -> int:
    """The number of tokens from which on an answer may end with its sentence."""
    return math.ceil((1 - LAST_SHARE) * max_new_tokens)


def ends_sentence(text: str, following: str = " ") -> bool:
    """Whether a sentence ends with ``text``.

    Args:
        following: what comes next: a dot may go on as a number or a web address, a quotation has its marks behind the dot.
    """
    text = text.rstrip()
    if not _END.search(text) or _NO_END.search(text):
        return False
    return text[-1] in "。！？」』）" or following[:1].isspace()
