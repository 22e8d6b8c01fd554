"""MEN: whether maps of similar words are similar. A word's map leads from other sentences to sentences with that word.

The words are the 50 with the most MEN pairs among them, of those with at least 64 sentences. Both sides have the same origins
(picture captions, Wikipedia) in the same numbers; otherwise their style would become part of every word's map.
"""

import random
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

from scipy.stats import spearmanr

from benchmarks.plots import Points, plot
from benchmarks.quality.measures import spread
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, shuffled
from benchmarks.report import table
from lineas.evaluation.suites.public_data import WordPair, concept_sentences, men_pairs
from lineas.steering.map import SteeringMap
from lineas.steering.overlap import overlap

SENTENCES = 32
GAMMAS = (0.0, 1e-3)
WORDS = 50
PERMUTATIONS = 500


def densest(pairs: Sequence[WordPair], words: set[str], count: int) -> list[str]:
    """``count`` of the words with many pairs among them: drop the word with the fewest partners until few enough are left
    (greedy peeling, Charikar 2000)."""
    partners: dict[str, set[str]] = {word: set() for word in words}
    for pair in pairs:
        if pair.first in words and pair.second in words:
            partners[pair.first].add(pair.second)
            partners[pair.second].add(pair.first)
    left = set(words)
    while len(left) > count:
        left.remove(min(sorted(left), key=lambda word: len(partners[word] & left)))
    return sorted(left)


def examples(sentences: Mapping[str, Sequence[tuple[str, str]]], word: str, seed: int) -> tuple[list[str], list[str]]:
    """Sentences without the word as the source and with it as the target; as many of each origin on both sides."""
    target = shuffled(sentences[word], seed)[:SENTENCES]
    wanted = Counter(origin for _, origin in target)
    others = [
        (text, origin)
        for other, entries in sorted(sentences.items())
        if other != word
        for text, origin in entries
        if word not in text.lower().split()
    ]
    source: list[str] = []
    for text, origin in random.Random(f"{seed} {word}").sample(others, len(others)):
        if wanted[origin] > 0 and text not in source:
            wanted[origin] -= 1
            source.append(text)
    return source, [text for text, _ in target]


def units(study: Study) -> list[Unit]:
    return [
        Unit(
            study.base_key(suite="men", gamma=gamma, seed=seed, word=word),
            study.seconds("lineas") + 1,
            partial(_measure, study, gamma, seed, word),
        )
        for gamma in GAMMAS[: study.amount(len(GAMMAS), 1)]
        for seed in range(study.seeds)
        for word in _words(study)
    ]


def _measure(study: Study, gamma: float, seed: int, word: str) -> dict[str, Any]:
    return {"support": _map(study, gamma, seed, word).support()}


def _words(study: Study) -> list[str]:
    data = study.need_data("men")
    known = {word for word, entries in concept_sentences(data).items() if len(entries) >= 2 * SENTENCES}
    return densest(men_pairs(data), known, study.amount(WORDS, 4))


def _map(study: Study, gamma: float, seed: int, word: str) -> SteeringMap:
    source, target = examples(concept_sentences(study.need_data("men")), word, seed)
    steering, _ = study.train("lineas", source, target, seed, replace(study.recipe, sparsity=gamma))
    assert isinstance(steering, SteeringMap)
    return steering


def tables(study: Study, results: Sequence[Result]) -> str:
    words = _words(study)
    pairs = [pair for pair in men_pairs(study.need_data("men")) if pair.first in words and pair.second in words]
    rows, panels = [], {}
    for gamma, group in grouped(results, "gamma").items():
        found = []
        for seed in range(study.seeds):
            maps = {word: _map(study, gamma, seed, word) for word in words}
            cosines = {frozenset(two): overlap(*(maps[word] for word in two)).whole for two in combinations(words, 2)}
            found.append(mantel(cosines, pairs, words))
            if seed == 0:
                panels[f"γ = {gamma:g}"] = _panel(pairs, cosines)
        correlations, chances = zip(*found, strict=True)
        support = statistics.mean(100 * r["support"] for r in group)
        rows.append((f"{gamma:g}", f"{support:.1f}", spread(correlations, 2), f"{100 * max(chances):.1f} %"))
    x, y = "similarity to people (MEN)", ["cosine of the maps"]
    figure = plot(study.figures / "men.png", panels, x, y, log_x=False, connect=False)
    return f"{table(('γ', 'support, %', 'correlation', 'by chance'), rows)}\n\n{figure}"


def _panel(pairs: Sequence[WordPair], cosines: Mapping[frozenset[str], float]) -> dict[str, Points]:
    return {"pairs": [(pair.similarity, cosines[frozenset((pair.first, pair.second))], 0.0) for pair in pairs]}


def mantel(
    cosines: Mapping[frozenset[str], float], pairs: Sequence[WordPair], words: Sequence[str]
) -> tuple[float, float]:
    """Spearman's correlation of people's similarities with the maps', and how often chance reaches it (Mantel 1967).

    Pairs that share a word are not independent, so chance is estimated by assigning the maps to the words at random.

    Args:
        cosines: the cosine of the maps of every two of ``words``.

    Returns:
        The correlation, and the share of random assignments with at least that correlation.
    """
    similarities = [pair.similarity for pair in pairs]

    def correlation(order: Sequence[str]) -> float:
        owner = dict(zip(words, order, strict=True))
        ours = [cosines[frozenset((owner[pair.first], owner[pair.second]))] for pair in pairs]
        return float(spearmanr(ours, similarities).statistic)

    found, rng = correlation(words), random.Random(0)
    reached = sum(correlation(rng.sample(words, len(words))) >= found for _ in range(PERMUTATIONS))
    return found, (1 + reached) / (1 + PERMUTATIONS)
