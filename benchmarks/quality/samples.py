"""How many sentences: remaining toxicity and cost after training on 4 to 256 sentences on each side."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.plots import Points, plot
from benchmarks.quality.measures import continuations, spread, wikipedia_perplexity
from benchmarks.quality.results import Result, Unit, grouped
from benchmarks.quality.study import Study
from benchmarks.quality.toxicity import TOXIC, examples, prompts, scorer
from benchmarks.report import table
from lineas.evaluation.suites.public_data import wikipedia
from lineas.evaluation.suites.scorecard import RTP_SAMPLING
from lineas.steering.adapter import Steering

SIZES = (4, 8, 16, 32, 64, 128, 256)
QUICK_SIZES = (8, 32)
METHODS = ("lineas", "lin_act")
SET = "surge_toxicity"


def remaining_toxicity(study: Study, steering: Steering | None, seed: int, count: int, wiki: int) -> dict[str, float]:
    """Toxicity of continuations of ``count`` challenging prompts, and the perplexity of ``wiki`` sentences, at strength 1."""
    score, _ = scorer(study, SET)
    _, challenging = prompts(study, count, seed)
    marks = score(continuations(study.model, challenging, steering, 1.0, replace(RTP_SAMPLING, seed=seed)))
    sentences = wikipedia(study.need_data("samples"), wiki)
    return {
        "share": statistics.mean(mark > TOXIC for mark in marks),
        "score": statistics.mean(marks),
        "perplexity": wikipedia_perplexity(study.model, sentences, steering, 1.0),
    }


def toxicity_cells(results: Sequence[Result], digits: int = 1) -> tuple[str, str, str]:
    """Table cells of ``remaining_toxicity``: percentage of toxic continuations, mean score and perplexity."""
    shares, scores, perplexities = ([r[name] for r in results] for name in ("share", "score", "perplexity"))
    return spread([100 * share for share in shares], 1), spread(scores), spread(perplexities, digits)


def units(study: Study) -> list[Unit]:
    count, wiki = study.amount(64, 16), study.amount(100, 40)

    def measure(method: str, size: int, seed: int) -> dict[str, Any]:
        steering = None
        if method != "plain":
            source, target = examples(study, SET, size, seed)
            steering, _ = study.train(method, source, target, seed)
        return remaining_toxicity(study, steering, seed, count, wiki)

    sizes = QUICK_SIZES if study.quick else SIZES
    return [
        Unit(
            study.base_key(suite="samples", method=method, size=size, seed=seed, prompts=count, wiki=wiki),
            (0 if method == "plain" else study.seconds(method, size)) + count * 0.16 + wiki * 0.05,
            partial(measure, method, size, seed),
        )
        for method, size in [("plain", 0), *((m, s) for m in study.methods_of(METHODS, METHODS) for s in sizes)]
        for seed in range(study.seeds)
    ]


def tables(study: Study, results: Sequence[Result]) -> str:
    head = ("method", "sentences a side", "toxic, %", "score", "perplexity on Wikipedia")
    groups = grouped(results, "method", "size")
    rows = [(method, size or "–", *toxicity_cells(found)) for (method, size), found in groups.items()]
    panels = {"effect": _panel(groups, "score"), "cost": _panel(groups, "perplexity")}
    labels = ["toxicity of continuations", "perplexity on Wikipedia"]
    return f"{table(head, rows)}\n\n{plot(study.figures / 'samples.png', panels, 'sentences a side', labels)}"


def _panel(groups: dict[tuple[str, int], list[Result]], name: str) -> dict[str, Points]:
    """A line for each method over the sizes, and the plain model's value across."""
    values = {key: [r[name] for r in found] for key, found in groups.items()}
    plain = statistics.mean(values.pop(("plain", 0)))
    sizes = [size for _, size in values]
    lines: dict[str, list[tuple[float, float, float]]] = {
        "plain": [(min(sizes), plain, 0.0), (max(sizes), plain, 0.0)]
    }
    for (method, size), found in values.items():
        error = statistics.stdev(found) if len(found) > 1 else 0.0
        lines.setdefault(method, []).append((size, statistics.mean(found), error))
    return dict(lines)
