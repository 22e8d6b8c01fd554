"""What ``quick`` and ``thorough`` are made of: settings beside their neighbours, on concepts that chose and on untouched ones."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks.measures import judged, median_perplexity, own_strength, spread, strength_at_same_cost
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.generation.prompts import Row
from lineas.training.recipes import RECIPES, Recipe

CHOSE, UNTOUCHED = ("pirate", "cheerful", "ocean-lover"), ("poetic", "polite", "scientific")
"""A strong style, a mood and a topic on which settings were chosen; and a style, a manner and a register that had no say."""
QUICK, THOROUGH, PAPER = RECIPES["quick"], RECIPES["thorough"], RECIPES["paper"]
ADAM = replace(QUICK, optimizer="adam", anchor=0.3)
TEN, TWENTY = replace(ADAM, steps=10, learning_rate=2.2e-3), replace(ADAM, steps=20, learning_rate=2e-3)
"""What ``quick`` was before, and before that; neighbours of the latter were searched, too."""
TWENTY_STEPS = "site-adam, 20 steps of 1.4e-3, 16 + 8 sentences"
LARGER = replace(THOROUGH, source_batch=16, anchor_batch=8)
CANDIDATES: Mapping[str, Recipe] = {
    "`quick`": QUICK,
    "`thorough`": THOROUGH,
    "`quick`, all sentences in every step": replace(QUICK, source_batch=0, anchor_batch=0),
    "`quick`, anchor 0.2": replace(QUICK, anchor=0.2),
    "`quick`, no anchor": replace(QUICK, anchor=0.0, anchor_batch=0),
    TWENTY_STEPS: replace(LARGER, steps=20, learning_rate=1.4e-3),
    "site-adam, 40 steps of 1e-3, 16 + 8 sentences": replace(LARGER, steps=40, learning_rate=1e-3),
    "Adam, 5 steps of 4e-3": replace(ADAM, steps=5, learning_rate=4e-3),
    "Adam, 10 steps of 2.2e-3": TEN,
    "Adam, 20 steps of 2e-3": TWENTY,
    "Adam, 40 steps of 1.4e-3": replace(ADAM, steps=40, learning_rate=1.4e-3),
    "Adam, 20 steps, one step size for all sites": replace(TWENTY, by_site=False),
    "Adam, 20 steps, γ of 1e-3": replace(TWENTY, sparsity=1e-3),
    "Adam, 20 steps, no anchor": replace(TWENTY, anchor=0.0, anchor_batch=0),
    "`paper`, 100 of its steps": replace(PAPER, steps=100),
}
FINALISTS = ("plain", "`quick`", "`thorough`", TWENTY_STEPS, "Adam, 10 steps of 2.2e-3")
"""With all seeds; the others have one."""
LONG = ("`paper`, 100 of its steps",)
"""It takes minutes: on untouched concepts only."""
NO_BETTER = ("`quick`, all sentences in every step", TWENTY_STEPS, "site-adam, 40 steps of 1e-3, 16 + 8 sentences")
"""Than ``thorough``, on the concepts that chose: not tried on untouched ones."""
SECONDS = 0.028
"""A sentence of 17 tokens forward and backward, on the default model and two cores."""
TOKENS = 40


def units(study: Study) -> list[Unit]:
    known = {preset.id: preset for preset in load_presets()}
    tokens = study.amount(TOKENS, 24)

    def measure(preset: Preset, recipe: Recipe | None, seed: int) -> dict[str, Any]:
        judge = train_judge(preset.source, preset.target, load_minilm())
        rows, seconds, damage = [Row()], 0.0, 0.0
        if recipe is not None:
            steering, seconds = study.teach("lineas", preset.source, preset.target, seed, recipe)
            best = own_strength(study.model, steering, preset.target)
            damage = best.damage
            rows = [Row(steering, strength_at_same_cost(best)), Row(steering, best.strength)]
        chat, plain = (
            judged(study.model, prompts, rows, [judge], seed, tokens, chat=chat)
            for prompts, chat in ((QUESTIONS, None), (BEGINNINGS, False))
        )
        return {"chat": chat, "plain": plain, "damage": damage, "seconds": seconds}

    concepts = (*CHOSE[: study.amount(3, 1)], *UNTOUCHED[: study.amount(3, 1)])
    return [
        Unit(
            study.preset_key(
                known[concept],
                suite="recipes",
                preset=concept,
                candidate=name,
                recipe=recipe and asdict(recipe),
                seed=seed,
                tokens=tokens,
            ),
            (0 if recipe is None else recipe.steps * (recipe.source_batch or 32) * SECONDS * 1.5 + 10) + tokens * 0.5,
            lambda concept=concept, recipe=recipe, seed=seed: measure(known[concept], recipe, seed),
        )
        for concept in concepts
        for name in _wanted(study)
        for recipe in (CANDIDATES.get(name),)
        if name not in (NO_BETTER if concept in UNTOUCHED else LONG)
        for seed in (study.all_seeds if name in FINALISTS else range(1))
    ]


def _wanted(study: Study) -> Sequence[str]:
    return ("plain", "`quick`", "`thorough`") if study.quick else ("plain", *CANDIDATES)


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for title, concepts in (("Concepts that chose", CHOSE), ("Untouched concepts", UNTOUCHED)):
        own = [result for result in results if result["key"]["preset"] in concepts]
        rows = [_row(name, own) for name in _wanted(study) if _by_seed(name, own)]
        names = ", ".join(concept for concept in concepts if any(r["key"]["preset"] == concept for r in own))
        parts.append(f"#### {title}: {names}\n\n{table(HEAD, rows)}\n")
    few = " **A quick run**: fewer concepts and candidates, shorter answers." if study.quick else ""
    return f"""### Recipes

`quick` ({_described(QUICK)}), `thorough` ({_described(THOROUGH)}), and what was tried for them; all 32 + 32
sentences of a preset; {len(QUESTIONS)} questions in chat and {len(BEGINNINGS)} beginnings of plain text, answers of
{results[0]["key"]["tokens"]} tokens. What takes minutes was done on untouched concepts only, what was no better than `thorough` on
the others only.{few} *Effect*: what an independent judge, trained on the examples, hears of the concept, 0 to 1. *At equal cost*:
at the strength at which Wikipedia sentences cost 0.1 nats a token more; *recommended*: at the strength that losses recommend, and
what Wikipedia sentences cost there, in nats a token. *Perplexity*: median under the plain model, at equal cost. Mean ± standard
deviation over the seeds.

{chr(10).join(parts)}
**Conclusion.** {_conclusion(study, results)}
"""


HEAD = (
    "recipe", "seeds", "effect in chat, at equal cost", "in plain text", "in chat, recommended", "cost, recommended",
    "perplexity in chat", "seconds",
)  # fmt: skip


def _row(name: str, results: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    by_seed = _by_seed(name, results)
    return (
        name,
        str(len(by_seed)),
        spread([_effect(found, "chat", 0) for found in by_seed]),
        spread([_effect(found, "plain", 0) for found in by_seed]),
        *_recommended(by_seed),
        spread(
            [statistics.mean(median_perplexity(r["chat"][0]["perplexities"]) for r in found) for found in by_seed], 1
        ),
        f"{statistics.mean(r['seconds'] for found in by_seed for r in found):.0f}",
    )


def _recommended(by_seed: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[str, str]:
    """Effect in chat at the strength that losses recommend, and what Wikipedia costs there."""
    return (
        spread([_effect(found, "chat", -1) for found in by_seed]),
        spread([statistics.mean(result["damage"] for result in found) for found in by_seed], 2),
    )


def _by_seed(name: str, results: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    own = [result for result in results if result["key"]["candidate"] == name]
    return [[r for r in own if r["key"]["seed"] == seed] for seed in sorted({r["key"]["seed"] for r in own})]


def _effect(results: Sequence[Mapping[str, Any]], form: str, row: int) -> float:
    return statistics.mean(statistics.mean(result[form][row]["scores"][0]) for result in results)


def _conclusion(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    untouched = [result for result in results if result["key"]["preset"] in UNTOUCHED]
    by_seed = {name: found for name in _wanted(study) if (found := _by_seed(name, untouched))}

    def effect(name: str, seeds: int = study.seeds) -> float:
        return statistics.mean(
            _effect(found, form, 0) for found in by_seed[name][:seeds] for form in ("chat", "plain")
        )

    def gained(name: str) -> float:
        """Of what ``quick`` gains with the same seeds."""
        seeds = len(by_seed[name])
        plain = effect("plain", seeds)
        return (effect(name, seeds) - plain) / (effect("`quick`", seeds) - plain)

    seconds = {name: float(_row(name, untouched)[-1]) for name in by_seed}
    others = [name for name in by_seed if name not in ("plain", "`quick`")]
    recommended = {name: _recommended(by_seed[name]) for name in ("`quick`", "`thorough`")}
    advised = [
        f"{name} has an effect of {score} in chat at a cost of {cost} nats"
        for name, (score, cost) in recommended.items()
    ]
    lifts = f"({effect('plain'):.2f} → {effect('`quick`'):.2f}, chat and plain text, all seeds)"
    if effect("`quick`") <= effect("plain"):
        rest = "; ".join(f"{name} {effect(name):.2f}" for name in others)
        return (
            f"On untouched concepts `quick` does not lift the effect at equal cost {lifts}. The others reach: {rest}."
        )
    rest = "; ".join(f"{name} {gained(name):.0%} in {seconds[name]:.0f} s" for name in others)
    return (
        f"On untouched concepts `quick` lifts the effect at equal cost {lifts} in {seconds['`quick`']:.0f} s. "
        f"Of that gain have with the same seeds: {rest}. At the strength that losses recommend, {' and '.join(advised)}."
    )


def _described(recipe: Recipe) -> str:
    return (
        f"{recipe.optimizer}, {recipe.learning_rate:g}, {recipe.steps} steps of {recipe.source_batch} source sentences, "
        f"anchor {recipe.anchor:g} "
        f"on {recipe.anchor_batch} target sentences"
    )
