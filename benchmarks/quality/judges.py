"""Two judges of each concept that share nothing but its examples: can words alone fool them, and do they agree about answers?"""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from benchmarks.quality.results import Result, Unit
from benchmarks.quality.second_judge import rank_correlation, same_order, train_second_judge, without_fold
from benchmarks.quality.straight import TIE, concepts
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.evaluation.metrics.corrupt import heap, shuffled, strewn, style_words
from lineas.evaluation.metrics.cost import wiki_sentences
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, Score, answers, neutral_prompts, text_scores
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import FOLDS, NEUTRAL_SENTENCES, train_judge
from lineas.evaluation.metrics.text_statistics import words_of
from lineas.generation.prompts import Row
from lineas.models.progress import finish

MOODS = ("cheerful",)
"""Ids of the concepts whose second judge is VADER."""
STRENGTHS = (0.5, 1.0, 1.5)
"""Strengths of the map whose answers are judged, beside the plain model's and those to an instruction."""
HEAPS = 30
"""Number of heaps of words in each fold."""
STREWN = 3
"""Number of words strewn into a neutral sentence."""
JUDGES: Mapping[str, Callable[[Preset, Sequence[str], Sequence[str]], Score]] = {
    "first": lambda concept, source, target: train_judge(source, target, load_minilm()),
    "second": lambda concept, source, target: train_second_judge(source, target, mood=concept.id in MOODS),
}


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 16)
    return [
        Unit(
            study.preset_key(concept, suite="judges", concept=concept.id, tokens=tokens),
            70,
            partial(measured, study, concept, tokens),
        )
        for concept in [*concepts(study), *presets_named(*MOODS)]
    ]


def measured(study: Study, concept: Preset, tokens: int) -> dict[str, Any]:
    """How both judges take sentences that they have not seen, sound and spoiled, and their scores of the same answers."""
    texts = _answers(study, concept, tokens)
    judges = {name: train(concept, concept.source, concept.target) for name, train in JUDGES.items()}
    return {
        "unseen": {name: unseen(concept, partial(train, concept)) for name, train in JUDGES.items()},
        "scores": {
            name: [[round(value, 4) for value in text_scores(judge, row)] for row in texts]
            for name, judge in judges.items()
        },
    }


def _answers(study: Study, concept: Preset, tokens: int) -> list[list[str]]:
    """Answers to the neutral prompts: plain, to the instruction, and with the map at each strength."""
    steering, _ = study.train("lineas", concept.source, concept.target, 0)
    rows = [Row(), Row(system=concept.instruction), *(Row(steering, strength) for strength in STRENGTHS)]
    sampling = replace(EVAL_SAMPLING, max_new_tokens=tokens)
    return finish(answers(study.model, neutral_prompts(study.model), rows, sampling))


def unseen(concept: Preset, train: Callable[[Sequence[str], Sequence[str]], Score]) -> dict[str, float]:
    """Cross-validated AUC of a judge, and its mean scores of target sentences, shuffled ones, heaps and strewn words.

    Args:
        train: makes a judge from source and target examples.
    """
    rng = random.Random(0)
    typical, neutral = style_words(concept.source, concept.target), wiki_sentences()[NEUTRAL_SENTENCES:]
    folds = []
    for fold in range(FOLDS):
        (source, new_source), (target, new_target) = (
            without_fold(side, fold) for side in (concept.source, concept.target)
        )
        judge = train(source, target)
        words = [word for text in new_target for word in words_of(text)]
        texts = {
            "target": new_target,
            "shuffled": [shuffled(text, rng) for text in new_target for _ in range(3)],
            "heap": [heap(words, rng) for _ in range(HEAPS)],
            "strewn": [strewn(text, typical, STREWN, rng) for text in neutral],
        }
        scores = {name: judge(found) for name, found in texts.items()}
        won = [(b > a) + (b == a) / 2 for a in judge(new_source) for b in scores["target"]]
        folds.append({"auc": statistics.mean(won), **{name: statistics.mean(found) for name, found in scores.items()}})
    return {name: round(statistics.mean(fold[name] for fold in folds), 4) for name in folds[0]}


def tables(study: Study, results: Sequence[Result]) -> str:
    head = (
        "concept", "judge", "AUC", "unseen targets", "shuffled", "eight words", "three words in a neutral sentence",
        "rank correlation", "same order of methods",
    )  # fmt: skip
    rows = []
    # the others are of answers to the suite straight, which are not stored; the conclusion quotes them
    for result in (result for result in results if "unseen" in result):
        first, second = (result["scores"][name] for name in JUDGES)
        agreement = rank_correlation(list(chain(*first)), list(chain(*second)))
        same, pairs = same_order([*map(statistics.mean, first)], [*map(statistics.mean, second)], TIE)
        for name in JUDGES:
            found = result["unseen"][name]
            both = (f"{agreement:.2f}", f"{same} of {pairs}") if name == "first" else ("", "")
            measures = ("auc", "target", "shuffled", "heap", "strewn")
            rows.append(
                (result["key"]["concept"], _label(name, result), *(f"{found[m]:.2f}" for m in measures), *both)
            )
    return table(head, rows)


def _label(name: str, result: Result) -> str:
    if name == "first":
        return "embeddings"
    return "VADER" if result["key"]["concept"] in MOODS else "n-grams"
