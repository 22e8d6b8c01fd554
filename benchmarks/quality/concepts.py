"""Three presets by every method: effect at each method's recommended strength, at equal perplexity and at equal cost.

A strength of 1 does not mean the same for two methods, so each is measured along a range of its own, from the plain model to where
the Wikipedia loss rises clearly. Its effect at LinEAS's perplexity is interpolated between the measured strengths.
"""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.plots import Points, plot
from benchmarks.quality.curve import Curve, curve_numbers, effect, gap_at_own_perplexity, perplexity
from benchmarks.quality.measures import NO_COST, judge_answers, percentile_interval, preset_judge, rows_along_range
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import DEFAULT_METHODS, Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.evaluation.effect_at_cost import effect_at_cost
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.generation.prompts import Row

PRESETS = ("shakespeare", "food-lover", "formal")
"""A strong style, a topic and a quiet register, none of which was used to choose a recipe."""
QUICK_METHODS = ("lineas", "lin_act", "mean_act", "caa", "iti_c")


def presets(study: Study) -> list[Preset]:
    """The presets of this run."""
    return presets_named(*PRESETS[: study.amount(len(PRESETS), 1)])


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 32)

    def measure(preset: Preset, method: str, seed: int) -> dict[str, Any]:
        judge = preset_judge(preset)
        prompts = neutral_prompts(study.model)
        rows, numbers = [Row()], {}
        if method != "plain":
            steering, seconds = study.train(method, preset.source, preset.target, seed, instruction=preset.instruction)
            best, rows = rows_along_range(study.model, steering, preset.target)
            numbers = curve_numbers(best, seconds)
        at, *others = judge_answers(study.model, prompts, rows, [judge], seed, tokens)
        return {"best": at, "along": others, **numbers, "judge_auc": judge.auc}

    return [
        Unit(
            study.preset_key(preset, suite="concepts", preset=preset.id, method=method, seed=seed, tokens=tokens),
            3 if method == "plain" else study.seconds(method) / (1 if seed == 0 else 3) + tokens * 0.4 + 10,
            partial(measure, preset, method, seed),
        )
        for preset in presets(study)
        for seed in range(study.seeds)
        for method in ("plain", *study.methods_of(DEFAULT_METHODS, QUICK_METHODS))
    ]


def tables(study: Study, results: Sequence[Result]) -> str:
    parts, panels = [], {}
    for preset in presets(study):
        groups = grouped([result for result in results if result["key"]["preset"] == preset.id], "method")
        plain = groups.pop("plain")
        curves = {method: Curve(found, plain) for method, found in groups.items()}
        auc = statistics.mean(result["judge_auc"] for result in plain)
        parts.append(f"**{preset.name}** (cross-validated AUC of the judge: {auc:.2f})\n\n{_table(curves, plain)}")
        panels[preset.name] = _panel(curves, plain)
    figure = study.figures / "concepts.png"
    return "\n\n".join([plot(figure, panels, "perplexity of the answers", ["effect (judge)"], sort=False), *parts])


def _table(curves: Mapping[str, Curve], plain: Sequence[Result]) -> str:
    head = (
        "method", "strength", "effect", "perplexity", "at LinEAS's perplexity", "at LinEAS's cost", "cost", "distinct-2", "seconds",
    )  # fmt: skip
    base = [result["best"] for result in plain]
    rows = [("plain", "–", f"{effect(base):.2f}", f"{perplexity(base):.1f}", "–", "–", "–", "–", "–")]
    for method, curve in curves.items():
        low, high = percentile_interval([effect(curve.best, draw) for draw in curve.draws])
        row = (
            method,
            f"{curve.strength:.2g}",
            f"{effect(curve.best):.2f} ({low:.2f} to {high:.2f})",
            f"{perplexity(curve.best):.1f}",
            *_beside_lineas(method, curve, curves.get("lineas")),
            "–" if method in NO_COST else f"{curve.cost:.2f}",
            f"{statistics.mean(one['distinct_2'] for one in curve.best):.2f}",
            f"{curve.seconds:.0f}",
        )
        rows.append(row)
    return table(head, rows)


def _beside_lineas(method: str, curve: Curve, lineas: Curve | None) -> tuple[str, str]:
    """The method's effect at LinEAS's perplexity, with LinEAS's lead and its interval, and at LinEAS's cost."""
    if lineas is None:
        return "–", "–"
    reached = effect_at_cost(curve.by_perplexity(), perplexity(lineas.best))
    matched = "–" if reached is None else f"{reached:.2f}"
    if method != "lineas":
        matched += " (LinEAS {:+.2f}: {:+.2f} to {:+.2f})".format(*gap_at_own_perplexity(lineas, curve))
    return matched, "–" if method in NO_COST else f"{curve.effect_at_cost(lineas.cost):.2f}"


def _panel(curves: Mapping[str, Curve], plain: Sequence[Result]) -> dict[str, Points]:
    base = [result["best"] for result in plain]
    panel: dict[str, Points] = {"plain": [(perplexity(base), effect(base), 0.0)]}
    for method, curve in curves.items():
        panel[method] = [(trade.perplexity, trade.effect, 0.0) for trade in curve.by_perplexity()]
    return panel
