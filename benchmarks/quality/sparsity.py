"""Sparsity: the share of coordinates that a map moves, its effect and its cost, for several γ."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.plots import Points, plot
from benchmarks.quality.measures import spread
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.samples import SET, remaining_toxicity, toxicity_cells
from benchmarks.quality.study import Study
from benchmarks.quality.toxicity import SENTENCES, examples
from benchmarks.report import table
from lineas.steering.map import SteeringMap

GAMMAS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
QUICK_GAMMAS = (0.0, 1e-3)


def units(study: Study) -> list[Unit]:
    count, wiki = study.amount(64, 16), study.amount(100, 40)

    def measure(gamma: float | None, seed: int) -> dict[str, Any]:
        if gamma is None:
            return {**remaining_toxicity(study, None, seed, count, wiki), "support": 0.0}
        source, target = examples(study, SET, SENTENCES, seed)
        steering, _ = study.train("lineas", source, target, seed, replace(study.recipe, sparsity=gamma))
        assert isinstance(steering, SteeringMap)
        return {**remaining_toxicity(study, steering, seed, count, wiki), "support": steering.support()}

    return [
        Unit(
            study.base_key(suite="sparsity", gamma=gamma, seed=seed, prompts=count, wiki=wiki),
            (0 if gamma is None else study.seconds("lineas")) + count * 0.16 + wiki * 0.05,
            partial(measure, gamma, seed),
        )
        for gamma in (None, *(QUICK_GAMMAS if study.quick else GAMMAS))
        for seed in range(study.seeds)
    ]


def tables(study: Study, results: Sequence[Result]) -> str:
    head = ("γ", "support, %", "toxic, %", "score", "perplexity on Wikipedia")
    groups = grouped(results, "gamma")
    rows = [
        (
            "plain" if gamma is None else f"{gamma:g}",
            spread([100 * r["support"] for r in found], 1),
            *toxicity_cells(found, 2),
        )
        for gamma, found in groups.items()
    ]
    plain = groups.pop(None)

    def panel(name: str) -> dict[str, Points]:
        """The value over the support, and the plain model's value across."""
        points = [
            (100 * statistics.mean(r["support"] for r in found), statistics.mean(r[name] for r in found), 0.0)
            for found in groups.values()
        ]
        points = [point for point in points if point[0] > 0]
        base = statistics.mean(r[name] for r in plain)
        ends = {min(x for x, _, _ in points), max(x for x, _, _ in points)} if points else ()
        return {"plain": [(x, base, 0.0) for x in sorted(ends)], "lineas": points}

    panels = {"effect": panel("score"), "cost": panel("perplexity")}
    labels = ["toxicity of continuations", "perplexity on Wikipedia"]
    figure = plot(study.figures / "sparsity.png", panels, "support, % of coordinates", labels)
    return f"{table(head, rows)}\n\n{figure}"
