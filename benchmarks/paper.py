"""``quick`` beside the paper's recipe with all of its steps: who has more effect where the text reads as well?

Of the two trainings one takes seconds and the other half an hour. They are compared along their strengths, since λ = 1 does not
mean the same for both, on concepts on which no setting of ``quick`` was chosen.
"""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks.curve import Curve, effect, gap, perplexity
from benchmarks.measures import along, judged, percentile_interval
from benchmarks.plots import lines
from benchmarks.recipe_search import SECONDS, TOKENS, UNTOUCHED
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.evaluation.embeddings import load_minilm
from lineas.evaluation.judge import train_judge
from lineas.evaluation.prompts import BEGINNINGS, QUESTIONS
from lineas.examples.presets import Preset, load_presets
from lineas.generation import Row
from lineas.recipes import RECIPES, Recipe

FORMS: Mapping[str, tuple[Sequence[str], bool | None]] = {"chat": (QUESTIONS, None), "plain": (BEGINNINGS, False)}
TITLES = {"chat": "chat", "plain": "plain text"}
AS_WRITTEN = 1.0
"""The strength that the paper takes."""


def recipes(study: Study) -> dict[str, Recipe]:
    paper = RECIPES["paper"]
    return {"quick": RECIPES["quick"], "paper": replace(paper, steps=study.amount(paper.steps, 30))}


def presets(study: Study) -> list[Preset]:
    known = {preset.id: preset for preset in load_presets()}
    return [known[name] for name in UNTOUCHED[: study.amount(len(UNTOUCHED), 1)]]


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
            costs = [point.wiki_loss - best.curve[0].wiki_loss for point in best.curve[1:]]
            about = {"recommended": best.strength, "damage": best.damage, "costs": costs, "seconds": seconds}
            about["steps"] = json.loads(steering.metadata["metrics"])["steps"]
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


class Beside:
    """The two recipes on one concept, in chat or in plain text."""

    def __init__(self, name: str, form: str, results: Sequence[Mapping[str, Any]]) -> None:
        self.name, self.form = name, form
        plain, quick, paper = (
            [{**r, **r[form]} for r in results if r["key"]["candidate"] == who] for who in ("plain", "quick", "paper")
        )
        self.quick, self.paper = Curve(quick, plain), Curve(paper, plain)

    def points(self) -> dict[str, Any]:
        """Of the paper's recipe: at the strength that the paper takes, and at the one that losses recommend."""
        as_written = next(point for point in self.paper.points[1:] if point[0]["strength"] == AS_WRITTEN)
        return {"1": as_written, "recommended": self.paper.best}


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    both = [
        Beside(preset.name, form, [result for result in results if result["key"]["preset"] == preset.id])
        for form in FORMS
        for preset in presets(study)
    ]
    panels = {f"{b.name}, {TITLES[b.form]}": _panel(b) for b in both}
    picture = lines(study.figures / "paper.png", panels, "perplexity of the answers", ["effect (judge)"], order=False)
    few = " **A quick run**: few of the steps, one concept, shorter answers." if study.quick else ""
    done = [result for result in results if result["key"]["candidate"] == "paper"]
    return f"""### `quick` beside all steps of `paper`

All 32 + 32 sentences of a preset; {len(QUESTIONS)} questions in chat and {len(BEGINNINGS)} beginnings of plain text, answers of
{results[0]["key"]["tokens"]} tokens, {study.seeds} seed(s): dice of the answers, and of `quick`'s training (`paper`'s has none).
`paper` was given {recipes(study)["paper"].steps} steps and did {_from_to([r["steps"] for r in done])}: it ends where nothing
improves any more.{few} *Strength*: that at which `paper` is taken; its *perplexity* is the median over the answers under the
plain model, its *effect* what an independent judge hears, 0 to 1. *`quick` at no more perplexity*: the most effect along its
strengths there, and how far that is above `paper`'s most effect at this perplexity or a lower one. Brackets: 95 % intervals by
resampling prompts, each with the answers of all seeds.

{picture}

{table(HEAD, [row for b in both for row in _rows(b)])}

**Conclusion.** {_conclusion(both, done)}
"""


HEAD = (
    "concept", "strength", "`paper`: perplexity", "`paper`: effect", "plain: effect", "`quick` at no more perplexity",
    "difference",
)  # fmt: skip


def _rows(both: Beside) -> list[tuple[str, ...]]:
    rows = []
    for name, point in both.points().items():
        limit = perplexity(point)
        rows.append(
            (
                f"{both.name}, {TITLES[both.form]}",
                name if name == "1" else f"{name} ({both.paper.strength:.2g})",
                f"{limit:.1f}",
                f"{effect(point):.2f}",
                f"{effect(both.paper.points[0]):.2f}",
                f"{both.quick.effect_within(limit):.2f}",
                _told(*_difference([both], name)),
            )
        )
    return rows


def _difference(several: Sequence[Beside], name: str) -> tuple[float, float, float]:
    """Mean over concepts and forms of ``quick``'s effect minus ``paper``'s at its perplexity; 95 % interval."""

    def mean_gap(chosen: Sequence[int] | None) -> float:
        return statistics.fmean(gap(b.quick, b.paper, b.points()[name], chosen) for b in several)

    return mean_gap(None), *percentile_interval([mean_gap(chosen) for chosen in several[0].quick.draws])


def _told(mean: float, low: float, high: float) -> str:
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"


def _conclusion(both: Sequence[Beside], done: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for name, words in (("1", "of λ = 1"), ("recommended", "of the strength that losses recommend")):
        each = [_difference([b], name) for b in both]
        mean, low, high = _difference(both, name)
        verdict = (
            "more effect than"
            if low > 0
            else "less effect than"
            if high < 0
            else "as much effect (within the noise) as"
        )
        better, worse = sum(found[1] > 0 for found in each), sum(found[2] < 0 for found in each)
        parts.append(
            f"at the perplexity {words} `quick` has {verdict} `paper`: {_told(mean, low, high)} over all, clearly more in {better} "
            f"of {len(each)} comparisons and clearly less in {worse}"
        )
    seconds = statistics.mean(result["seconds"] for result in done)
    quick = statistics.mean(b.quick.seconds for b in both)
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}. A training took {quick:.0f} s by `quick` and {seconds:.0f} s by `paper`."


def _panel(both: Beside) -> dict[str, list[tuple[float, float, float]]]:
    panel = {"plain": [(perplexity(both.quick.points[0]), effect(both.quick.points[0]), 0.0)]}
    for name, curve in (("lineas", both.quick), ("paper", both.paper)):
        panel[name] = [(trade.perplexity, trade.effect, 0.0) for trade in curve.trades()]
    return panel


def _from_to(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low} to {high}"
