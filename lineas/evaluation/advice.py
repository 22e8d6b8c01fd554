"""The strength to recommend, from answers to the same prompts at rising strengths: pure functions.

One rule for the health card, Strengths, Compare and the command line. It looks at generated answers only: losses on the sentences
that taught the map would reward a map that has learned these sentences.
"""

import math
from collections import Counter
from dataclasses import dataclass

from lineas.evaluation.findings import StrengthPoint, TextReport
from lineas.evaluation.metrics.text_statistics import words_of

UNREADABLE_LOSS = 7.0
"""Next-token loss of text that is not language, in nats a token, under the plain model: random words have 8 to 9, pirates 4.6."""
MIN_FLUENCY = 0.7
"""Fluency below which text is hard to read: about two nats a token above the plain answers, or a third of it repeated."""
MIN_RELEVANCE = 0.7
"""Share of the plain answers' relevance below which answers visibly forget their questions."""
SPARE_RELEVANCE = 0.05
"""Relevance above the limit that a strength should have to be chosen: the answers that choose it flatter it."""
MAX_ADDED_REPETITION = 0.03
"""Rise of the repetition over the plain answers' above which one notices it."""
MIN_EXTRA_QUALITY = 0.02
"""Extra quality that a higher strength must bring to be preferred to a lower one."""


@dataclass(frozen=True)
class StrengthReport:
    """All strengths, the plain model's first; ``judged`` is True if ``effect`` is a judge's score."""

    points: tuple[StrengthPoint, ...]
    judged: bool

    @property
    def best(self) -> StrengthPoint | None:
        """The point above strength 0 to recommend; None if no answer above 0 can be read.

        Among the strengths that read well, keep to the question with something to spare, and do not repeat themselves it is the
        one with the most quality: effect × relevance × fluency. If none is like that, the best of those with nothing to spare, or
        else of all that can be read.
        """
        readable = [point for point in self.points if point.strength > 0 and point.fluency >= MIN_FLUENCY]
        sound = list(filter(is_sound, readable))
        spare = [point for point in sound if point.relevance >= MIN_RELEVANCE + SPARE_RELEVANCE]
        candidates = spare or sound or readable
        most = max(map(quality, candidates), default=0.0)
        return next((point for point in candidates if quality(point) >= most - MIN_EXTRA_QUALITY), None)


def quality(point: StrengthPoint) -> float:
    """Effect × relevance × fluency, 0 to 1."""
    return point.effect * min(1.0, max(0.0, point.relevance)) * point.fluency


def is_sound(point: StrengthPoint) -> bool:
    """Whether the answers read well, keep to the question and do not repeat themselves."""
    return point.fluency >= MIN_FLUENCY and keeps_to_the_question(point) and not repeats_itself(point)


def keeps_to_the_question(point: StrengthPoint) -> bool:
    return point.relevance >= MIN_RELEVANCE


def repeats_itself(point: StrengthPoint) -> bool:
    return point.added_repetition > MAX_ADDED_REPETITION


def point_of(strength: float, found: TextReport, plain: TextReport) -> StrengthPoint:
    """The measures of the answers at one strength, beside those of the plain model."""
    changed = [difference(before, after) for before, after in zip(plain.texts, found.texts, strict=True)]
    added = found.statistics.repetition - plain.statistics.repetition
    return StrengthPoint(
        strength,
        found.score.mean if found.score else sum(changed) / len(changed),
        0.0 if math.isnan(found.loss) else fluency(found.loss, plain.loss, added) * (1 - found.statistics.empty),
        found.relevance.mean / plain.relevance.mean if plain.relevance.mean > 0 else 1.0,
        added,
    )


def fluency(loss: float, plain_loss: float, added_repetition: float) -> float:
    """How well a text reads, 0 to 1, from its next-token loss under the plain model and its repetition beyond the plain text's.

    Repetition counts separately because text that repeats itself has a very low loss.
    """
    ease = 1 - (loss - plain_loss) / max(UNREADABLE_LOSS - plain_loss, 0.1)
    return min(1.0, max(0.0, ease)) * (1 - min(1.0, max(0.0, added_repetition)))


def difference(plain: str, other: str) -> float:
    """Share of the words of two texts that they do not have in common, 0 to 1."""
    a, b = Counter(words_of(plain)), Counter(words_of(other))
    total = a.total() + b.total()
    return 1 - 2 * (a & b).total() / total if total else 0.0
