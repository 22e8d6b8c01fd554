"""Answers to the same prompts at rising strengths, measured: how much they sound like the concept, how well they read.

Cheap enough for a page: every answer passes once through the plain model (about 600 tokens a second on two cores).
"""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from lineas.evaluation.metrics.cost import sentence_losses, token_mean
from lineas.evaluation.metrics.effect import Score, text_scores
from lineas.evaluation.metrics.text_statistics import text_statistics, words_of
from lineas.evaluation.verdict import UNREADABLE
from lineas.models.loaded import LoadedModel
from lineas.training.batching import tokenize
from lineas.training.events import Reading

MAX_TOKENS = 128
FLUENT = 0.7
"""Fluency below which a reader stumbles: about two nats a token above the plain answers, or a third of it said twice."""
WORTHWHILE = 0.05
"""So much more effect must a higher strength bring, or the lower one is the better."""


@dataclass(frozen=True)
class StrengthPoint:
    """The answers at one strength.

    Attributes:
        effect: 0 to 1; the judge's mean, or without a judge the share of words that are not in the plain answer.
        fluency: 0 to 1; 1 reads as easily as the plain answers, 0 like words in no order or the same words for ever.
    """

    strength: float
    effect: float
    fluency: float


@dataclass(frozen=True)
class StrengthReport:
    """Attributes: judged: whether ``effect`` is a judge's opinion."""

    points: tuple[StrengthPoint, ...]
    judged: bool

    @property
    def best(self) -> float | None:
        """The strength above 0 with the most effect among those that still read well; None where none does."""
        fluent = [p for p in self.points if p.strength > 0 and p.fluency >= FLUENT]
        most = max((p.effect for p in fluent), default=0.0)
        return next((p.strength for p in fluent if p.effect >= most - WORTHWHILE), None)


def measure(
    model: LoadedModel, strengths: Sequence[float], texts: Sequence[Sequence[str]], score: Score | None = None
) -> Generator[Reading, None, StrengthReport]:
    """Reads what was said, a few texts between two events.

    Args:
        strengths: in rising order, the first 0: the plain model's answers are what the others are set beside.
        texts: [strength][prompt].
        score: of the concept, a number from 0 to 1 for each text.
    """
    losses = []
    for row in texts:
        rows = tokenize(model, [text for text in row if words_of(text)], MAX_TOKENS)
        losses.append(token_mean((yield from sentence_losses(model, rows)), rows) if rows else UNREADABLE)
    repetitions = [text_statistics(row).repetition for row in texts]
    points = [
        StrengthPoint(
            strength,
            _mean(text_scores(score, row)) if score else _mean([*map(difference, texts[0], row)]),
            fluency(loss, losses[0], repeated - repetitions[0]),
        )
        for strength, row, loss, repeated in zip(strengths, texts, losses, repetitions, strict=True)
    ]
    return StrengthReport(tuple(points), score is not None)


def fluency(loss: float, plain_loss: float, more_repetition: float) -> float:
    """How well a text reads, 0 to 1, from its next-token loss under the plain model and what it repeats beyond the plain text.

    A text that goes round in circles has a very low loss: therefore the second factor.
    """
    room = max(UNREADABLE - plain_loss, 0.1)
    easy = 1 - (loss - plain_loss) / room
    return min(1.0, max(0.0, easy)) * (1 - min(1.0, max(0.0, more_repetition)))


def difference(plain: str, other: str) -> float:
    """Share of the words of two texts that they do not have in common, 0 to 1."""
    a, b = Counter(words_of(plain)), Counter(words_of(other))
    total = a.total() + b.total()
    return 1 - 2 * (a & b).total() / total if total else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
