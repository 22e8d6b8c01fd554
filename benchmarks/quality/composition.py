"""Two concepts at once: two maps, one applied after the other, against two instructions."""

import statistics
from collections.abc import Sequence
from functools import partial
from typing import Any

from benchmarks.quality.measures import judge_answers, median_perplexity, preset_judge, recommended, spread
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.generation.prompts import Row
from lineas.steering.map import SteeringMap

METHODS = ("lineas", "lin_act", "mean_act", "caa", "prompting")
QUICK_METHODS = ("lineas", "prompting")
PAIRS = (("shakespeare", "food-lover"), ("formal", "food-lover"))
SHARE = 0.8
"""Share of each map's recommended strength, because the two add up."""
HEARD = 0.5
"""The judge's probability above which a concept counts as present."""


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 32)

    def measure(first: Preset, second: Preset, method: str, seed: int) -> dict[str, Any]:
        judges = [preset_judge(preset) for preset in (first, second)]
        row = Row()
        if method == "prompting":
            row = Row(system=f"{first.instruction} {second.instruction}")
        elif method != "plain":
            a, b = (_scaled_map(study, method, preset, seed) for preset in (first, second))
            row = Row(a.then(b), 1.0)
        [said] = judge_answers(study.model, neutral_prompts(study.model), [row], judges, seed, tokens)
        return said

    pairs = [presets_named(*pair) for pair in PAIRS[: study.amount(len(PAIRS), 1)]]
    return [
        Unit(
            study.preset_key(
                a, b, suite="composition", pair=f"{a.id} + {b.id}", method=method, seed=seed, tokens=tokens
            ),
            tokens * 0.1 + 2 + (0 if method in ("plain", "prompting") else 16 + study.seconds(method)),
            partial(measure, a, b, method, seed),
        )
        for a, b in pairs
        for seed in range(study.seeds)
        for method in ("plain", *study.methods_of(METHODS, QUICK_METHODS))
    ]


def _scaled_map(study: Study, method: str, preset: Preset, seed: int) -> SteeringMap:
    steering, _ = study.train(method, preset.source, preset.target, seed)
    if not isinstance(steering, SteeringMap):
        raise LineasError(
            f"{method} does not train a map, and only maps can be applied one after the other. Leave it out of --methods for the "
            "suite composition."
        )
    return steering.at_strength(SHARE * recommended(study.model, steering, preset.target).strength)


def tables(study: Study, results: Sequence[Result]) -> str:
    head = ("concepts", "method", "both heard, %", "first", "second", "perplexity", "distinct-2")
    rows = [
        (
            pair, method, spread([100 * _both_heard(r) for r in found], 0),
            *(spread([statistics.mean(r["scores"][i]) for r in found], 2) for i in (0, 1)),
            spread([median_perplexity(r["perplexities"]) for r in found], 1), spread([r["distinct_2"] for r in found], 2),
        )
        for (pair, method), found in grouped(results, "pair", "method").items()
    ]  # fmt: skip
    return table(head, rows)


def _both_heard(result: Result) -> float:
    """Share of answers in which each judge finds its own concept."""
    first, second = result["scores"]
    return float(statistics.mean(a > HEARD and b > HEARD for a, b in zip(first, second, strict=True)))
