"""Two concepts at once: one map after the other, against two instructions."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.concepts import presets
from benchmarks.measures import chance_between, judged, listed, median_perplexity, own_strength, spread
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from lineas.data.presets import Preset, load_presets
from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.generation.prompts import Row
from lineas.steering.map import SteeringMap

METHODS = ("lineas", "lin_act", "mean_act", "caa", "prompting")
FEW = ("lineas", "prompting")
SHARE = 0.8
"""Of each map's own strength, since two push together."""
HEARD = 0.5
"""A judge's probability from which on a concept is there."""


def pairs(study: Study) -> list[tuple[Preset, Preset]]:
    """Each of the first two concepts of ``concepts`` with a topic that goes with it."""
    known = {preset.id: preset for preset in load_presets()}
    wanted = [("shakespeare", "food-lover"), ("formal", "food-lover")]
    taught = {preset.id for preset in presets(study)} | {"food-lover"}
    return [(known[a], known[b]) for a, b in wanted if a in taught]


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 32)

    def measure(first: Preset, second: Preset, method: str, seed: int) -> dict[str, Any]:
        judges = [train_judge(preset.source, preset.target, load_minilm()) for preset in (first, second)]
        row = Row()
        if method == "prompting":
            row = Row(system=f"{first.instruction} {second.instruction}")
        elif method != "plain":
            maps, strengths = [], []
            for preset in (first, second):
                steering, _ = study.teach(method, preset.source, preset.target, seed)
                if not isinstance(steering, SteeringMap):
                    raise LineasError(
                        f"What {method} learns is no map, and only maps can be applied one after the other. Leave it out of "
                        "--methods for the suite composition."
                    )
                strengths.append(SHARE * own_strength(study.model, steering, preset.target).strength)
                maps.append(steering.at_strength(strengths[-1]))
            row = Row(maps[0].then(maps[1]), 1.0)
        [said] = judged(study.model, neutral_prompts(study.model), [row], judges, seed, tokens)
        return said

    return [
        Unit(
            study.preset_key(
                a, b, suite="composition", pair=f"{a.id} + {b.id}", method=method, seed=seed, tokens=tokens
            ),
            tokens * 0.1
            + 2
            + (16 + study.seconds(method) if method in ("lineas", "lin_act", "mean_act", "caa") else 0),
            lambda a=a, b=b, method=method, seed=seed: measure(a, b, method, seed),
        )
        for a, b in pairs(study)
        for seed in study.all_seeds
        for method in ("plain", *study.chosen(METHODS, FEW))
    ]


def both(result: Mapping[str, Any]) -> float:
    """Share of answers in which each judge hears its own concept."""
    first, second = result["scores"]
    return statistics.mean(a > HEARD and b > HEARD for a, b in zip(first, second, strict=True))


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for result in results:
        cells.setdefault((result["key"]["pair"], result["key"]["method"]), []).append(result)
    rows = [
        (
            pair, method, spread([100 * both(r) for r in found], 0),
            *(spread([statistics.mean(r["scores"][i]) for r in found], 2) for i in (0, 1)),
            spread([median_perplexity(r["perplexities"]) for r in found], 1), spread([r["distinct_2"] for r in found], 2),
        )
        for (pair, method), found in cells.items()
    ]  # fmt: skip
    total: dict[str, list[float]] = {}
    for (_, method), found in cells.items():
        total.setdefault(method, []).extend(100 * both(r) for r in found)
    few = " **A quick run**: one pair, fewer methods, shorter answers." if study.quick else ""
    head = ("concepts", "method", "both heard, %", "first", "second", "perplexity", "distinct-2")
    means = {method: statistics.mean(values) for method, values in total.items()}
    # the same questions for all seeds, whose answers are alike
    questions = sum(len(cells[pair, "plain"][0]["scores"][0]) for pair, method in cells if method == "plain")
    return f"""### Two concepts at once

Maps one after the other, each at {SHARE:g} of its own strength; prompting says both wishes in one system turn.
{len(neutral_prompts(study.model))} neutral questions in chat, {study.seeds} seed(s).{few} *Both heard*: share of answers in which
each concept's judge gives its own more than one half; *first*, *second*: the judges' means.

{table(head, rows)}

**Conclusion.** {_conclusion(means, 100 * chance_between(means["plain"] / 100, questions))}
"""


def _conclusion(means: Mapping[str, float], clear: float) -> str:
    """
    Args:
        clear: percent of answers more than the plain model's, below which nothing was reached for certain.
    """
    best, *others = sorted((method for method in means if method != "plain"), key=means.__getitem__, reverse=True)
    rest = ", ".join(f"{method} {means[method]:.0f} %" for method in (*others, "plain"))
    if means[best] < means["plain"] + clear:
        found = f"{best} {means[best]:.0f} % of answers; {rest}"
        return f"No method makes both concepts clearly heard ({found}): ask for one at a time."
    level = [method for method in others if means[method] > means[best] - clear]
    said = f"Both concepts are heard most often with {best} ({means[best]:.0f} % of answers; {rest})."
    if level:
        said += f" With so few answers, {listed(level)} may be as good."
    if best == "prompting":
        return f"{said} Where both wishes can be said in words, say them first."
    if means[best] < 50:
        return f"{said} In most answers one drowns the other: expect a mixture to be heard now and then, not always."
    return f"{said} Mixing maps is worth it where both must be heard at once."
