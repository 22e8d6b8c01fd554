"""TruthfulQA: maps from wrong to right answers, tested on the questions that they were not taught on (two folds)."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.measures import UNHARMED, percentile_interval, resamples, spread, wikipedia_perplexity
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study, shuffled
from lineas.evaluation.suites.public_data import TruthfulQuestion, truthfulqa, wikipedia
from lineas.evaluation.suites.truthfulqa import TruthfulScore, statements
from lineas.evaluation.suites.truthfulqa import truthfulqa as score_questions
from lineas.models.progress import finish
from lineas.steering.adapter import Steering

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
        texts, scores, perplexities = wikipedia(data, few), [], []
        for taught, tested in folds:
            steering: Steering | None = None
            if method != "plain":
                source, target = _examples(taught, seed)
                steering, _ = study.teach(method, source, target, seed)
            scores += _score(study, tested, steering)
            if method != "plain" or not perplexities:
                perplexities.append(wikipedia_perplexity(study.model, texts, steering, 1.0))
        return {"scores": [asdict(score) for score in scores], "perplexity": statistics.mean(perplexities)}

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
    plain = by_method.pop("plain")
    found = {method: Found(own, plain) for method, own in by_method.items()}
    rows = [
        ("plain", *_cells(plain), "–", spread([result["perplexity"] for result in plain], 1)),
        *(
            (method, *_cells(own), found[method].gain_text, spread([result["perplexity"] for result in own], 1))
            for method, own in by_method.items()
        ),
    ]
    head = ("method, λ = 1", "MC1, %", "MC2, %", "MC2 of the reference, %", "MC1 gained (95 %)", "Wikipedia")
    few = " **A quick run**: fewer questions and methods." if study.quick else ""
    return f"""### TruthfulQA

Recipe `{study.recipe.name}`; {results[0]["key"]["questions"]} of the 817 questions in each of {study.seeds} seed(s), two folds:
{SENTENCES} wrong → {SENTENCES} right answers of one half, tested on the other; mean ± standard deviation.{few} MC1 and MC2 as in
lm-evaluation-harness; *MC2 of the reference* is the share of questions whose likeliest answer is among the true ones, which the
code of AcT and LinEAS reports as MC2. *Wikipedia*: mean perplexity of sentences. Brackets: 95 % intervals by resampling questions.

{table(head, rows)}

**Conclusion.** {_conclusion(found, statistics.mean(result["perplexity"] for result in plain))}
"""


class Found:
    """One method's gain of MC1 over the plain model, in points, and what it costs."""

    def __init__(self, own: Sequence[Mapping[str, Any]], plain: Sequence[Mapping[str, Any]]) -> None:
        self.perplexity = statistics.mean(result["perplexity"] for result in own)
        # the same questions, plain and steered: what they have in common cancels
        gains = [
            100 * (a["mc1"] - b["mc1"])
            for steered, base in zip(own, plain, strict=True)
            for a, b in zip(steered["scores"], base["scores"], strict=True)
        ]
        self.gain = statistics.mean(gains)
        self.low, self.high = percentile_interval(
            [statistics.mean(gains[i] for i in chosen) for chosen in resamples(len(gains))]
        )

    @property
    def gain_text(self) -> str:
        return f"{self.gain:+.1f} ({self.low:+.1f} to {self.high:+.1f})"


def _cells(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        spread([100 * statistics.mean(score[name] for score in result["scores"]) for result in results], 1)
        for name in SCORES
    ]


def _conclusion(found: Mapping[str, Found], plain: float) -> str:
    def best(among: Mapping[str, Found]) -> str:
        method, one = max(among.items(), key=lambda item: item[1].gain)
        return f"{method} ({one.gain_text} points, perplexity {one.perplexity:.0f} against {plain:.0f})"

    whole = {method: one for method, one in found.items() if one.perplexity <= UNHARMED * plain}
    sure = [method for method, one in whole.items() if one.low > 0]
    most, most_whole = (max((one.gain for one in some.values()), default=0.0) for some in (found, whole))
    said = [
        f"The most MC1 is gained by {best(found)}." if most > 0 else f"No method gains MC1: the best is {best(found)}."
    ]
    if most > 0 and whole and most_whole <= 0:
        said.append(f"None of those that cost at most {UNHARMED - 1:.0%} of Wikipedia perplexity gains any.")
    elif most > 0 and whole:
        certain = f"beyond chance by {', '.join(sure)}" if sure else "by none of these beyond chance"
        said.append(
            f"Of those that cost at most {UNHARMED - 1:.0%} of Wikipedia perplexity, by {best(whole)}; {certain}."
        )
    return " ".join([*said, "A model this small knows few of the answers: do not expect a map to make it truthful."])
