"""Every method at its best, by measures that do not favour LinEAS: effect, keeping to the question, fluency and neutral cost.

Each method is measured along a range of strengths that ends where neutral text costs the same for all. Its effect is then read at
limits that no method sets. Concepts that chose a setting of ours are kept apart from those that chose nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from benchmarks.quality.limits import at_cost, at_relevance, effect, interval, kept, mean, ratio_interval, recommended
from benchmarks.quality.measures import preset_judge
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.data.presets import Preset
from lineas.evaluation.metrics.cost import losses_in_context, tokenize_after_context, wiki_sentences
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, answers, neutral_prompts, text_scores
from lineas.evaluation.metrics.relevance import relevance
from lineas.evaluation.metrics.text_statistics import text_statistics
from lineas.evaluation.strength_range import cost_sentences, range_end
from lineas.generation.prompts import Row
from lineas.methods import recipe_for
from lineas.methods.prompting import from_examples
from lineas.models.progress import finish
from lineas.training.recipes import Recipe

PRESETS = ("shakespeare", "food-lover", "formal")
"""Presets, and what was one, that chose no recipe but were looked at in earlier comparisons."""
UNTOUCHED = ("grumpy", "detective", "gardener")
"""Concepts in benchmarks/concepts, written for this suite after everything was chosen."""
SHARES = (1 / 3, 2 / 3, 1.0, 3 / 2)
"""Strengths to measure, as shares of the method's range; what steers only answers keeps to the question beyond its end."""
FEW_SHOT = 8
"""Number of target sentences in the few-shot instruction."""
RELEVANCES = (0.9, 0.75)
"""Shares of the plain answers' relevance at which methods are compared."""
COSTS = (0.1, 0.3)
"""Rises of the loss on neutral text, nats a token, at which methods are compared."""
TIE = 0.02
"""Difference of effects up to which two methods tie."""
TOKENS = 48


FORMER = Recipe("former", "site-adam", 2.8e-3, 5, source_batch=8, anchor=0.45, anchor_batch=4, by_site=True)
"""`quick` of versions before 0.3: affine maps at the norm before each MLP, with a language anchor, on bare sentences."""


@dataclass(frozen=True)
class Contestant:
    """A way to reach a concept.

    Attributes:
        method: that trains what steers; empty for words alone.
        recipe: makes its recipe from the study's.
        sites: where it steers; "default" is the method's own choice.
        said: what the system prompt says: "" for nothing, "instruction", or "examples".
        ours: whether a map of LinEAS is in play.
        once: whether one seed is enough; the seeds of the others also say how sure a mean is.
    """

    method: str = ""
    recipe: Callable[[Recipe], Recipe] = lambda recipe: recipe
    sites: str = "default"
    said: str = ""
    ours: bool = False
    once: bool = False


PLAIN = Contestant()


def _bare(recipe: Recipe) -> Recipe:
    return replace(recipe, as_answer=False)


def _spoken(recipe: Recipe) -> Recipe:
    return replace(recipe, as_answer=True)


CONTESTANTS: Mapping[str, Contestant] = {
    "LinEAS, `quick`": Contestant("lineas", ours=True),
    "instruction + LinEAS, `quick`": Contestant("lineas", said="instruction", ours=True),
    "instruction": Contestant(said="instruction"),
    "instruction with examples": Contestant(said="examples"),
    "CAA": Contestant("caa", _bare),
    "CAA, read as answers": Contestant("caa", _spoken),
    "instruction + CAA, read as answers": Contestant("caa", _spoken, said="instruction"),
    "LinEAS, norms and anchor": Contestant("lineas", lambda _: FORMER, ours=True, once=True),
    "LinEAS, norms, no anchor": Contestant(
        "lineas", lambda _: replace(FORMER, anchor=0.0, anchor_batch=0), ours=True, once=True
    ),
    "CAA site by site, read as answers": Contestant("mean_act", _spoken, "blocks", once=True),
    "Mean-AcT (CAA at the norms)": Contestant("mean_act", _bare, once=True),
    "ITI-C": Contestant("iti_c", _bare, once=True),
    "Lin-AcT": Contestant("lin_act", _bare, once=True),
    "Lin-AcT, attention": Contestant("lin_act", _bare, "attention", once=True),
    "ReFT": Contestant("reft", _bare, once=True),
    "LoRA": Contestant("lora", _bare, once=True),
}


def concepts(study: Study) -> list[Preset]:
    """The concepts of this run, the untouched ones first."""
    return presets_named(*UNTOUCHED, *PRESETS)[: study.amount(len(UNTOUCHED) + len(PRESETS), 1)]


def units(study: Study) -> list[Unit]:
    def measure(concept: Preset, name: str, seed: int) -> dict[str, Any]:
        return measured(study, concept, CONTESTANTS.get(name), seed)

    return [
        Unit(
            {**study.preset_key(concept, suite="straight", concept=concept.id, seed=seed), **_key(study, name)},
            60,
            partial(measure, concept, name, seed),
        )
        for seed in range(study.seeds)
        for once in ((False, True) if seed == 0 else (False,))
        for concept in concepts(study)
        for name in ("plain", *CONTESTANTS)
        if CONTESTANTS.get(name, PLAIN).once == once
    ]


def _key(study: Study, name: str) -> dict[str, Any]:
    """What a result depends on: whoever trains nothing does not depend on a recipe, and a baseline on little of it."""
    contestant = CONTESTANTS.get(name, PLAIN)
    recipe = contestant.recipe(study.recipe) if contestant.method else None
    settings = study.recipe_key(contestant.method, recipe) if recipe else None
    return {"contestant": name, "recipe": settings, "sites": contestant.sites}


def measured(study: Study, concept: Preset, contestant: Contestant | None, seed: int) -> dict[str, Any]:
    """The answers of one contestant at each strength, and what they cost; without a contestant the plain model's."""
    model, prompts, seconds = study.model, neutral_prompts(study.model), 0.0
    rows = [Row()]
    if contestant is not None:
        said = {"instruction": concept.instruction, "examples": _with_examples(study, concept)}.get(contestant.said)
        rows = [Row(system=said)]
        if contestant.method:
            recipe = contestant.recipe(recipe_for(contestant.method, study.recipe))
            steering, seconds = study.train(
                contestant.method, concept.source, concept.target, seed, recipe, sites=contestant.sites
            )
            end = finish(range_end(model, steering, cost_sentences(concept.target)[1]))
            rows = [Row(steering, end * share, said) for share in SHARES]
    sampling = replace(EVAL_SAMPLING, seed=seed, max_new_tokens=TOKENS)
    texts = finish(answers(model, prompts, rows, sampling))
    readings = finish(relevance(model, prompts, texts))
    judge = preset_judge(concept)
    wiki = tokenize_after_context(model, wiki_sentences()[:40])
    plain_cost = float(finish(losses_in_context(model, wiki, Row())).sum())
    points = []
    for row, said_texts, own in zip(rows, texts, readings, strict=True):
        cost = (float(finish(losses_in_context(model, wiki, row)).sum()) - plain_cost) / sum(map(len, wiki))
        points.append(
            {
                "strength": row.strength,
                "scores": [round(value, 4) for value in text_scores(judge, said_texts)],
                "relevances": [round(one.relevance, 4) for one in own],
                "losses": [None if one.loss != one.loss else round(one.loss, 4) for one in own],
                "repetition": text_statistics(said_texts).repetition,
                "cost": round(cost, 4),
                "examples": [text[:300] for text in said_texts[:2]],
            }
        )
    return {"points": points, "seconds": seconds, "judge_auc": judge.auc}


def _with_examples(study: Study, concept: Preset) -> str:
    return f"{concept.instruction} {from_examples(study.model, concept.target[:FEW_SHOT])}"


# ---- tables


def tables(study: Study, results: Sequence[Result]) -> str:
    parts = []
    for title, names in (("Concepts that chose nothing", UNTOUCHED), ("Presets", PRESETS)):
        own = [result for result in results if result["key"]["concept"] in names]
        if own:
            parts.append(
                f"**{title}**: {', '.join(grouped(own, 'concept'))}\n\n{_table(own)}\n\n{_duels(own)}\n\n{_ratios(own)}"
            )
    return "\n\n".join(parts)


def _table(results: Sequence[Result]) -> str:
    head = (
        "method", "seeds", *(f"effect at relevance ≥ {share:.0%}" for share in RELEVANCES),
        *(f"effect at cost ≤ {cost}" for cost in COSTS), "recommended: effect", "relevance", "repetition", "cost", "seconds",
    )  # fmt: skip
    plain = _plain_points(results)
    rows = []
    for name, found in grouped(results, "contestant").items():
        curves = [_curve(result, plain[_unit(result)]) for result in found]
        best = [recommended(points) for points in curves]
        rows.append(
            (
                name,
                len(grouped(found, "seed")),
                *(interval(curves, lambda p, d, at=share: at_relevance(p, at, d)) for share in RELEVANCES),
                *(interval(curves, lambda p, d, at=cost: at_cost(p, at, d)) for cost in COSTS),
                f"{mean([effect(p) for p in best]):.2f}",
                f"{mean([kept(p, c[0]) for p, c in zip(best, curves, strict=True)]):.0%}",
                f"{mean([p['repetition'] for p in best]):.1%}",
                f"{mean([p['cost'] for p in best]):+.2f}",
                f"{mean([result['seconds'] for result in found]):.0f}",
            )
        )
    return table(head, rows)


def _duels(results: Sequence[Result]) -> str:
    """How often each of our ways has more effect than each rival at the lower relevance, over concepts and seeds."""
    plain = _plain_points(results)
    reached = {
        name: {_unit(one): at_relevance(_curve(one, plain[_unit(one)]), RELEVANCES[-1]) for one in found}
        for name, found in grouped(results, "contestant").items()
    }
    ours, rivals = _sides(reached)
    rows = []
    for name in ours:
        cells = []
        for rival in rivals:
            leads = [value - reached[rival][key] for key, value in reached[name].items() if key in reached[rival]]
            won, lost = sum(lead > TIE for lead in leads), sum(lead < -TIE for lead in leads)
            cells.append(f"{won} / {len(leads) - won - lost} / {lost}")
        rows.append((name, *cells))
    head = (f"wins / ties / losses at relevance ≥ {RELEVANCES[-1]:.0%}", *rivals)
    return table(head, rows)


def _ratios(results: Sequence[Result]) -> str:
    """Effect at the lower relevance of each of our ways over that of each rival, in the trainings that both have."""
    plain = _plain_points(results)
    curves = {
        name: {_unit(one): _curve(one, plain[_unit(one)]) for one in found}
        for name, found in grouped(results, "contestant").items()
    }
    ours, rivals = _sides(curves)
    rows = []
    for name in ours:
        cells = []
        for rival in rivals:
            shared = [key for key in curves[name] if key in curves[rival]]
            pair = ([curves[side][key] for key in shared] for side in (name, rival))
            cells.append(ratio_interval(*pair, lambda p, d: at_relevance(p, RELEVANCES[-1], d)) if shared else "–")
        rows.append((name, *cells))
    return table((f"effect at relevance ≥ {RELEVANCES[-1]:.0%}, as a multiple of", *rivals), rows)


def _sides(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Our ways, and the rivals, among these contestants."""
    known = [name for name in names if name in CONTESTANTS]
    return [name for name in known if CONTESTANTS[name].ours], [name for name in known if not CONTESTANTS[name].ours]


def _plain_points(results: Sequence[Result]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The plain model's point by concept and seed."""
    return {_unit(result): result["points"][0] for result in results if _is_plain(result)}


def _unit(result: Result) -> tuple[str, int]:
    return result["key"]["concept"], result["key"]["seed"]


def _is_plain(result: Result) -> bool:
    return bool(result["key"]["contestant"] == "plain")


def _curve(result: Result, plain: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The points of one training in order of strength, from the plain model on."""
    return [plain] if _is_plain(result) else [plain, *result["points"]]
