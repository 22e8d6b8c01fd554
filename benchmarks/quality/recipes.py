"""The settings of ``quick`` and ``thorough`` beside other settings, on development and on held-out presets."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from benchmarks.quality.measures import (
    judge_answers,
    median_perplexity,
    preset_judge,
    recommended,
    spread,
    strength_at_equal_cost,
)
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.generation.prompts import Row
from lineas.training.recipes import RECIPES, Recipe

DEVELOPMENT, HELD_OUT = ("pirate", "cheerful", "ocean-lover"), ("poetic", "polite", "scientific")
"""Presets on which settings were chosen, and presets on which none was."""
FORMS: Mapping[str, tuple[Sequence[str], bool | None]] = {"chat": (QUESTIONS, None), "plain": (BEGINNINGS, False)}
"""Prompts, and whether to use the chat template; None where the model has one."""
SECONDS_PER_SENTENCE = 0.028
"""Forward and backward pass of a sentence of 17 tokens, on the default model and two cores."""
TOKENS = 40, 24
"""Tokens of an answer, in a whole and in a quick run."""
QUICK, THOROUGH, PAPER = RECIPES["quick"], RECIPES["thorough"], RECIPES["paper"]
ADAM = replace(QUICK, optimizer="adam", anchor=0.3)
TWENTY = replace(ADAM, steps=20, learning_rate=2e-3)
LARGER = replace(THOROUGH, source_batch=16, anchor_batch=8)
CANDIDATES: Mapping[str, Recipe] = {
    "`quick`": QUICK,
    "`thorough`": THOROUGH,
    "`quick`, all sentences in every step": replace(QUICK, source_batch=0, anchor_batch=0),
    "`quick`, anchor 0.2": replace(QUICK, anchor=0.2),
    "`quick`, no anchor": replace(QUICK, anchor=0.0, anchor_batch=0),
    "site-adam, 20 steps of 1.4e-3, 16 + 8 sentences": replace(LARGER, steps=20, learning_rate=1.4e-3),
    "site-adam, 40 steps of 1e-3, 16 + 8 sentences": replace(LARGER, steps=40, learning_rate=1e-3),
    "Adam, 5 steps of 4e-3": replace(ADAM, steps=5, learning_rate=4e-3),
    "Adam, 10 steps of 2.2e-3": replace(ADAM, steps=10, learning_rate=2.2e-3),
    "Adam, 20 steps of 2e-3": TWENTY,
    "Adam, 40 steps of 1.4e-3": replace(ADAM, steps=40, learning_rate=1.4e-3),
    "Adam, 20 steps, one step size for all sites": replace(TWENTY, by_site=False),
    "Adam, 20 steps, γ of 1e-3": replace(TWENTY, sparsity=1e-3),
    "Adam, 20 steps, no anchor": replace(TWENTY, anchor=0.0, anchor_batch=0),
    "`paper`, 100 of its steps": replace(PAPER, steps=100),
}
FINALISTS = (
    "plain", "`quick`", "`thorough`", "site-adam, 20 steps of 1.4e-3, 16 + 8 sentences", "Adam, 10 steps of 2.2e-3",
)  # fmt: skip
"""Candidates that are measured with all seeds; the others have one."""
HELD_OUT_ONLY = ("`paper`, 100 of its steps",)
"""Candidates that take minutes."""
DEVELOPMENT_ONLY = (
    "`quick`, all sentences in every step", "site-adam, 20 steps of 1.4e-3, 16 + 8 sentences",
    "site-adam, 40 steps of 1e-3, 16 + 8 sentences",
)  # fmt: skip
"""Candidates that were no better than ``thorough`` on the development presets."""


def units(study: Study) -> list[Unit]:
    def measure(preset: Preset, recipe: Recipe | None, seed: int) -> dict[str, Any]:
        rows, seconds, damage = [Row()], 0.0, 0.0
        if recipe is not None:
            steering, seconds = study.train("lineas", preset.source, preset.target, seed, recipe)
            best = recommended(study.model, steering, preset.target)
            damage = best.damage
            rows = [Row(steering, strength_at_equal_cost(best)), Row(steering, best.strength)]
        return {**judge_forms(study, preset, rows, seed), "damage": damage, "seconds": seconds}

    number = study.amount(3, 1)
    names = ("plain", "`quick`", "`thorough`") if study.quick else ("plain", *CANDIDATES)
    candidates = [
        (preset, name, CANDIDATES.get(name), seed)
        for presets, skipped in ((DEVELOPMENT, HELD_OUT_ONLY), (HELD_OUT, DEVELOPMENT_ONLY))
        for preset in presets_named(*presets[:number])
        for name in names
        if name not in skipped
        for seed in range(study.seeds if name in FINALISTS else 1)
    ]
    return candidate_units(study, "recipes", candidates, measure)


def candidate_units(
    study: Study,
    suite: str,
    candidates: Iterable[tuple[Preset, str, Recipe | None, int]],
    measure: Callable[[Preset, Recipe | None, int], dict[str, Any]],
) -> list[Unit]:
    """A unit for each preset, candidate and seed; the recipe of the plain model is None."""
    tokens = study.amount(*TOKENS)
    units = []
    for preset, name, recipe, seed in candidates:
        settings = recipe and asdict(recipe)
        key = study.preset_key(
            preset, suite=suite, preset=preset.id, candidate=name, recipe=settings, seed=seed, tokens=tokens
        )
        training = 0.0
        if recipe is not None and (recipe.source_batch or seed == 0):
            training = recipe.steps * (recipe.source_batch or 32) * SECONDS_PER_SENTENCE * 2 + 10
        units.append(Unit(key, training + tokens * 0.6, partial(measure, preset, recipe, seed)))
    return units


def judge_forms(study: Study, preset: Preset, rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Judged answers of every row to questions in chat and to beginnings of plain text."""
    judge, tokens = preset_judge(preset), study.amount(*TOKENS)
    return {
        form: judge_answers(study.model, prompts, rows, [judge], seed, tokens, chat=chat)
        for form, (prompts, chat) in FORMS.items()
    }


def tables(study: Study, results: Sequence[Result]) -> str:
    head = (
        "recipe", "seeds", "effect in chat, at equal cost", "in plain text", "in chat, recommended", "cost, recommended",
        "perplexity in chat", "seconds",
    )  # fmt: skip
    parts = []
    for title, presets in (("Development presets", DEVELOPMENT), ("Held-out presets", HELD_OUT)):
        own = [result for result in results if result["key"]["preset"] in presets]
        rows = [_row(name, found) for name, found in grouped(own, "candidate").items()]
        parts.append(f"**{title}**: {', '.join(grouped(own, 'preset'))}\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    """One candidate; means over the presets, spread over the seeds."""
    seeds = list(grouped(results, "seed").values())

    def effect(form: str, row: int) -> str:
        return spread([statistics.mean(statistics.mean(r[form][row]["scores"][0]) for r in found) for found in seeds])

    perplexities = [statistics.mean(median_perplexity(r["chat"][0]["perplexities"]) for r in found) for found in seeds]
    return (
        name,
        str(len(seeds)),
        effect("chat", 0),
        effect("plain", 0),
        effect("chat", -1),
        spread([statistics.mean(r["damage"] for r in found) for found in seeds], 2),
        spread(perplexities, 1),
        f"{statistics.mean(r['seconds'] for r in results):.0f}",
    )
