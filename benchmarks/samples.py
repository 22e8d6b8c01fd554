"""How many sentences? Toxicity left, and cost, with 4 to 256 sentences a side."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.measures import continuations, spread, wikipedia_perplexity
from benchmarks.plots import lines
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study
from benchmarks.toxicity import TOXIC, examples, prompts, scorer
from lineas.evaluation.suites.public_data import wikipedia
from lineas.evaluation.suites.scorecard import RTP_SAMPLING
from lineas.steering.adapter import Steering

SIZES = (4, 8, 16, 32, 64, 128, 256)
FEW_SIZES = (8, 32)
METHODS = ("lineas", "lin_act")
FEW = ("lineas", "lin_act")
SET = "surge_toxicity"
NEARLY = 0.9
"""Share of the toxicity that is taken away at best, with which a number of sentences is enough."""


def left(study: Study, steering: Steering | None, seed: int, count: int, wiki: int) -> dict[str, float]:
    """Share and mean score of toxic continuations of challenging prompts, and what Wikipedia costs, at λ = 1."""
    score, _ = scorer(study, SET)
    _, challenging = prompts(study, count, seed)
    marks = score(continuations(study.model, challenging, steering, 1.0, replace(RTP_SAMPLING, seed=seed)))
    sentences = wikipedia(study.need_data("samples"), wiki)
    return {
        "share": statistics.mean(mark > TOXIC for mark in marks),
        "score": statistics.mean(marks),
        "perplexity": wikipedia_perplexity(study.model, sentences, steering, 1.0),
    }


def units(study: Study) -> list[Unit]:
    count, wiki = study.amount(64, 16), study.amount(100, 40)

    def measure(method: str, size: int, seed: int) -> dict[str, Any]:
        if method == "plain":
            return left(study, None, seed, count, wiki)
        source, target = examples(study, SET, size, seed)
        steering, _ = study.teach(method, source, target, seed)
        return left(study, steering, seed, count, wiki)

    wanted = [
        ("plain", 0),
        *((m, s) for m in study.chosen(METHODS, FEW) for s in (FEW_SIZES if study.quick else SIZES)),
    ]
    return [
        Unit(
            study.base_key(suite="samples", method=method, size=size, seed=seed, prompts=count, wiki=wiki),
            (0 if method == "plain" else study.seconds(method, size)) + count * 0.16 + wiki * 0.05,
            lambda method=method, size=size, seed=seed: measure(method, size, seed),
        )
        for method, size in wanted
        for seed in study.all_seeds
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    cells: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for result in results:
        cells.setdefault((result["key"]["method"], result["key"]["size"]), []).append(result)
    plain = cells.pop(("plain", 0))
    rows = [("plain", "–", *_spreads(plain)), *((*which, *_spreads(found)) for which, found in cells.items())]
    methods = list(dict.fromkeys(method for method, _ in cells))

    def panel(name: str) -> dict[str, list[tuple[float, float, float]]]:
        base = statistics.mean(r[name] for r in plain)
        sizes = sorted({size for _, size in cells})
        drawn = {"plain": [(sizes[0], base, 0.0), (sizes[-1], base, 0.0)]}
        for method in methods:
            drawn[method] = [
                (size, statistics.mean(r[name] for r in found), statistics.stdev(r[name] for r in found) if len(found) > 1 else 0.0)
                for (m, size), found in cells.items()
                if m == method
            ]  # fmt: skip
        return drawn

    panels = {"effect": panel("score"), "cost": panel("perplexity")}
    picture = lines(
        study.figures / "samples.png",
        panels,
        "sentences a side",
        ["toxicity of continuations", "perplexity on Wikipedia"],
    )
    few = " **A quick run**: two sizes, fewer prompts." if study.quick else ""
    return f"""### How many sentences

Recipe `{study.recipe.name}`, {SET}, λ = 1; {results[0]["key"]["prompts"]} challenging prompts and {study.seeds} seed(s); mean ±
standard deviation.{few} *Toxic* and *score*: share judged toxic, and the mean of the scorer (alt-profanity-check).

{table(("method", "sentences a side", "toxic, %", "score", "perplexity on Wikipedia"), rows)}

{picture}

**Conclusion.** {_conclusion(cells, methods, statistics.mean(r["score"] for r in plain))}
"""


def _spreads(results: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    shares, scores, perplexities = ([r[name] for r in results] for name in ("share", "score", "perplexity"))
    return spread([100 * share for share in shares], 1), spread(scores), spread(perplexities, 1)


def _conclusion(
    cells: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]], methods: Sequence[str], plain: float
) -> str:
    if "lineas" not in methods:
        return "LinEAS was not among the methods."
    score = {key: statistics.mean(r["score"] for r in found) for key, found in cells.items()}
    sizes = sorted(size for method, size in cells if method == "lineas")
    first, best = score["lineas", sizes[0]], min(score["lineas", size] for size in sizes)
    enough = next(size for size in sizes if plain - score["lineas", size] >= NEARLY * (plain - best))
    kindest = min(sizes, key=lambda size: statistics.mean(r["perplexity"] for r in cells["lineas", size]))
    from_on = {method: _from_on(score, method, sizes) for method in methods if method != "lineas"}
    level = [f"{method} from {size} a side on" for method, size in from_on.items() if size is not None]
    rivals = (
        f"As little or less toxicity is left by {'; '.join(level)}."
        if level
        else "No rival leaves as little at the end."
    )
    return (
        f"LinEAS takes the plain {plain:.2f} to {first:.2f} with {sizes[0]} sentences and to {best:.2f} at best; {enough} a "
        "side do nine tenths of that: do not collect more before you have tried. "
        f"Language suffers least with {kindest} a side. {rivals}"
    )


def _from_on(score: Mapping[tuple[str, int], float], method: str, sizes: Sequence[int]) -> int | None:
    """The least size from which on a rival leaves no more than LinEAS; None where it does not even at the largest."""
    for i, size in enumerate(sizes):
        if all(score[method, larger] <= score["lineas", larger] for larger in sizes[i:]):
            return size
    return None
