"""Word statistics of generated text: its variety, repetition and length. Pure functions of strings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class TextStatistics:
    """Statistics of several texts together.

    Attributes:
        distinct_1, distinct_2: share of distinct words and word pairs among all, 0 to 1 (Li et al., arXiv 1510.03055). They fall
            with the amount of text: compare only similar numbers and lengths of texts.
        repetition: share of a text's word triples that occurred in it before, mean over the texts.
        words: mean number of words in a text.
        empty: share of texts without a word.
    """

    distinct_1: float
    distinct_2: float
    repetition: float
    words: float
    empty: float


def words_of(text: str) -> list[str]:
    """Words in lower case, without punctuation; "don't" and "well-known" are one word each."""
    return _WORD.findall(text.replace("’", "'").lower())


def text_statistics(texts: Sequence[str]) -> TextStatistics:
    """Statistics of one or more texts."""
    split = [words_of(text) for text in texts]
    return TextStatistics(
        distinct(split, 1),
        distinct(split, 2),
        sum(map(repetition, split)) / len(split),
        sum(map(len, split)) / len(split),
        sum(not words for words in split) / len(split),
    )


def distinct(split: Sequence[Sequence[str]], n: int) -> float:
    """Share of distinct n-grams among all n-grams within the texts; 0 if there are none."""
    grams = [gram for words in split for gram in _grams(words, n)]
    return len(set(grams)) / len(grams) if grams else 0.0


def repetition(words: Sequence[str], n: int = 3) -> float:
    """Share of a text's n-grams that occurred in it before; 0 for fewer than n words."""
    grams = _grams(words, n)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))
