"""TruthfulQA: maps from wrong to right answers, tested on the questions that they were not taught on (two folds)."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.measures import spread, wikipedia_perplexity
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study, shuffled
from lineas.evaluation.public_data import TruthfulQuestion, truthfulqa, wikipedia
from lineas.evaluation.truthfulqa import TruthfulScore, statements
from lineas.evaluation.truthfulqa import truthfulqa as score_questions
from lineas.model.adapter import Steering
from lineas.progress import finish

MAPS = ("lineas", "caa", "caa_middle", "iti_c", "mean_act", "lin_act", "aura")
FEW = ("lineas",)
SENTENCES = 32
SCORES = ("mc1", "mc2", "mc2_argmax")


def units(study: Study) -> list[Unit]:
    questions = study.amount(150, 20)
    few = study.amount(100, 40)

    def measure(method: str, seed: int) -> dict[str, Any]:
        data = study.need_data("truthfulqa")
        chosen = shuffled(truthfulqa(data), seed)[:questions]
        half = len(chosen) // 2
        folds = [(chosen[half:], chosen[:half]), (chosen[:half], chosen[half:])]
        texts, scores, perplexities, seconds = wikipedia(data, few), [], [], 0.0
        for taught, tested in folds:
            steering: Steering | None = None
            if method != "plain":
                source, target = _examples(taught, seed)
                steering, seconds = study.teach(method, source, target, seed)
            scores += _score(study, tested, steering)
            if method != "plain" or not perplexities:
                perplexities.append(wikipedia_perplexity(study.model, texts, steering, 1.0))
        return {
            "scores": [asdict(score) for score in scores],
            "perplexity": statistics.mean(perplexities),
            "seconds": seconds,
        }

    return [
        Unit(
            study.base_key(suite="truthfulqa", method=method, seed=seed, questions=questions, wiki=few),
            (0 if method == "plain" else 2 * study.seconds(method)) + questions * 0.33 + 2 * few * 0.05,
            lambda method=method, seed=seed: measure(method, seed),
        )
        for seed in study.all_seeds
        for method in ("plain", *study.chosen(MAPS, FEW))
    ]


def _examples(questions: Sequence[TruthfulQuestion], seed: int) -> tuple[list[str], list[str]]:
    wrong, right = (shuffled(statements(questions, true=true), seed)[:SENTENCES] for true in (False, True))
    return wrong, right


def _score(study: Study, questions: Sequence[TruthfulQuestion], steering: Steering | None) -> list[TruthfulScore]:
    return finish(score_questions(study.model, questions, steering))


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    by_method: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        by_method.setdefault(result["key"]["method"], []).append(result)
    plain = by_method["plain"]
    rows, gains = [], {}
    for method, found in by_method.items():
        values = {name: [100 * _mean(result, name) for result in found] for name in SCORES}
        # the same questions, plain and steered: what they have in common cancels
        gain = [100 * (_mean(a, "mc1") - _mean(b, "mc1")) for a, b in zip(found, plain, strict=True)]
        gains[method] = gain
        rows.append(
            (
                method,
                *(spread(values[name], 1) for name in SCORES),
                "–" if method == "plain" else spread(gain, 1),
                spread([result["perplexity"] for result in found], 1),
                f"{statistics.mean(r['seconds'] for r in found):.0f}",
            )
        )
    head = ("method, λ = 1", "MC1, %", "MC2, %", "MC2 of the reference, %", "MC1 gained", "Wikipedia", "seconds")
    few = " **A quick run**: fewer questions and methods." if study.quick else ""
    return f"""### TruthfulQA

Recipe `{study.recipe.name}`; {results[0]["key"]["questions"]} of the 817 questions in each of {study.seeds} seed(s), two folds:
{SENTENCES} wrong → {SENTENCES} right answers of one half, tested on the other; mean ± standard deviation.{few} MC1 and MC2 as in
lm-evaluation-harness; *MC2 of the reference* is the share of questions whose likeliest answer is among the true ones, which the
code of AcT and LinEAS reports as MC2.

{table(head, rows)}

**Conclusion.** {_conclusion(gains)}
"""


def _mean(result: Mapping[str, Any], name: str) -> float:
    return statistics.mean(score[name] for score in result["scores"])


def _conclusion(gains: Mapping[str, Sequence[float]]) -> str:
    means = {method: statistics.mean(values) for method, values in gains.items() if method != "plain"}
    sure = [m for m, values in gains.items() if m != "plain" and len(values) > 1 and min(values) > 0]
    best = max(means, key=means.__getitem__)
    if means[best] <= 0:
        found = f"the best, {best}: {means[best]:+.1f} points"
        return f"No method gains MC1 ({found}): do not expect a map to make this model truthful."
    seeds = f" In every seed: {', '.join(sure)}." if sure else " No method gains in every seed."
    return (
        f"The most MC1 is gained by {best} ({means[best]:+.1f} points).{seeds if len(gains['plain']) > 1 else ''} A model this "
        "small knows few of the answers: do not expect a map to make it truthful."
    )
