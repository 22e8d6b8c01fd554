"""Which words a concept brings and which it drives away: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 2008), eq. 15 to 22. The prior is what all texts and examples say
together, so that a word which is frequent everywhere, or which occurred twice by chance, does not stand out. A few answers hold
each telling word only a few times; so a word in which the two sides of the examples differ, too, needs less evidence and comes
first. What only holds sentences together comes last: that a concept brings more of "the" tells less than that it brings "sea".
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lineas.evaluation.metrics.text_statistics import words_of

PRIOR_WORDS = 100.0
"""Weight of the prior in words: α₀."""
NOTICEABLE = 1.5
"""|z| from which on a word is worth showing."""
EXPECTED, DIFFERENT = 0.75, 1.0
"""The same for a word in which the examples differ the same way, by at least the second |z|."""
GLUE = frozenset(
    "a an and are as at be been but by for from had has have if in into is it its it's of on or so than that that's the then there "
    "these they this those to was were which with".split()
)
"""English function words without the personal pronouns, which are a style's own: a polite model says "you"."""


@dataclass(frozen=True)
class ChangedWord:
    """A word with its z-score (above 0: it became more frequent) and its number of occurrences before and after."""

    word: str
    z: float
    before: int
    after: int


def changed_words(
    before: Sequence[str],
    after: Sequence[str],
    source: Sequence[str] = (),
    target: Sequence[str] = (),
    *,
    most: int = 16,
) -> list[ChangedWord]:
    """The words whose share changed most between two collections of texts, the most telling first and ``GLUE`` last.

    Args:
        source, target: the examples that taught the change.
        most: how many words at most.
    """
    first, second, plain, wanted = map(_count, (before, after, source, target))
    common = first + second + plain + wanted
    total = sum(common.values())
    found = []
    for word in first | second:
        prior = PRIOR_WORDS * common[word] / total
        z, taught = _z(second, first, word, prior), _z(wanted, plain, word, prior)
        expected = z * taught > 0 and abs(taught) >= DIFFERENT
        if abs(z) >= (EXPECTED if expected else NOTICEABLE):
            # the sum of two independent z-scores, which say the same or do not
            found.append((word in GLUE, -abs(z + taught), ChangedWord(word, z, first[word], second[word])))
    return [score for *_, score in sorted(found, key=lambda item: (*item[:2], item[2].word))][:most]


def _z(one: Counter[str], other: Counter[str], word: str, prior: float) -> float:
    y1, y2 = one[word] + prior, other[word] + prior
    rest1, rest2 = (side.total() + PRIOR_WORDS - y for side, y in ((one, y1), (other, y2)))
    # a collection of one word only has no rest: that word is certain in it
    odds = math.log(y1 / max(rest1, 1e-9)) - math.log(y2 / max(rest2, 1e-9))
    return odds / math.sqrt(1 / y1 + 1 / y2)


def _count(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text))
