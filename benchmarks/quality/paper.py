"""``quick`` and ``thorough`` against all steps of the paper's recipe: which has more effect at the same limit?

The limit is a perplexity of the answers, or a cost on Wikipedia. Recipes are compared along their strengths, because a strength
of 1 does not mean the same for two of them.
"""

import json
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.quality.curve import Curve, Draw, Point, curve_numbers, effect, perplexity, with_interval
from benchmarks.quality.measures import rows_along_range
from benchmarks.quality.recipes import DEVELOPMENT, FORMS, HELD_OUT, candidate_units, judge_forms
from benchmarks.quality.results import Result, Unit
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.generation.prompts import Row
from lineas.training.recipes import RECIPES, Recipe

NO_ANCHOR = "quick, no anchor"
PAPER_LIMIT = "`paper`, λ = 1"
FACTORS = (1.1, 1.25, 1.5)
"""Limits that neither recipe sets, as multiples of the plain model's perplexity."""


def recipes(study: Study) -> dict[str, Recipe]:
    """The recipes to compare, by name; the paper's is the last."""
    paper = RECIPES["paper"]
    no_anchor = replace(RECIPES["quick"], anchor=0.0, anchor_batch=0)  # the paper's own loss
    fast = {name: recipe for name, recipe in RECIPES.items() if name != "paper"}
    return {**fast, NO_ANCHOR: no_anchor, "paper": replace(paper, steps=study.amount(paper.steps, 30))}


def presets(study: Study) -> list[Preset]:
    """The presets of this run, those that chose no setting first."""
    names = (*HELD_OUT, *DEVELOPMENT)
    return presets_named(*names[: study.amount(len(names), 1)])


def units(study: Study) -> list[Unit]:
    def measure(preset: Preset, recipe: Recipe | None, seed: int) -> dict[str, Any]:
        rows, numbers = [Row()], {}
        if recipe is not None:
            # a training that reads all sentences in every step has no randomness, so one serves all seeds
            training_seed = seed if recipe.source_batch else 0
            steering, seconds = study.train("lineas", preset.source, preset.target, training_seed, recipe)
            best, rows = rows_along_range(study.model, steering, preset.target)
            rows.append(Row(steering, 1.0))
            numbers = {**curve_numbers(best, seconds), "steps": json.loads(steering.metadata["metrics"])["steps"]}
        judged = judge_forms(study, preset, rows, seed)
        return {**numbers, **{form: {"best": at, "along": others} for form, (at, *others) in judged.items()}}

    candidates = [
        (preset, name, recipe, seed)
        for preset in presets(study)
        for name, recipe in {"plain": None, **recipes(study)}.items()
        for seed in range(study.seeds)
    ]
    return candidate_units(study, "paper", candidates, measure)


@dataclass(frozen=True)
class Limit:
    """Where two recipes are compared: at ``factor`` times the perplexity of these answers, or at this cost."""

    answers: Point
    cost: float
    factor: float = 1.0


class Comparison:
    """A fast recipe and the paper's on one preset, in chat or in plain text."""

    def __init__(self, recipe: str, preset: Preset, form: str, results: Sequence[Result]) -> None:
        self.preset, self.form = preset, form
        own = [result for result in results if result["key"]["preset"] == preset.id]
        plain, fast, paper = (
            [{**r, **r[form]} for r in own if r["key"]["candidate"] == name] for name in ("plain", recipe, "paper")
        )
        self.fast, self.paper = Curve(fast, plain), Curve(paper, plain)
        self.plain = self.paper.points[0]
        self.limits = {
            **{f"neither, plain × {factor:g}": Limit(self.plain, math.log(factor), factor) for factor in FACTORS},
            PAPER_LIMIT: _limit_at_one(self.paper),
            "`paper`, recommended": Limit(self.paper.best, self.paper.cost),
            "itself, λ = 1": _limit_at_one(self.fast),
            "itself, recommended": Limit(self.fast.best, self.fast.cost),
        }

    def gap_at_perplexity(self, limit: str, draw: Draw = None) -> float:
        """How far the fast recipe's effect is above the paper's, at most at this perplexity of the answers."""
        most = self.limits[limit].factor * perplexity(self.limits[limit].answers, draw)
        return self.fast.effect_at_perplexity(most, draw) - self.paper.effect_at_perplexity(most, draw)

    def gap_at_cost(self, limit: str, draw: Draw = None) -> float:
        """The same at a cost of at most this one."""
        cost = self.limits[limit].cost
        return self.fast.effect_at_cost(cost, draw) - self.paper.effect_at_cost(cost, draw)


def _limit_at_one(curve: Curve) -> Limit:
    """The answers at strength 1, and the cost there, interpolated between the measured strengths."""
    answers = next(point for point in curve.points[1:] if all(one["strength"] == 1.0 for one in point))
    costs = sorted((statistics.mean(one["strength"] for one in point), cost) for cost, point in curve.costs[1:])
    cost = np.interp(1.0, [0.0, *(s for s, _ in costs)], [0.0, *(c for _, c in costs)])
    return Limit(answers, float(cost))


def tables(study: Study, results: Sequence[Result]) -> str:
    overall_head = (
        "recipe", "limit set by", "at no more perplexity of the answers", "clearly more, less", "at no more cost",
        "clearly more, less",
    )  # fmt: skip
    head = (
        "recipe", "concept", "plain: effect", "`paper`: effect", "perplexity", "cost", "at no more perplexity", "at no more cost",
    )  # fmt: skip
    compared = {
        name: tuple(Comparison(name, preset, form, results) for form in FORMS for preset in presets(study))
        for name in recipes(study)
        if name != "paper"
    }
    held_out = {name: tuple(one for one in each if one.preset.id in HELD_OUT) for name, each in compared.items()}
    parts = []
    for title, chosen in (("All presets", compared), ("Held-out presets", held_out)):
        names = dict.fromkeys(one.preset.name for each in chosen.values() for one in each)
        rows = [row for name, each in chosen.items() for row in _overall(name, each)]
        parts.append(f"**{title}**: {', '.join(names)}\n\n{table(overall_head, rows)}")
    rows = [_row(name, one) for name, each in compared.items() for one in each]
    return "\n\n".join([*parts, "**By preset**, the limit set by `paper` at λ = 1", table(head, rows)])


def _overall(name: str, each: tuple[Comparison, ...]) -> list[tuple[str, ...]]:
    """A row for each limit: the mean gap over presets and forms, and in how many of them it is clearly above or below 0."""
    rows = []
    for limit in each[0].limits:
        cells = []
        for gap in (Comparison.gap_at_perplexity, Comparison.gap_at_cost):
            alone = [_mean_gap(gap, (one,), limit) for one in each]
            more, less = sum(low > 0 for _, low, _ in alone), sum(high < 0 for _, _, high in alone)
            cells += [_cell(_mean_gap(gap, each, limit)), f"{more}, {less} of {len(each)}"]
        rows.append((f"`{name}`", limit, *cells))
    return rows


def _row(name: str, one: Comparison) -> tuple[str, ...]:
    limit = one.limits[PAPER_LIMIT]
    return (
        f"`{name}`",
        f"{one.preset.name}, {'chat' if one.form == 'chat' else 'plain text'}",
        f"{effect(one.plain):.2f}",
        f"{effect(limit.answers):.2f}",
        f"{perplexity(limit.answers):.1f}",
        f"{limit.cost:.2f}",
        _cell(_mean_gap(Comparison.gap_at_perplexity, (one,), PAPER_LIMIT)),
        _cell(_mean_gap(Comparison.gap_at_cost, (one,), PAPER_LIMIT)),
    )


@cache
def _mean_gap(
    gap: Callable[[Comparison, str, Draw], float], each: tuple[Comparison, ...], limit: str
) -> tuple[float, float, float]:
    """The mean gap, and its 95 % interval; a resampled prompt is the same in all comparisons."""
    return with_interval(lambda draw: statistics.fmean(gap(one, limit, draw) for one in each), each[0].fast.draws)


def _cell(found: tuple[float, float, float]) -> str:
    return "{:+.2f} ({:+.2f} to {:+.2f})".format(*found)
