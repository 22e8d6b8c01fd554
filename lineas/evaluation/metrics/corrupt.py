"""Sentences spoiled on purpose: what a judge must not take for the style, though all words of the style are there."""

from collections.abc import Sequence
from random import Random

from lineas.evaluation.metrics.changed_words import changed_words
from lineas.evaluation.metrics.text_statistics import words_of

HEAP_WORDS = 8
"""Words in a heap of words."""
STREWN_WORDS = (2, 3, 4)
"""How many words are strewn into a neutral sentence."""
STYLE_WORDS = 20
"""Number of words that count as typical of the target."""


def shuffled(text: str, random: Random) -> str:
    """The text with its words in another order."""
    words = text.split()
    random.shuffle(words)
    return " ".join(words)


def heap(words: Sequence[str], random: Random) -> str:
    """A few of the words, drawn at random."""
    return " ".join(random.choice(words) for _ in range(HEAP_WORDS))


def strewn(text: str, words: Sequence[str], count: int, random: Random) -> str:
    """The text with some of the words put in at random places."""
    parts = text.split()
    for word in random.sample(words, min(count, len(words))):
        parts.insert(random.randint(0, len(parts)), word)
    return " ".join(parts)


def style_words(source: Sequence[str], target: Sequence[str]) -> list[str]:
    """The words most typical of the target; all of its words if none stands out."""
    found = [changed.word for changed in changed_words(source, target, limit=2 * STYLE_WORDS) if changed.z > 0]
    return found[:STYLE_WORDS] or sorted({word for text in target for word in words_of(text)})


def spoiled(source: Sequence[str], target: Sequence[str], neutral: Sequence[str], *, seed: int = 0) -> list[str]:
    """Shuffled sentences of both sides, heaps of target words, and sentences with words strewn in; always the same for a seed."""
    random = Random(seed)
    own = [*source, *target]
    all_words = [word for text in own for word in words_of(text)] or own
    target_words = [word for text in target for word in words_of(text)] or list(target)
    typical = style_words(source, target) or all_words
    return [
        *(shuffled(text, random) for text in own for _ in range(2)),
        *(heap(target_words, random) for _ in target),
        *(
            strewn(text, typical if i % 2 else all_words, random.choice(STREWN_WORDS), random)
            for i, text in enumerate((*neutral, *source, *source))
        ),
    ]
