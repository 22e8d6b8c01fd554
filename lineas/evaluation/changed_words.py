"""Which words a concept brings and which it drives away: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 2008), eq. 15 to 22. The prior is what both sides and a
background say together, so that a word which is frequent everywhere, or which occurred twice by chance, does not stand out.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lineas.evaluation.text_statistics import words_of

PRIOR_WORDS = 100.0
"""Weight of the prior in words: α₀."""
NOTICEABLE = 1.5
"""|z| from which on a word is worth showing."""


@dataclass(frozen=True)
class ChangedWord:
    """A word with its z-score (above 0: it became more frequent) and its number of occurrences before and after."""

    word: str
    z: float
    before: int
    after: int


def changed_words(
    before: Sequence[str], after: Sequence[str], background: Sequence[str] = (), *, most: int = 12
) -> list[ChangedWord]:
    """The words whose share changed most between two collections of texts, most changed first.

    Args:
        background: texts that tell how frequent words are elsewhere.
        most: how many words at most; only those with |z| ≥ ``NOTICEABLE``.
    """
    first, second = _count(before), _count(after)
    common = first + second + _count(background)
    total = sum(common.values())
    scores = [
        ChangedWord(word, _z(second, first, word, PRIOR_WORDS * common[word] / total), first[word], second[word])
        for word in first | second
    ]
    noticed = [score for score in scores if abs(score.z) >= NOTICEABLE]
    return sorted(noticed, key=lambda score: (-abs(score.z), score.word))[:most]


def _z(one: Counter[str], other: Counter[str], word: str, prior: float) -> float:
    y1, y2 = one[word] + prior, other[word] + prior
    rest1, rest2 = (side.total() + PRIOR_WORDS - y for side, y in ((one, y1), (other, y2)))
    # a collection of one word only has no rest: that word is certain in it
    odds = math.log(y1 / max(rest1, 1e-9)) - math.log(y2 / max(rest2, 1e-9))
    return odds / math.sqrt(1 / y1 + 1 / y2)


def _count(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text))
