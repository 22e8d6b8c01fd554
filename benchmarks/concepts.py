"""Three concepts by every method: the judge's effect at each method's own strength, and at equal perplexity.

λ = 1 does not mean the same for two methods. So each is measured along a range of its own, from the plain model to where Wikipedia
suffers clearly; what it reaches at LinEAS's perplexity lies on the line between its measured points.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.curve import Curve, difference, effect, numbers, perplexity
from benchmarks.measures import NO_DIAL, along, judged, listed, percentile_interval
from benchmarks.plots import lines
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import ALL, Study
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.effect_at_cost import effect_at_cost
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.generation.prompts import Row

PRESETS = ("shakespeare", "food-lover", "formal")
"""A strong style, a topic, a quiet register; no recipe was chosen on them."""
FEW = ("lineas", "lin_act", "mean_act", "caa", "iti_c")
RIVALS = {"lin_act": "Lin-AcT", "mean_act": "Mean-AcT", "caa": "CAA", "iti_c": "ITI-C"}
"""Those that the first conclusion is about, as their papers call them."""
TOKENS = 48


def presets(study: Study) -> list[Preset]:
    known = {preset.id: preset for preset in load_presets()}
    return [known[name] for name in PRESETS[: study.amount(len(PRESETS), 1)]]


def units(study: Study) -> list[Unit]:
    tokens = study.amount(TOKENS, 32)

    def measure(preset: Preset, method: str, seed: int) -> dict[str, Any]:
        judge = train_judge(preset.source, preset.target, load_minilm())
        prompts = neutral_prompts(study.model)
        rows, about = [Row()], {}
        if method != "plain":
            steering, seconds = study.teach(method, preset.source, preset.target, seed, instruction=preset.instruction)
            best, rows = along(study.model, steering, preset.target)
            about = numbers(best, seconds)
        at, *others = judged(study.model, prompts, rows, [judge], seed, tokens)
        return {"best": at, "along": others, **about, "judge_auc": judge.auc}

    return [
        Unit(
            study.preset_key(preset, suite="concepts", preset=preset.id, method=method, seed=seed, tokens=tokens),
            3 if method == "plain" else study.seconds(method) / (1 if seed == 0 else 3) + tokens * 0.4 + 10,
            lambda preset=preset, method=method, seed=seed: measure(preset, method, seed),
        )
        for preset in presets(study)
        for seed in study.all_seeds
        for method in ("plain", *study.chosen(ALL, FEW))
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    parts, panels, verdicts = [], {}, []
    for preset in presets(study):
        own = [result for result in results if result["key"]["preset"] == preset.id]
        by_method: dict[str, list[Mapping[str, Any]]] = {}
        for result in own:
            by_method.setdefault(result["key"]["method"], []).append(result)
        plain = by_method.pop("plain")
        curves = {method: Curve(found, plain) for method, found in by_method.items()}
        parts.append(_preset(preset, curves, plain))
        panels[preset.name] = _panel(curves, plain)
        if "lineas" in curves:
            rivals = {method: curve for method, curve in curves.items() if method != "lineas"}
            verdicts += [
                (preset.name, method, *difference(curves["lineas"], rival)) for method, rival in rivals.items()
            ]
    picture = lines(
        study.figures / "concepts.png", panels, "perplexity of the answers", ["effect (judge)"], order=False
    )
    few = " **A quick run**: one preset, fewer methods, shorter answers." if study.quick else ""
    return f"""### Three concepts by every method

Recipe `{study.recipe.name}`, all 32 + 32 sentences of a preset; {len(neutral_prompts(study.model))} neutral questions in chat,
answers of {results[0]["key"]["tokens"]} tokens, {study.seeds} seed(s).{few} *Effect*: what an independent judge
(sentence embeddings and a logistic regression on the examples) hears of the concept, 0 to 1, at the strength that losses recommend
for the method. *Perplexity*: median over the answers under the plain model. *At LinEAS's perplexity*: the most effect at that
perplexity or a lower one; text that says the same again and again does not count. *At LinEAS's cost*: the same at the cost that
LinEAS has, or less. *Cost*: rise of the Wikipedia loss, nats a token (words before a text have none). *Seconds*: to learn.
Brackets: 95 % intervals by resampling questions, each with the answers of all seeds.

{picture}

{chr(10).join(parts)}
**Conclusion.** {_conclusion(verdicts)}
"""


def _preset(preset: Preset, curves: Mapping[str, Curve], plain: Sequence[Mapping[str, Any]]) -> str:
    base = [result["best"] for result in plain]
    rows = [("plain", "–", f"{effect(base):.2f}", f"{perplexity(base):.1f}", "–", "–", "–", "–", "–")]
    for method, curve in curves.items():
        low, high = percentile_interval([effect(curve.best, chosen) for chosen in curve.draws])
        matched = paid = "–"
        if "lineas" in curves:
            paid = "–" if method in NO_DIAL else f"{curve.effect_for(curves['lineas'].damage):.2f}"
            value = effect_at_cost(curve.trades(), perplexity(curves["lineas"].best))
            matched = "–" if value is None else f"{value:.2f}"
            if method != "lineas":
                mean, lower, upper = difference(curves["lineas"], curve)
                matched += f" (LinEAS {mean:+.2f}: {lower:+.2f} to {upper:+.2f})"
        rows.append(
            (
                method,
                f"{curve.strength:.2g}",
                f"{effect(curve.best):.2f} ({low:.2f} to {high:.2f})",
                f"{perplexity(curve.best):.1f}",
                matched,
                paid,
                "–" if method in NO_DIAL else f"{curve.damage:.2f}",
                f"{curve.word('distinct_2'):.2f}",
                f"{curve.seconds:.0f}",
            )
        )
    head = (
        "method",
        "strength",
        "effect",
        "perplexity",
        "at LinEAS's perplexity",
        "at LinEAS's cost",
        "cost",
        "distinct-2",
        "seconds",
    )
    auc = statistics.mean(result["judge_auc"] for result in plain)
    return f"#### {preset.name} (the judge's cross-validated AUC: {auc:.2f})\n\n{table(head, rows)}\n"


def _conclusion(verdicts: Sequence[tuple[str, str, float, float, float]]) -> str:
    if not verdicts:
        return "LinEAS was not among the methods."
    better = [v for v in verdicts if v[3] > 0]
    worse = [v for v in verdicts if v[4] < 0]
    named = [v for v in verdicts if v[1] in RIVALS]
    who = listed([title for method, title in RIVALS.items() if method in {v[1] for v in named}])
    counts = [(f"than {who}", named)] if named else []
    counts += (
        [("than all methods here" if named else "than the others", verdicts)] if len(verdicts) > len(named) else []
    )
    more = ", and ".join(
        f"{than} in {sum(v[3] > 0 for v in some)} of {len(some)} comparisons" for than, some in counts
    )
    noise = " The rest is within the noise." if len(better) + len(worse) < len(verdicts) else ""
    lost = "; ".join(f"{method} on {preset} ({mean:+.2f})" for preset, method, mean, _, _ in worse) or "none"
    return (
        f"At its own perplexity LinEAS has more effect (95 % interval above 0) {more}. It loses to: {lost}.{noise} Where a rival "
        "wins on a concept like yours, use `lineas compare` on your own sentences before you decide."
    )


def _panel(
    curves: Mapping[str, Curve], plain: Sequence[Mapping[str, Any]]
) -> dict[str, list[tuple[float, float, float]]]:
    base = [result["best"] for result in plain]
    panel = {"plain": [(perplexity(base), effect(base), 0.0)]}
    for method, curve in curves.items():
        panel[method] = [(trade.perplexity, trade.effect, 0.0) for trade in curve.trades()]
    return panel
