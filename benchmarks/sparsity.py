"""Sparsity: how few coordinates carry a concept. The support against effect and cost, by γ."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.measures import spread
from benchmarks.plots import lines
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.samples import SET, left
from benchmarks.study import Study
from benchmarks.toxicity import SENTENCES, examples
from lineas.steering.map import SteeringMap

GAMMAS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
FEW = (0.0, 1e-3)


def units(study: Study) -> list[Unit]:
    count, wiki = study.amount(64, 16), study.amount(100, 40)

    def measure(gamma: float | None, seed: int) -> dict[str, Any]:
        if gamma is None:
            return {**left(study, None, seed, count, wiki), "support": 0.0}
        source, target = examples(study, SET, SENTENCES, seed)
        steering, _ = study.teach("lineas", source, target, seed, replace(study.recipe, sparsity=gamma))
        assert isinstance(steering, SteeringMap)
        return {**left(study, steering, seed, count, wiki), "support": steering.support()}

    return [
        Unit(
            study.base_key(suite="sparsity", gamma=gamma, seed=seed, prompts=count, wiki=wiki),
            (0 if gamma is None else study.seconds("lineas")) + count * 0.16 + wiki * 0.05,
            lambda gamma=gamma, seed=seed: measure(gamma, seed),
        )
        for gamma in (None, *(FEW if study.quick else GAMMAS))
        for seed in study.all_seeds
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    cells: dict[float | None, list[Mapping[str, Any]]] = {}
    for result in results:
        cells.setdefault(result["key"]["gamma"], []).append(result)
    rows = [
        (
            "plain" if gamma is None else f"{gamma:g}", spread([100 * r["support"] for r in found], 1),
            spread([100 * r["share"] for r in found], 1), spread([r["score"] for r in found]),
            spread([r["perplexity"] for r in found], 2),
        )
        for gamma, found in cells.items()
    ]  # fmt: skip
    means = {
        gamma: {name: statistics.mean(r[name] for r in found) for name in ("support", "score", "perplexity")}
        for gamma, found in cells.items()
    }

    def panel(name: str) -> dict[str, list[tuple[float, float, float]]]:
        drawn = [
            (100 * m["support"], m[name], 0.0) for gamma, m in means.items() if gamma is not None and m["support"] > 0
        ]
        ends = [min(x for x, _, _ in drawn), max(x for x, _, _ in drawn)] if drawn else []
        return {"plain": [(x, means[None][name], 0.0) for x in ends], "lineas": drawn}

    panels = {"effect": panel("score"), "cost": panel("perplexity")}
    labels = ["toxicity of continuations", "perplexity on Wikipedia"]
    picture = lines(study.figures / "sparsity.png", panels, "support, % of coordinates", labels)
    few = " **A quick run**: two γ, fewer prompts." if study.quick else ""
    return f"""### Sparsity

Recipe `{study.recipe.name}` with γ, {SET}, {SENTENCES} + {SENTENCES} sentences, λ = 1; {results[0]["key"]["prompts"]} challenging
prompts and {study.seeds} seed(s); mean ± standard deviation.{few}

{table(("γ", "support, %", "toxic, %", "score", "perplexity on Wikipedia"), rows)}

{picture}

**Conclusion.** {_conclusion(means)}
"""


def _conclusion(means: Mapping[float | None, Mapping[str, float]]) -> str:
    plain, dense = means[None], means[0.0]
    fall = plain["score"] - dense["score"]
    kept = {g: m for g, m in means.items() if g and fall > 0 and m["score"] <= plain["score"] - 0.8 * fall}
    fewer = {g: m for g, m in kept.items() if m["support"] < 0.9 * dense["support"]}
    if fewer:
        gamma, m = min(fewer.items(), key=lambda entry: entry[1]["support"])
        found = (
            f"γ = {gamma:g} moves {m['support']:.1%} of the coordinates and keeps at least four fifths of the effect, with a "
            f"Wikipedia perplexity of {m['perplexity']:.1f} against {dense['perplexity']:.1f} without γ (plain "
            f"{plain['perplexity']:.1f})."
        )
    elif fall <= 0:
        found = (
            f"Without γ the map does not make text less toxic here ({plain['score']:.2f} → {dense['score']:.2f}), so there is no "
            "effect that could be kept."
        )
    else:
        found = (
            f"Of the γ tried, none moves clearly fewer coordinates and keeps four fifths of the effect "
            f"({plain['score']:.2f} → {dense['score']:.2f})."
        )
    gamma, m = min(kept.items(), key=lambda entry: entry[1]["perplexity"], default=(0.0, dense))
    if m["perplexity"] >= dense["perplexity"]:
        return found if fall <= 0 else f"{found} Leave γ at 0 where the effect is what counts."
    cost, saved = dense["perplexity"] - plain["perplexity"], dense["perplexity"] - m["perplexity"]
    found = f"{found} The lowest perplexity at that effect has γ = {gamma:g}: it draws all changes a little back, and"
    if cost <= 0:
        return f"{found} lies {saved:.1f} points below the map without γ, which costs no perplexity either."
    if saved >= cost:
        return f"{found} saves all of the {cost:.1f} points of perplexity that the map without γ costs."
    return f"{found} saves {saved:.1f} of the {cost:.1f} points of perplexity that the map without γ costs."
