"""``quick`` and ``thorough`` beside the paper's recipe with all of its steps: who does more for the same damage?

Two of these trainings take seconds and the third half an hour. They are compared along their strengths, since λ = 1 does not
mean the same for all, on the concepts that chose the settings and on as many on which none was chosen.
"""

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.curve import Chosen, Curve, Point, effect, numbers, perplexity, with_interval
from benchmarks.measures import along, judged
from benchmarks.recipe_search import CHOSE, SECONDS, TOKENS, UNTOUCHED
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.generation.prompts import Row
from lineas.training.recipes import RECIPES, Recipe

FORMS: Mapping[str, tuple[Sequence[str], bool | None]] = {"chat": (QUESTIONS, None), "plain": (BEGINNINGS, False)}
AS_WRITTEN = 1.0
"""The strength that the paper takes."""
PAPER = "`paper`, λ = 1"
FACTORS = (1.1, 1.25, 1.5)
"""Times the plain model's perplexity, as limits that neither of the two sets."""
NO_ANCHOR = "quick, no anchor"


def recipes(study: Study) -> dict[str, Recipe]:
    paper = RECIPES["paper"]
    bare = replace(RECIPES["quick"], anchor=0.0, anchor_batch=0)  # on the paper's loss
    return {**RECIPES, NO_ANCHOR: bare, "paper": replace(paper, steps=study.amount(paper.steps, 30))}


def presets(study: Study) -> list[Preset]:
    known = {preset.id: preset for preset in load_presets()}
    names = (*UNTOUCHED, *CHOSE)
    return [known[name] for name in names[: study.amount(len(names), 1)]]


def units(study: Study) -> list[Unit]:
    tokens = study.amount(TOKENS, 24)

    def measure(preset: Preset, recipe: Recipe | None, seed: int) -> dict[str, Any]:
        judge = train_judge(preset.source, preset.target, load_minilm())
        rows, about = [Row()], {}
        if recipe is not None:
            # no dice in a training that reads all sentences in every step: one serves all seeds
            steering, seconds = study.teach(
                "lineas", preset.source, preset.target, seed if recipe.source_batch else 0, recipe
            )
            best, rows = along(study.model, steering, preset.target)
            rows.append(Row(steering, AS_WRITTEN))
            about = {**numbers(best, seconds), "steps": json.loads(steering.metadata["metrics"])["steps"]}
        said = {
            form: judged(study.model, prompts, rows, [judge], seed, tokens, chat=chat)
            for form, (prompts, chat) in FORMS.items()
        }
        return {**about, **{form: {"best": at, "along": others} for form, (at, *others) in said.items()}}

    return [
        Unit(
            study.preset_key(
                preset,
                suite="paper",
                preset=preset.id,
                candidate=name,
                recipe=recipe and asdict(recipe),
                seed=seed,
                tokens=tokens,
            ),
            _seconds(recipe, seed) + tokens * 0.8,
            lambda preset=preset, recipe=recipe, seed=seed: measure(preset, recipe, seed),
        )
        for preset in presets(study)
        for name, recipe in {"plain": None, **recipes(study)}.items()
        for seed in study.all_seeds
    ]


def _seconds(recipe: Recipe | None, seed: int) -> float:
    if recipe is None or not (recipe.source_batch or seed == 0):
        return 5.0
    return recipe.steps * (recipe.source_batch or 32) * SECONDS * 2 + 15


@dataclass(frozen=True)
class Limit:
    """Where two recipes are compared: at ``factor`` times the perplexity of these answers, and at this cost."""

    answers: Point
    cost: float
    factor: float = 1.0


class Beside:
    """A recipe and the paper's on one concept, in chat or in plain text."""

    def __init__(self, recipe: str, preset: Preset, form: str, results: Sequence[Mapping[str, Any]]) -> None:
        self.concept, self.form = preset.name, "chat" if form == "chat" else "plain text"
        self.untouched = preset.id in UNTOUCHED
        own = [result for result in results if result["key"]["preset"] == preset.id]
        plain, fast, paper = (
            [{**r, **r[form]} for r in own if r["key"]["candidate"] == who] for who in ("plain", recipe, "paper")
        )
        self.fast, self.paper = Curve(fast, plain), Curve(paper, plain)
        plain_text = self.paper.points[0]
        self.at = {
            **{f"neither, plain × {factor:g}": Limit(plain_text, math.log(factor), factor) for factor in FACTORS},
            PAPER: _as_written(self.paper),
            "`paper`, recommended": Limit(self.paper.best, self.paper.damage),
            "itself, λ = 1": _as_written(self.fast),
            "itself, recommended": Limit(self.fast.best, self.fast.damage),
        }

    def by_answers(self, where: str, chosen: Chosen = None) -> float:
        """How far the recipe's effect is above the paper's, each the most at the perplexity that the answers have there."""
        limit = self.at[where].factor * perplexity(self.at[where].answers, chosen)
        return self.fast.effect_within(limit, chosen) - self.paper.effect_within(limit, chosen)

    def by_wikipedia(self, where: str, chosen: Chosen = None) -> float:
        """The same at the cost there."""
        cost = self.at[where].cost
        return self.fast.effect_for(cost, chosen) - self.paper.effect_for(cost, chosen)


def _as_written(curve: Curve) -> Limit:
    """The answers at the paper's strength, and the cost there, on the line between those that were measured."""
    answers = next(point for point in curve.points[1:] if all(one["strength"] == AS_WRITTEN for one in point))
    costs = sorted((statistics.mean(one["strength"] for one in point), cost) for cost, point in curve.costs[1:])
    cost = np.interp(AS_WRITTEN, [0.0, *(s for s, _ in costs)], [0.0, *(c for _, c in costs)])
    return Limit(answers, float(cost))


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    both = {
        name: tuple(Beside(name, preset, form, results) for form in FORMS for preset in presets(study))
        for name in recipes(study)
        if name != "paper"
    }
    few = " **A quick run**: few of the steps, one concept, shorter answers." if study.quick else ""
    done = [result["steps"] for result in results if result["key"]["candidate"] == "paper"]
    untouched = {name: tuple(one for one in several if one.untouched) for name, several in both.items()}
    each = [_row(name, one) for name, several in both.items() for one in several]
    return f"""### Beside all steps of `paper`

All 32 + 32 sentences of a preset; {len(QUESTIONS)} questions in chat and {len(BEGINNINGS)} beginnings of plain text, answers of
{results[0]["key"]["tokens"]} tokens, {study.seeds} seed(s): dice of the answers, and of trainings (`paper`'s has none).
`paper` was given {recipes(study)["paper"].steps} steps and did {min(done)} to {max(done)}: it ends where nothing improves any
more.{few} *Effect*: what an independent judge hears, 0 to 1. *Perplexity of the answers*: their median under the plain model.
*Cost*: rise of the Wikipedia loss, nats a token. Recipes are compared along their strengths: *at no more perplexity* (or *cost*)
is the most effect that one has there, minus the most that `paper` has. The limit is a multiple of the plain model's perplexity (of
answers, of Wikipedia); or one of the two sets it, which has the luck of its own answers then, at λ = 1, which the paper takes, or
at the strength that losses recommend for it. Brackets: 95 % intervals by resampling prompts, each with the answers of all seeds.

All concepts ({_names(both)}):

{table(OVERALL, _overall(both))}

Of these, those on which no setting was chosen ({_names(untouched)}):

{table(OVERALL, _overall(untouched))}

By concept, the limit set by `paper` at λ = 1:

{table(HEAD, each)}

**Conclusion.** {_conclusion(both, results)}
"""


OVERALL = (
    "recipe", "limit set by", "at no more perplexity of the answers", "clearly more, less", "at no more cost", "clearly more, less",
)  # fmt: skip
HEAD = (
    "recipe", "concept", "plain: effect", "`paper`: effect", "perplexity", "cost", "at no more perplexity", "at no more cost",
)  # fmt: skip


def _names(both: Mapping[str, tuple[Beside, ...]]) -> str:
    return ", ".join(dict.fromkeys(one.concept for several in both.values() for one in several))


def _overall(both: Mapping[str, tuple[Beside, ...]]) -> list[tuple[str, ...]]:
    rows = []
    for name, several in both.items():
        for where in several[0].at:
            cells = []
            for gap in (Beside.by_answers, Beside.by_wikipedia):
                each = [_mean_gap(gap, (one,), where) for one in several]
                more, less = sum(low > 0 for _, low, _ in each), sum(high < 0 for _, _, high in each)
                cells += [_told(_mean_gap(gap, several, where)), f"{more}, {less} of {len(each)}"]
            rows.append((f"`{name}`", where, *cells))
    return rows


def _row(name: str, both: Beside) -> tuple[str, ...]:
    limit = both.at[PAPER]
    return (
        f"`{name}`",
        f"{both.concept}, {both.form}",
        f"{effect(both.paper.points[0]):.2f}",
        f"{effect(limit.answers):.2f}",
        f"{perplexity(limit.answers):.1f}",
        f"{limit.cost:.2f}",
        *(_told(_mean_gap(gap, (both,), PAPER)) for gap in (Beside.by_answers, Beside.by_wikipedia)),
    )


@cache
def _mean_gap(
    gap: Callable[[Beside, str, Chosen], float], several: tuple[Beside, ...], where: str
) -> tuple[float, float, float]:
    """Over concepts and forms, and its 95 % interval; a prompt is drawn for all."""
    return with_interval(
        lambda chosen: statistics.fmean(gap(both, where, chosen) for both in several), several[0].fast.draws
    )


def _told(found: tuple[float, float, float]) -> str:
    return "{:+.2f} ({:+.2f} to {:+.2f})".format(*found)


def _conclusion(both: Mapping[str, tuple[Beside, ...]], results: Sequence[Mapping[str, Any]]) -> str:
    sentences = []
    for name, several in both.items():
        told = []
        for words, gap in (("cost", Beside.by_wikipedia), ("perplexity of the answers", Beside.by_answers)):
            found = [_mean_gap(gap, several, where) for where in several[0].at]
            means = [mean for mean, _, _ in found]
            more, less = sum(low > 0 for _, low, _ in found), sum(high < 0 for _, _, high in found)
            told.append(
                f"at no more {words} more effect than `paper` at {more} of {len(found)} limits and less at {less} "
                f"({min(means):+.2f} to {max(means):+.2f})"
            )
        sentences.append(f"`{name}` has {' and '.join(told)}.")
    seconds = ", ".join(
        f"{statistics.mean(r['seconds'] for r in results if r['key']['candidate'] == name):.0f} s by `{name}`"
        for name in (*both, "paper")
    )
    return f"{' '.join(sentences)} The rest is within the noise. A training took {seconds}."
