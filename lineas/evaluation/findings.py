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
class TextReport:
    """Measures of one row's answers.

    Attributes:
        texts: the answers, one for each prompt, in order.
        score: mean score over the prompts; None without a scorer.
        gain: mean score minus the first row's, paired by prompt; None for the first row.
        relevance: mean of log p(text | its prompt) − log p(text | another prompt), nats a token, by the plain model.
        loss: mean of −log p(text | its prompt), nats a token, by the plain model; NaN if all texts are empty.
        perplexity: median over the texts, after their prompts, under the plain model; NaN if all texts are empty.
    """

    texts: tuple[str, ...]
    score: Interval | None
    gain: Interval | None
    relevance: Interval
    loss: float
    perplexity: float
    statistics: TextStatistics


@dataclass(frozen=True)
class StrengthPoint:
    """Measures of the answers at one strength.

    Attributes:
        effect: 0 to 1; the judge's mean score, or without a judge the share of words that differ from the plain answer.
        fluency: 0 to 1; 1 reads as easily as the plain answers, 0 like words in no order or the same words over and over.
        relevance: how far the answers keep to their questions; 1 is as far as the plain answers, 0 not at all.
        added_repetition: repetition minus the plain answers'.
    """

    strength: float
    effect: float
    fluency: float
    relevance: float
    added_repetition: float
