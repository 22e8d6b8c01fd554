"""Words that a concept makes more or less frequent: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 2008), Eq. 15 to 22. The prior is the word counts of all texts and
examples together, so that words which are frequent everywhere, or occurred twice by chance, do not stand out. A few answers hold
each typical word only a few times; so a word in which the examples differ too needs less evidence and comes first. Function words
come last: a concept that brings more "sea" says more than one that brings more "the".
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lineas.evaluation.metrics.text_statistics import words_of

PRIOR_WORDS = 100.0
"""Weight of the prior in words: α₀."""
MIN_Z = 1.5
"""Minimum |z| of a word."""
MIN_Z_EXPECTED, MIN_Z_EXAMPLES = 0.75, 1.0
"""Minimum |z| of a word in which the examples differ in the same direction, by at least the second |z|."""
FUNCTION_WORDS = frozenset(
    "a an and are as at be been but by for from had has have if in into is it its it's of on or so than that that's the then there "
    "these they this those to was were which with".split()
)
"""English function words, without the personal pronouns, which can be part of a style: a polite model says "you"."""


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
    limit: int = 16,
) -> list[ChangedWord]:
    """The words whose frequency changed most between two collections of texts, function words last; at most ``limit``.

    Args:
        source, target: the examples that taught the change.
    """
    first, second, plain, wanted = map(_count, (before, after, source, target))
    common = first + second + plain + wanted
    total = sum(common.values())
    found = []
    for word in first | second:
        prior = PRIOR_WORDS * common[word] / total
        z, z_examples = _z(second, first, word, prior), _z(wanted, plain, word, prior)
        expected = z * z_examples > 0 and abs(z_examples) >= MIN_Z_EXAMPLES
        if abs(z) >= (MIN_Z_EXPECTED if expected else MIN_Z):
            # the sum of two independent z-scores is large where they agree
            rank = (word in FUNCTION_WORDS, -abs(z + z_examples), word)
            found.append((rank, ChangedWord(word, z, first[word], second[word])))
    return [changed for _, changed in sorted(found, key=lambda item: item[0])][:limit]


def _z(one: Counter[str], other: Counter[str], word: str, prior: float) -> float:
    """z-score of a word's log-odds in ``one`` against ``other``."""
    y1, y2 = one[word] + prior, other[word] + prior
    rest1, rest2 = (side.total() + PRIOR_WORDS - y for side, y in ((one, y1), (other, y2)))
    # a collection of a single distinct word has no rest: that word is certain
    odds = math.log(y1 / max(rest1, 1e-9)) - math.log(y2 / max(rest2, 1e-9))
    return odds / math.sqrt(1 / y1 + 1 / y2)


def _count(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text))
