"""An independent judge of a concept: two logistic regressions on sentence embeddings of the user's examples.

One tells the target side from the source side. The other tells sentences from the same words in disorder, because style words
alone, strewn about or repeated, are not the style. A text counts as far as both say yes. The judge sees only text, never the
steered model. Cross-validation on the examples measures whether it can tell the two sides apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.errors import LineasError
from lineas.evaluation.metrics.corrupt import spoiled
from lineas.evaluation.metrics.cost import wiki_sentences
from lineas.evaluation.metrics.embeddings import Embed
from lineas.evaluation.verdict import MIN_AUC
from lineas.training.logistic import auroc, logistic_fit

MIN_SENTENCES = 8
"""Sentences a side that the judge needs: with fewer, each fold has only one or two to test."""
FOLDS = 5
DATA_WEIGHT = 10.0
"""Weight of the data against the penalty (scikit-learn's C). With 1, unit-length embeddings leave all probabilities near ½."""
ORDER_DATA_WEIGHT = 1000.0
"""The same for the order of words, of which there are more examples and finer differences."""
SENTENCE_PRIOR = 1.5
"""Log-odds with which a text is taken for sentences before it is read: most texts are."""
NEUTRAL_SENTENCES = 60
"""Number of Wikipedia sentences among the examples of sentences."""


@dataclass(frozen=True)
class Judge:
    """Scores how much a text sounds like the target, from 0 to 1.

    Attributes:
        auc: probability that it scores an unseen target sentence above an unseen source sentence; chance is 0.5.
        style: weights and offset of the side.
        order: weights and offset of being sentences, not words in disorder.
    """

    auc: float
    style: tuple[Tensor, Tensor]
    order: tuple[Tensor, Tensor]
    embed: Embed

    @property
    def reliable(self) -> bool:
        return self.auc >= MIN_AUC

    @property
    def sentence(self) -> str:
        """A sentence for people about the judge's reliability."""
        right = f"of sentence pairs that it has not seen, it gets {self.auc:.0%} right"
        if self.reliable:
            return f"An independent judge tells your two sides apart: {right}."
        return (
            f"The independent judge cannot tell your two sides apart: {right}, and chance is 50%. So its scores mean little. "
            "Your examples may differ in ways that it does not see, or hardly at all."
        )

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """Probability of the target side times that of being sentences, for each text."""
        embedded = self.embed(texts)
        style, order = _probability(embedded.meaning, self.style), _probability(embedded.order, self.order)
        scores: list[float] = (style * order).tolist()
        return scores


def train_judge(source: Sequence[str], target: Sequence[str], embed: Embed) -> Judge:
    """Train a judge on the examples.

    Args:
        embed: embeds texts (``load_minilm()``).

    Raises:
        LineasError: too few examples.
    """
    if min(len(source), len(target)) < MIN_SENTENCES:
        raise LineasError(
            f"There are too few examples to train a judge: {len(source)} and {len(target)} sentences, and {MIN_SENTENCES} a side "
            "are needed. Add more."
        )
    neutral = wiki_sentences()[:NEUTRAL_SENTENCES]
    a, b, more, disorder = map(embed, (source, target, neutral, spoiled(source, target, neutral)))
    sentences = torch.cat([a.order, b.order, more.order])
    weights, offset = logistic_fit(disorder.order, sentences, ORDER_DATA_WEIGHT)
    prior = SENTENCE_PRIOR + math.log(
        len(disorder.order) / len(sentences)
    )  # there is more disorder among the examples
    style = logistic_fit(a.meaning, b.meaning, DATA_WEIGHT)
    return Judge(cross_validated_auc(a.meaning, b.meaning), style, (weights, offset + prior), embed)


def _probability(embedded: Tensor, classifier: tuple[Tensor, Tensor]) -> Tensor:
    weights, offset = classifier
    return torch.sigmoid(embedded.double() @ weights + offset)


def cross_validated_auc(source: Tensor, target: Tensor, *, seed: int = 0) -> float:
    """Mean AUC over folds, each on points that its classifier has not seen.

    Args:
        source: shape (n, d), n ≥ 2.
        target: shape (m, d), m ≥ 2.
    """
    folds = min(FOLDS, len(source), len(target))
    fold_a, fold_b = (_assign_folds(len(side), folds, seed) for side in (source, target))
    scores = []
    for fold in range(folds):
        weights, _ = logistic_fit(source[fold_a != fold], target[fold_b != fold], DATA_WEIGHT)
        odds_a, odds_b = (side.double() @ weights for side in (source[fold_a == fold], target[fold_b == fold]))
        scores.append(float(auroc(odds_b[:, None], odds_a[:, None])))
    return sum(scores) / folds


def _assign_folds(count: int, folds: int, seed: int) -> Tensor:
    """A fold number for each of ``count`` points: random, of equal sizes up to one."""
    return (torch.arange(count) % folds)[torch.randperm(count, generator=torch.Generator().manual_seed(seed))]
