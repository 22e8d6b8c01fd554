"""An independent judge of the user's concept: sentence embeddings of their own examples, and a logistic regression.

It never sees the steered model, only text. Whether it can tell the two sides apart at all is measured by
cross-validation on the examples, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.errors import LineasError
from lineas.evaluation.metrics.embeddings import Embed
from lineas.training.logistic import auroc, logistic_fit

RELIABLE = 0.7
"""Cross-validated AUC below which the judge cannot tell the two sides apart. Chance is 0.5."""
FEWEST = 8
"""Sentences a side that are needed: fewer leave one or two for testing in each fold."""
FOLDS = 5
STRICTNESS = 10.0
"""Weight of the data against the penalty. At scikit-learn's 1, embeddings of length 1 leave all probabilities near ½."""


@dataclass(frozen=True)
class Judge:
    """Says how much a text sounds like the target, from 0 to 1.

    Attributes:
        auc: the probability that it gives a target sentence that it has not seen more than a source sentence.
    """

    auc: float
    weights: Tensor
    offset: Tensor
    embed: Embed

    @property
    def reliable(self) -> bool:
        return self.auc >= RELIABLE

    @property
    def sentence(self) -> str:
        """What its opinion is worth, in words."""
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


def train_judge(source: Sequence[str], target: Sequence[str], embed: Embed, *, seed: int = 0) -> Judge:
    """A judge of these examples.

    Args:
        embed: from texts to vectors (``load_minilm()``).
        seed: of the cross-validation's folds.

    Raises:
        LineasError: where there are too few examples to judge by.
    """
    if min(len(source), len(target)) < FEWEST:
        raise LineasError(
            f"There are too few examples to train a judge: {len(source)} and {len(target)} sentences, and {FEWEST} a side are "
            "needed. Add more."
        )
    a, b = embed(source), embed(target)
    weights, offset = logistic_fit(a, b, STRICTNESS)
    return Judge(cross_validated_auc(a, b, seed=seed), weights, offset, embed)


def cross_validated_auc(source: Tensor, target: Tensor, *, seed: int = 0) -> float:
    """Mean over folds of the AUC on points that the classifier has not seen.

    Args:
        source: shape (n, d); target: shape (m, d); at least 2 points each.
    """
    folds = min(FOLDS, len(source), len(target))
    parts = [_deal(len(side), folds, seed) for side in (source, target)]
    scores = []
    for fold in range(folds):
        (train_a, test_a), (train_b, test_b) = ((part != fold, part == fold) for part in parts)
        weights, _ = logistic_fit(source[train_a], target[train_b], STRICTNESS)
        odds_a, odds_b = source[test_a].double() @ weights, target[test_b].double() @ weights
        scores.append(float(auroc(odds_b[:, None], odds_a[:, None])))
    return sum(scores) / folds


def _deal(count: int, folds: int, seed: int) -> Tensor:
    """A fold for each of ``count`` points, evenly."""
    return (torch.arange(count) % folds)[torch.randperm(count, generator=torch.Generator().manual_seed(seed))]
