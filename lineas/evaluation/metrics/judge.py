"""An independent judge of a concept: logistic regression on sentence embeddings of the user's examples.

It sees only text, never the steered model. Cross-validation on the examples measures whether it can tell the two sides apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.errors import LineasError
from lineas.evaluation.metrics.embeddings import Embed
from lineas.evaluation.verdict import MIN_AUC
from lineas.training.logistic import auroc, logistic_fit

MIN_SENTENCES = 8
"""Sentences a side that the judge needs: with fewer, each fold has only one or two to test."""
FOLDS = 5
DATA_WEIGHT = 10.0
"""Weight of the data against the penalty (scikit-learn's C). With 1, unit-length embeddings leave all probabilities near ½."""


@dataclass(frozen=True)
class Judge:
    """Scores how much a text sounds like the target, from 0 to 1.

    Attributes:
        auc: probability that it scores an unseen target sentence above an unseen source sentence; chance is 0.5.
    """

    auc: float
    weights: Tensor
    offset: Tensor
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
        """Probability of the target side for each text."""
        probabilities: list[float] = torch.sigmoid(self.embed(texts).double() @ self.weights + self.offset).tolist()
        return probabilities


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
    a, b = embed(source), embed(target)
    weights, offset = logistic_fit(a, b, DATA_WEIGHT)
    return Judge(cross_validated_auc(a, b), weights, offset, embed)


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
