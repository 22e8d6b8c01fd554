"""Six emotions, each from the other five (Zou et al., arXiv 2310.01405): short scenarios that evoke an emotion without naming it.

The source side is drawn evenly from the other emotions, so both sides have the same form. The judge of an emotion is trained on
scenarios that no map was trained on.
"""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.quality.measures import NO_COST, judge_answers, median_perplexity, recommended, spread
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, shuffled
from benchmarks.report import table
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.suites.public_data import EMOTIONS, emotions
from lineas.generation.prompts import Row

METHODS = ("lineas", "lin_act", "caa", "prompting")
QUICK_METHODS = ("lineas", "prompting")
SENTENCES = 32
"""Scenarios on each side of a training."""
JUDGED = 30
"""Scenarios of each other emotion that the judge is trained on."""
INSTRUCTION = "Answer so that your words are full of {emotion}."
Sides = tuple[list[str], list[str]]
"""Source and target."""


def split(scenarios: Mapping[str, Sequence[str]], emotion: str, seed: int) -> tuple[Sides, Sides]:
    """The two sides to train a map on, and those to train the judge on; no scenario is in both."""
    order = {name: shuffled(texts, seed) for name, texts in scenarios.items()}
    others = [name for name in EMOTIONS if name != emotion]
    each = -(-SENTENCES // len(others))
    source = [text for name in others for text in order[name][:each]][:SENTENCES]
    held_out = [text for name in others for text in order[name][each:][:JUDGED]]
    return (source, order[emotion][:SENTENCES]), (held_out, order[emotion][SENTENCES:])


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 32)

    def measure(emotion: str, method: str, seed: int) -> dict[str, Any]:
        (source, target), held_out = split(emotions(study.need_data("emotions")), emotion, seed)
        judge = train_judge(*held_out, load_minilm())
        row, damage = Row(), 0.0
        if method != "plain":
            instruction = INSTRUCTION.format(emotion=emotion)
            steering, _ = study.train(method, source, target, seed, instruction=instruction)
            best = recommended(study.model, steering, target)
            row, damage = Row(steering, best.strength), best.damage
        [said] = judge_answers(study.model, neutral_prompts(study.model), [row], [judge], seed, tokens)
        return {**said, "damage": damage, "judge_auc": judge.auc}

    return [
        Unit(
            study.preset_key(
                suite="emotions", emotion=emotion, method=method, seed=seed, tokens=tokens, instruction=INSTRUCTION
            ),
            tokens * 0.1 + 3 + (0 if method == "plain" else study.seconds(method) + 8),
            partial(measure, emotion, method, seed),
        )
        for emotion in EMOTIONS[: study.amount(len(EMOTIONS), 1)]
        for seed in range(study.seeds)
        for method in ("plain", *study.methods_of(METHODS, QUICK_METHODS))
    ]


def tables(study: Study, results: Sequence[Result]) -> str:
    head = ("emotion", "method", "strength", "effect", "perplexity", "cost", "distinct-2")
    rows = [
        (
            emotion,
            method,
            "–" if method == "plain" else f"{statistics.mean(r['strength'] for r in found):.2g}",
            spread([statistics.mean(r["scores"][0]) for r in found], 2),
            spread([median_perplexity(r["perplexities"]) for r in found], 1),
            "–" if method in NO_COST else spread([r["damage"] for r in found], 2),
            spread([r["distinct_2"] for r in found], 2),
        )
        for (emotion, method), found in grouped(results, "emotion", "method").items()
    ]
    aucs = [statistics.mean(r["judge_auc"] for r in found) for found in grouped(results, "emotion").values()]
    return f"{table(head, rows)}\n\nCross-validated AUC of the judges: {min(aucs):.2f} to {max(aucs):.2f}."
