"""Measured results as plain values; nothing here imports torch, so that pages can show them at once."""

from dataclasses import dataclass

from lineas.evaluation.metrics.text_statistics import TextStatistics


@dataclass(frozen=True)
class Interval:
    """A mean and its percentile bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class CostPoint:
    """Mean next-token losses at one strength, in nats a token."""

    strength: float
    target_loss: float
    wiki_loss: float


@dataclass(frozen=True)
class HeldOut:
    """Measures on held-out sentences, before and after a short training on the others.

    Attributes:
        sentences: number of held-out sentences a side.
        distance_before, distance_after: transport distance between the held-out source and target, plain and steered (λ=1).
        loss_before, loss_after: next-token loss on the held-out target sentences, nats a token.
    """

    sentences: int
    distance_before: float
    distance_after: float
    loss_before: float
    loss_after: float

    @property
    def carries_over(self) -> bool:
        """True if steering improved sentences that were not used for training."""
        return self.loss_after < self.loss_before and self.distance_after < self.distance_before


@dataclass(frozen=True)
class TextReport:
    """Measures of one row's answers.

    Attributes:
        texts: the answers, one for each prompt, in order.
        score: mean score over the prompts; None without a scorer.
        gain: mean score minus the first row's, paired by prompt; None for the first row.
        perplexity: median over the texts under the plain model; NaN if no text is long enough.
    """

    texts: tuple[str, ...]
    score: Interval | None
    gain: Interval | None
    perplexity: float
    statistics: TextStatistics
