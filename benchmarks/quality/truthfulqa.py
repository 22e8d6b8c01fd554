"""TruthfulQA: maps from wrong to right answers, tested on the half of the questions that they were not trained on (two folds)."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from benchmarks.quality.measures import percentile_interval, resamples, spread, wikipedia_perplexity
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, shuffled
from benchmarks.report import table
from lineas.evaluation.suites.public_data import TruthfulQuestion, truthfulqa, wikipedia
from lineas.evaluation.suites.truthfulqa import TruthfulScore, statements
from lineas.evaluation.suites.truthfulqa import truthfulqa as score_questions
from lineas.models.progress import finish
from lineas.steering.adapter import Steering

METHODS = ("lineas", "caa", "caa_middle", "iti_c", "mean_act", "lin_act", "aura")
QUICK_METHODS = ("lineas",)
SENTENCES = 32
SCORES = ("mc1", "mc2", "mc2_argmax")


def units(study: Study) -> list[Unit]:
    count, wiki = study.amount(150, 20), study.amount(100, 40)

    def measure(method: str, seed: int) -> dict[str, Any]:
        data = study.need_data("truthfulqa")
        chosen = shuffled(truthfulqa(data), seed)[:count]
        half = len(chosen) // 2
        texts = wikipedia(data, wiki)
        scores: list[TruthfulScore] = []
        perplexities: list[float] = []
        for train_on, test_on in ((chosen[half:], chosen[:half]), (chosen[:half], chosen[half:])):
            steering: Steering | None = None
            if method != "plain":
                steering, _ = study.train(method, *_examples(train_on, seed), seed)
            scores += finish(score_questions(study.model, test_on, steering))
            if method != "plain" or not perplexities:
                perplexities.append(wikipedia_perplexity(study.model, texts, steering, 1.0))
        return {"scores": [asdict(score) for score in scores], "perplexity": statistics.mean(perplexities)}

    return [
        Unit(
            study.base_key(suite="truthfulqa", method=method, seed=seed, questions=count, wiki=wiki),
            (0 if method == "plain" else 2 * study.seconds(method)) + count * 0.33 + 2 * wiki * 0.05,
            partial(measure, method, seed),
        )
        for seed in range(study.seeds)
        for method in ("plain", *study.methods_of(METHODS, QUICK_METHODS))
    ]


def _examples(questions: Sequence[TruthfulQuestion], seed: int) -> tuple[list[str], list[str]]:
    """Wrong answers as the source, right ones as the target."""
    wrong, right = (shuffled(statements(questions, true=true), seed)[:SENTENCES] for true in (False, True))
    return wrong, right


def tables(study: Study, results: Sequence[Result]) -> str:
    head = ("method, λ = 1", "MC1, %", "MC2, %", "MC2 of the reference, %", "MC1 gained (95 %)", "Wikipedia")
    groups = grouped(results, "method")
    rows = []
    for method, found in groups.items():
        means = [
            spread([100 * statistics.mean(score[name] for score in result["scores"]) for result in found], 1)
            for name in SCORES
        ]
        gain = "–" if method == "plain" else "{:+.1f} ({:+.1f} to {:+.1f})".format(*mc1_gain(found, groups["plain"]))
        rows.append((method, *means, gain, spread([result["perplexity"] for result in found], 1)))
    return table(head, rows)


def mc1_gain(steered: Sequence[Result], plain: Sequence[Result]) -> tuple[float, float, float]:
    """How far MC1 is above the plain model's on the same questions, in percentage points, with its 95 % interval."""
    gains = [
        100 * (a["mc1"] - b["mc1"])
        for ours, base in zip(steered, plain, strict=True)
        for a, b in zip(ours["scores"], base["scores"], strict=True)
    ]
    means = [statistics.mean(gains[i] for i in draw) for draw in resamples(len(gains))]
    return statistics.mean(gains), *percentile_interval(means)
