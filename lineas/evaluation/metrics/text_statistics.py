"""Counting words: whether generated text is still varied, and how long it is. Pure functions of strings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class TextStatistics:
    """Of several texts together.

    Attributes:
        distinct_1, distinct_2: different words and word pairs over all of them, 0 to 1 (Li et al., arXiv 1510.03055). They
            fall with the amount of text: compare only texts of about the same number and length.
        repetition: share of the word triples of a text that it has said before, mean over the texts; 0 where nothing is.
        words: mean number of words of a text.
        empty: share of texts without a word.
    """

    distinct_1: float
    distinct_2: float
    repetition: float
    words: float
    empty: float


def words_of(text: str) -> list[str]:
    """The words in lower case, without punctuation; "don't" and "well-known" are one word each."""
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
    """Different n-grams over all n-grams of all texts, none across two texts; 0 where there is none."""
    grams = [gram for words in split for gram in _grams(words, n)]
    return len(set(grams)) / len(grams) if grams else 0.0


def repetition(words: Sequence[str], n: int = 3) -> float:
    """Share of a text's n-grams that occurred in it before; 0 for a text of fewer than n words."""
    grams = _grams(words, n)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))
