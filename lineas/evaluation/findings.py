"""What was measured, as plain values: a page that shows them need not wait for torch."""

from dataclasses import dataclass

from lineas.evaluation.metrics.text_statistics import TextStatistics


@dataclass(frozen=True)
class Interval:
    """A mean, and the percentile bootstrap interval around it."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class CostPoint:
    """Mean next-token loss in nats a token, at one strength."""

    strength: float
    target_loss: float
    wiki_loss: float


@dataclass(frozen=True)
class HeldOut:
    """Before and after a short training on the others.

    Attributes:
        sentences: how many a side were held out.
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
        """Whether sentences that were not taught moved the right way."""
        return self.loss_after < self.loss_before and self.distance_after < self.distance_before


@dataclass(frozen=True)
class TextReport:
    """What one row said, measured.

    Attributes:
        texts: one for each prompt, in order.
        score: mean of the scorer over the prompts; None where there is no scorer.
        gain: the same minus the first row's, prompt by prompt; None for the first row.
        perplexity: median over the texts, under the plain model; NaN where no text is long enough.
    """

    texts: tuple[str, ...]
    score: Interval | None
    gain: Interval | None
    perplexity: float
    statistics: TextStatistics
