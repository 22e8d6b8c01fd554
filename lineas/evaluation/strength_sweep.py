"""Effect and fluency of the answers to the same prompts at rising strengths.

Fast enough for a page: every answer passes once through the plain model (about 600 tokens a second on two cores).
"""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from lineas.evaluation.metrics.cost import sentence_losses, token_mean
from lineas.evaluation.metrics.effect import Score, text_scores
from lineas.evaluation.metrics.text_statistics import text_statistics, words_of
from lineas.evaluation.verdict import UNREADABLE_LOSS
from lineas.models.loaded import LoadedModel
from lineas.training.batching import tokenize
from lineas.training.events import Reading

MAX_TOKENS = 128
MIN_FLUENCY = 0.7
"""Fluency below which text is hard to read: about two nats a token above the plain answers, or a third of it repeated."""
MIN_EXTRA_EFFECT = 0.05
"""Extra effect that a higher strength must bring to be preferred to a lower one."""


@dataclass(frozen=True)
class StrengthPoint:
    """Measures of the answers at one strength.

    Attributes:
        effect: 0 to 1; the judge's mean score, or without a judge the share of words that differ from the plain answer.
        fluency: 0 to 1; 1 reads as easily as the plain answers, 0 like words in no order or the same words over and over.
    """

    strength: float
    effect: float
    fluency: float


@dataclass(frozen=True)
class StrengthReport:
    """All strengths; ``judged`` is True if ``effect`` is a judge's score."""

    points: tuple[StrengthPoint, ...]
    judged: bool

    @property
    def best(self) -> float | None:
        """Strength above 0 with the most effect among those that read well; None if none does."""
        fluent = [p for p in self.points if p.strength > 0 and p.fluency >= MIN_FLUENCY]
        most = max((p.effect for p in fluent), default=0.0)
        return next((p.strength for p in fluent if p.effect >= most - MIN_EXTRA_EFFECT), None)


def measure_sweep(
    model: LoadedModel, strengths: Sequence[float], texts: Sequence[Sequence[str]], score: Score | None = None
) -> Generator[Reading, None, StrengthReport]:
    """Measure answers that were written at several strengths; a few texts are read between two events.

    Args:
        strengths: ascending, the first 0: the plain answers, with which the others are compared.
        texts: [strength][prompt].
        score: scores a text from 0 to 1.
    """
    points, losses = [], []
    plain_repetition = text_statistics(texts[0]).repetition
    for strength, row in zip(strengths, texts, strict=True):
        not_empty = [text for text in row if words_of(text)]
        rows = tokenize(model, not_empty, MAX_TOKENS) if not_empty else []
        losses.append(token_mean((yield from sentence_losses(model, rows)), rows) if rows else UNREADABLE_LOSS)
        effects = text_scores(score, row) if score else [*map(difference, texts[0], row)]
        ease = fluency(losses[-1], losses[0], text_statistics(row).repetition - plain_repetition)
        points.append(StrengthPoint(strength, sum(effects) / len(effects), ease))
    return StrengthReport(tuple(points), score is not None)


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
