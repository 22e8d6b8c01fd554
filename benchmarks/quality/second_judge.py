"""A second judge of a concept in English that shares nothing with the first one but the examples: no network, no embeddings.

Its style classifier is a logistic regression on weighted counts of words, word pairs and runs of letters (TF-IDF); for moods it is
VADER's sentiment. A second regression tells sentences from the same words in disorder by which function words and endings are
neighbours. Both are calibrated on examples that they were not trained on. A text counts as far as both say yes, as with the first
judge.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.nn import functional

from lineas.evaluation.metrics.changed_words import FUNCTION_WORDS
from lineas.evaluation.metrics.corrupt import spoiled
from lineas.evaluation.metrics.cost import wiki_sentences
from lineas.evaluation.metrics.judge import FOLDS, NEUTRAL_SENTENCES
from lineas.evaluation.metrics.scorers import sentiment
from lineas.evaluation.metrics.text_statistics import words_of
from lineas.training.logistic import logistic_fit

LETTERS = (2, 3, 4)
"""Lengths of the runs of letters, which do not go beyond a word and its two ends."""
DATA_WEIGHT = 30.0
"""Weight of the data against the penalty of the style's regression (scikit-learn's C)."""
ORDER_DATA_WEIGHT = 300.0
"""The same for the order of words."""
SENTENCE_PRIOR = 1.0
"""Log-odds with which a text is taken for sentences before it is read."""
PATTERN_WORDS = FUNCTION_WORDS | frozenset(
    "about after all am any before can could did do does down every he her here him his how i may me might more "
    "most must my no not our out over shall she should so some their them there too up us very we what when where "
    "who why will would you your".split()
)
"""Words that stand for themselves in the pattern of a sentence; any other word is one of many."""

Features = Callable[[str], Counter[str]]
Style = Callable[[Sequence[str]], Tensor]
"""Log-odds that texts are of the target side; float64, shape (texts,)."""


class TfIdf:
    """Turns texts into rows of length 1 over the features of the texts that it was made from, smoothed as scikit-learn does.

    A count n has the weight 1 + log n; a feature that many of the texts have counts less.
    """

    def __init__(self, features: Features, texts: Sequence[str]) -> None:
        having = Counter(feature for text in texts for feature in features(text))
        self._features = features
        self._index = {feature: i for i, feature in enumerate(having)}
        self._weights = torch.tensor([1 + math.log((1 + len(texts)) / (1 + n)) for n in having.values()])

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """float32, shape (texts, features)."""
        rows = torch.zeros(len(texts), len(self._index))
        for row, text in zip(rows, texts, strict=True):
            known = {self._index[f]: 1 + math.log(n) for f, n in self._features(text).items() if f in self._index}
            row[list(known)] = torch.tensor(list(known.values()))
        return functional.normalize(rows * self._weights, dim=1)


@dataclass(frozen=True)
class SecondJudge:
    """Scores how much a text sounds like the target, from 0 to 1.

    Attributes:
        style: the calibrated log-odds of the target side.
        order: the log-odds of being sentences, not words in disorder.
    """

    style: Style
    order: Style

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """Probability of the target side times that of being sentences, for each text."""
        scores: list[float] = (self.style(texts).sigmoid() * self.order(texts).sigmoid()).tolist()
        return scores


def train_second_judge(source: Sequence[str], target: Sequence[str], *, mood: bool = False) -> SecondJudge:
    """Train a judge on the examples.

    Args:
        mood: whether the sides differ in sentiment, which VADER then scores instead of the n-grams.
    """
    return SecondJudge(_mood_style(source, target) if mood else _ngram_style(source, target), _order(source, target))


def style_features(text: str) -> Counter[str]:
    """Words, pairs of neighbours, and runs of letters."""
    words = words_of(text)
    runs = (f" {word} "[i : i + n] for word in words for n in LETTERS for i in range(len(word) + 3 - n))
    return Counter([*words, *(" ".join(pair) for pair in pairwise(words)), *(f"~{run}" for run in runs)])


def order_features(text: str) -> Counter[str]:
    """Runs of 2 to 4 places in the pattern of function words, and pairs of neighbours by their endings, up to both ends."""
    words = words_of(text)
    pattern, endings = (
        ["^", *(word if word in PATTERN_WORDS else other(word) for word in words), "$"]
        for other in (lambda word: "*", lambda word: f"-{word[-2:]}")
    )
    return Counter([*(gram for n in (2, 3, 4) for gram in _grams(pattern, n)), *(f"~{g}" for g in _grams(endings, 2))])


def _grams(items: Sequence[str], n: int) -> Iterable[str]:
    return (" ".join(items[i : i + n]) for i in range(len(items) - n + 1))


def _ngram_style(source: Sequence[str], target: Sequence[str]) -> Style:
    def fit(a: Sequence[str], b: Sequence[str]) -> Style:
        return _regression(style_features, a, b, DATA_WEIGHT)

    unseen = []
    for fold in range(FOLDS):
        (a, new_a), (b, new_b) = without_fold(source, fold), without_fold(target, fold)
        style = fit(a, b)
        unseen.append((style(new_a), style(new_b)))
    return _calibrated(fit(source, target), unseen)


def _mood_style(source: Sequence[str], target: Sequence[str]) -> Style:
    score = sentiment()

    def style(texts: Sequence[str]) -> Tensor:
        return torch.tensor(score(texts), dtype=torch.float64)

    return _calibrated(style, [(style(source), style(target))])


def _order(source: Sequence[str], target: Sequence[str]) -> Style:
    def fit(*sides: Sequence[str]) -> Style:
        return _regression(order_features, spoiled(*sides), list(chain(*sides)), ORDER_DATA_WEIGHT)

    examples = (source, target, wiki_sentences()[:NEUTRAL_SENTENCES])
    unseen = []
    for fold in range(FOLDS):
        known, new = zip(*(without_fold(side, fold) for side in examples), strict=True)
        order = fit(*known)
        unseen.append((order(spoiled(*new)), order(list(chain(*new)))))
    order = _calibrated(fit(*examples), unseen)
    # there is more disorder than sentences among the examples
    prior = SENTENCE_PRIOR + math.log(sum(len(bad) for bad, _ in unseen) / sum(len(good) for _, good in unseen))
    return lambda texts: order(texts) + prior


def _regression(features: Features, source: Sequence[str], target: Sequence[str], data_weight: float) -> Style:
    rows = TfIdf(features, [*source, *target])
    weights, offset = logistic_fit(rows(source), rows(target), data_weight)
    return lambda texts: rows(texts).double() @ weights + offset


def _calibrated(style: Style, unseen: Sequence[tuple[Tensor, Tensor]]) -> Style:
    """Stretch log-odds to those of texts that were not trained on: (source, target) pairs of what ``style`` says (Platt 1999)."""
    source, target = (torch.cat(side)[:, None] for side in zip(*unseen, strict=True))
    [slope], offset = logistic_fit(source, target)
    return lambda texts: slope * style(texts) + offset


def without_fold(items: Sequence[str], fold: int) -> tuple[list[str], list[str]]:
    """The items outside of a fold, and those in it: every ``FOLDS``-th."""
    return [item for i, item in enumerate(items) if i % FOLDS != fold], list(items[fold::FOLDS])


# ---- agreement of two judges


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's correlation of two judges' scores of the same texts; 0 if one of them scores all alike."""
    if len(set(first)) == 1 or len(set(second)) == 1:
        return 0.0
    return float(spearmanr(first, second).statistic)


def same_order(first: Sequence[float], second: Sequence[float], tie: float) -> tuple[int, int]:
    """In how many pairs of methods both judges say that the same one has more effect, and how many pairs there are.

    Args:
        first, second: the two judges' mean scores of each method.
        tie: difference up to which two methods are alike to a judge; such pairs do not count.
    """
    leads = [(first[i] - first[j], second[i] - second[j]) for i, j in combinations(range(len(first)), 2)]
    clear = [(a, b) for a, b in leads if min(abs(a), abs(b)) > tie]
    return sum(a * b > 0 for a, b in clear), len(clear)
