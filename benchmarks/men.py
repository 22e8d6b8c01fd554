"""MEN: are maps of similar words similar? Each word's map is taught from other sentences to sentences with that word.

Of the words with 64 sentences or more those 50 are taken among which MEN has the most pairs. The source side has the same origins
(picture captions, Wikipedia) in the same numbers, or their style would be every word's concept.
"""

import random
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

from benchmarks.measures import spread
from benchmarks.plots import lines
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study, shuffled
from lineas.evaluation.suites.public_data import WordPair, concept_sentences, men_pairs
from lineas.steering.map import SteeringMap
from lineas.steering.overlap import overlap

SENTENCES = 32
GAMMAS = (0.0, 1e-3)
WORDS = 50
PERMUTATIONS = 500
CERTAIN = 0.05
"""Share of deals by chance that may reach a correlation."""


def densest(pairs: Sequence[WordPair], words: set[str], count: int) -> list[str]:
    """So many of the words, the one with the fewest partners left out again and again (Charikar's greedy peeling)."""
    partners = {word: set() for word in words}
    for pair in pairs:
        if pair.first in words and pair.second in words:
            partners[pair.first].add(pair.second)
            partners[pair.second].add(pair.first)
    left = set(words)
    while len(left) > count:
        left.remove(min(sorted(left), key=lambda word: len(partners[word] & left)))
    return sorted(left)


def examples(sentences: Mapping[str, Sequence[tuple[str, str]]], word: str, seed: int) -> tuple[list[str], list[str]]:
    """Sentences with the word as the target; as many of the same origins without it as the source."""
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
    def measure(gamma: float, seed: int, word: str) -> dict[str, Any]:
        steering = _map(study, gamma, seed, word)
        return {"support": steering.support()}

    return [
        Unit(
            study.base_key(suite="men", gamma=gamma, seed=seed, word=word),
            study.seconds("lineas") + 1,
            lambda gamma=gamma, seed=seed, word=word: measure(gamma, seed, word),
        )
        for gamma in GAMMAS[: study.amount(len(GAMMAS), 1)]
        for seed in study.all_seeds
        for word in words(study)
    ]


def words(study: Study) -> list[str]:
    data = study.need_data("men")
    known = {word for word, entries in concept_sentences(data).items() if len(entries) >= 2 * SENTENCES}
    return densest(men_pairs(data), known, study.amount(WORDS, 4))


def _map(study: Study, gamma: float, seed: int, word: str) -> SteeringMap:
    source, target = examples(concept_sentences(study.need_data("men")), word, seed)
    steering, _ = study.teach("lineas", source, target, seed, replace(study.recipe, sparsity=gamma))
    assert isinstance(steering, SteeringMap)
    return steering


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    data = study.need_data("men")
    chosen = words(study)
    pairs = [pair for pair in men_pairs(data) if pair.first in chosen and pair.second in chosen]
    rows, clouds, correlations, chances = [], {}, {}, {}
    for gamma in dict.fromkeys(result["key"]["gamma"] for result in results):
        found = []
        for seed in study.all_seeds:
            maps = {word: _map(study, gamma, seed, word) for word in chosen}
            cosines = {frozenset(two): overlap(*(maps[word] for word in two)).whole for two in combinations(chosen, 2)}
            found.append(mantel(cosines, pairs, chosen))
            if seed == 0:
                clouds[f"γ = {gamma:g}"] = {
                    "pairs": [(pair.similarity, cosines[frozenset((pair.first, pair.second))], 0.0) for pair in pairs]
                }
        correlations[gamma], chances[gamma] = ([one[i] for one in found] for i in (0, 1))
        support = [100 * r["support"] for r in results if r["key"]["gamma"] == gamma]
        rows.append(
            (f"{gamma:g}", f"{statistics.mean(support):.1f}", spread(correlations[gamma], 2), _percent(chances[gamma]))
        )
    picture = lines(
        study.figures / "men.png",
        clouds,
        "similarity to people (MEN)",
        ["cosine of the maps"],
        logarithmic=False,
        joined=False,
    )
    few = " **A quick run**: few words, so the correlation means little." if study.quick else ""
    return f"""### MEN: do maps know which words are alike?

{len(chosen)} words with {len(pairs)} pairs in MEN, {SENTENCES} + {SENTENCES} sentences each, recipe `{study.recipe.name}`,
{study.seeds} seed(s) that draw other sentences; mean ± standard deviation.{few} *Correlation*: Spearman's, between people's
similarity and the cosine of the maps' displacements. *By chance*: how often as much comes about where the maps are dealt out to the
words anew, {PERMUTATIONS} times; the largest of all seeds.

{table(("γ", "support, %", "correlation", "by chance"), rows)}

{picture}

**Conclusion.** {conclusion(correlations, chances)}
"""


def mantel(
    cosines: Mapping[frozenset[str], float], pairs: Sequence[WordPair], words: Sequence[str]
) -> tuple[float, float]:
    """The correlation of people's similarity with the maps', and the share of deals by chance that reach it.

    Pairs have words in common, so they are not independent, and chance is not that of so many pairs: the maps are dealt out to
    the words anew, again and again (Mantel 1967).

    Args:
        cosines: of the maps of every two of ``words``.
    """
    similarities = [pair.similarity for pair in pairs]

    def correlation(dealt: Sequence[str]) -> float:
        owner = dict(zip(words, dealt, strict=True))
        return spearman([cosines[frozenset((owner[pair.first], owner[pair.second]))] for pair in pairs], similarities)

    found, draw = correlation(words), random.Random(0)
    reached = sum(correlation(draw.sample(words, len(words))) >= found for _ in range(PERMUTATIONS))
    return found, (1 + reached) / (1 + PERMUTATIONS)


def conclusion(correlations: Mapping[float, Sequence[float]], chances: Mapping[float, Sequence[float]]) -> str:
    """What may be said of each seed's correlation and how often chance alone reaches it, by γ."""
    best = max(correlations, key=lambda gamma: statistics.mean(correlations[gamma]))
    correlation = statistics.mean(correlations[best])
    found = f"correlation {correlation:.2f} at γ = {best:g}, by chance in {_percent(chances[best])} of deals"
    if max(chances[best]) < CERTAIN:
        return (
            f"Maps of words that people find similar are more similar ({found}): the overlap of two concepts in the studio means "
            "something."
        )
    return f"That similar words have more similar maps is not certain ({found}): do not read much into the overlap of two concepts."


def _percent(chances: Sequence[float]) -> str:
    return f"{100 * max(chances):.1f} %"


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's correlation of the ranks; equal values share their mean rank. 0 where one side does not vary."""
    x, y = _ranks(a), _ranks(b)
    if len(set(x)) < 2 or len(set(y)) < 2:
        return 0.0
    return statistics.correlation(x, y)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    bounds = [0, *(i for i, (a, b) in enumerate(pairwise(order), start=1) if values[a] != values[b]), len(values)]
    ranks = [0.0] * len(values)
    for start, end in pairwise(bounds):
        for i in order[start:end]:
            ranks[i] = (start + end - 1) / 2
    return ranks
