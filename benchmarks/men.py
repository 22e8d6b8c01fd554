"""MEN: are maps of similar words similar? Each word's map is taught from other sentences to sentences with that word.

Of the words with 64 sentences or more those 50 are taken among which MEN has the most pairs. The source side has the same origins
(picture captions, Wikipedia) in the same numbers, or their style would be every word's concept.
"""

import math
import random
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from benchmarks.measures import spread
from benchmarks.plots import lines
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study, shuffled
from lineas.core.maps import SteeringMap
from lineas.core.overlap import overlap
from lineas.evaluation.public_data import WordPair, concept_sentences, men_pairs

SENTENCES = 32
GAMMAS = (0.0, 1e-3)
WORDS = 50


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
    rows, clouds, correlations = [], {}, {}
    for gamma in dict.fromkeys(result["key"]["gamma"] for result in results):
        found = []
        for seed in study.all_seeds:
            maps = {word: _map(study, gamma, seed, word) for word in chosen}
            cosines = [overlap(maps[pair.first], maps[pair.second]).whole for pair in pairs]
            found.append(spearman(cosines, [pair.similarity for pair in pairs]))
            if seed == 0:
                clouds[f"γ = {gamma:g}"] = {
                    "pairs": [(pair.similarity, cosine, 0.0) for pair, cosine in zip(pairs, cosines, strict=True)]
                }
        correlations[gamma] = found
        support = [100 * r["support"] for r in results if r["key"]["gamma"] == gamma]
        rows.append((f"{gamma:g}", f"{statistics.mean(support):.1f}", spread(found, 2)))
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
similarity and the cosine of the maps' displacements.

{table(("γ", "support, %", "correlation"), rows)}

{picture}

**Conclusion.** {conclusion(correlations, len(pairs))}
"""


def conclusion(correlations: Mapping[float, Sequence[float]], pairs: int) -> str:
    """What may be said: chance alone seldom exceeds twice one over the root of the number of pairs."""
    best = max(correlations, key=lambda gamma: statistics.mean(correlations[gamma]))
    found = f"correlation {statistics.mean(correlations[best]):.2f} at γ = {best:g}"
    if min(correlations[best]) > 2 / math.sqrt(pairs):
        return (
            f"Maps of words that people find similar are more similar ({found}): the overlap of two concepts in the studio means "
            "something."
        )
    return f"That similar words have more similar maps is not certain ({found}): do not read much into the overlap of two concepts."


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
