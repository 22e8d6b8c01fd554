"""Six emotions from neutral (Zou et al., arXiv 2310.01405): short scenarios that call an emotion up, never its name.

The source side is drawn evenly from the other five emotions, so that it has the same form. The judge of an emotion is trained on
scenarios that no map was taught on.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measures import NO_DIAL, judged, median_perplexity, own_strength, spread
from benchmarks.report import table
from benchmarks.results import Unit
from benchmarks.study import Study, shuffled
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.suites.public_data import EMOTIONS, emotions
from lineas.generation.prompts import Row

METHODS = ("lineas", "lin_act", "caa", "prompting")
FEW = ("lineas", "prompting")
SENTENCES = 32
CLEAR = 0.03
"""Rise of the judge's mean below which nothing was reached."""
INSTRUCTION = "Answer so that your words are full of {emotion}."


def split(
    scenarios: Mapping[str, Sequence[str]], emotion: str, seed: int
) -> tuple[tuple[list[str], list[str]], tuple[list[str], list[str]]]:
    """(source, target) to teach with, and the same to train the judge with; no scenario is in both."""
    order = {name: shuffled(texts, seed) for name, texts in scenarios.items()}
    others = [name for name in EMOTIONS if name != emotion]
    each = -(-SENTENCES // len(others))
    taught = [text for name in others for text in order[name][:each]][:SENTENCES]
    judged_by = [text for name in others for text in order[name][each:][:30]]
    return (taught, order[emotion][:SENTENCES]), (judged_by, order[emotion][SENTENCES:])


def units(study: Study) -> list[Unit]:
    tokens = study.amount(48, 32)

    def measure(emotion: str, method: str, seed: int) -> dict[str, Any]:
        (source, target), held = split(emotions(study.need_data("emotions")), emotion, seed)
        judge = train_judge(*held, load_minilm())
        row, damage = Row(), 0.0
        if method != "plain":
            words = INSTRUCTION.format(emotion=emotion)
            steering, _ = study.teach(method, source, target, seed, instruction=words)
            best = own_strength(study.model, steering, target)
            row, damage = Row(steering, best.strength), best.damage
        [said] = judged(study.model, neutral_prompts(study.model), [row], [judge], seed, tokens)
        return {**said, "damage": damage, "judge_auc": judge.auc}

    return [
        Unit(
            study.preset_key(
                suite="emotions", emotion=emotion, method=method, seed=seed, tokens=tokens, instruction=INSTRUCTION
            ),
            tokens * 0.1 + 3 + (0 if method == "plain" else study.seconds(method) + 8),
            lambda emotion=emotion, method=method, seed=seed: measure(emotion, method, seed),
        )
        for emotion in EMOTIONS[: study.amount(len(EMOTIONS), 1)]
        for seed in study.all_seeds
        for method in ("plain", *study.chosen(METHODS, FEW))
    ]


def section(study: Study, results: Sequence[Mapping[str, Any]]) -> str:
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for result in results:
        cells.setdefault((result["key"]["emotion"], result["key"]["method"]), []).append(result)
    rows, gains = [], {}
    for (emotion, method), found in cells.items():
        before = [statistics.mean(r["scores"][0]) for r in cells[emotion, "plain"]]
        after = [statistics.mean(r["scores"][0]) for r in found]
        if method != "plain":
            gains.setdefault(method, []).append(statistics.mean(after) - statistics.mean(before))
        rows.append(
            (
                emotion,
                method,
                f"{statistics.mean(r['strength'] for r in found):.2g}" if method != "plain" else "–",
                spread(after, 2),
                spread([median_perplexity(r["perplexities"]) for r in found], 1),
                "–" if method in NO_DIAL else spread([r["damage"] for r in found], 2),
                spread([r["distinct_2"] for r in found], 2),
            )
        )
    aucs = [
        statistics.mean(r["judge_auc"] for r in found) for (_, method), found in cells.items() if method == "plain"
    ]
    few = " **A quick run**: one emotion, fewer methods, shorter answers." if study.quick else ""
    means = {method: statistics.mean(values) for method, values in gains.items()}
    costs = {m: statistics.mean(r["damage"] for r in results if r["key"]["method"] == m) for m in means}
    head = ("emotion", "method", "strength", "effect", "perplexity", "cost", "distinct-2")
    return f"""### Emotions

Recipe `{study.recipe.name}`, {SENTENCES} scenarios of the other five emotions → {SENTENCES} of the one, {study.seeds} seed(s),
each at the strength that losses recommend; {len(neutral_prompts(study.model))} neutral questions in chat; mean ± standard
deviation.{few} *Effect*: the mean of a judge that was trained on other scenarios (cross-validated AUC {min(aucs):.2f} to
{max(aucs):.2f}). *Cost*: rise of the Wikipedia loss, nats a token (words before a text have
none).

{table(head, rows)}

**Conclusion.** {_conclusion(means, costs)}
"""


def _conclusion(means: Mapping[str, float], costs: Mapping[str, float]) -> str:
    best, *others = sorted(means, key=means.__getitem__, reverse=True)

    def said(method: str, at: str) -> str:
        return f"{method} {means[method]:+.2f}" + ("" if method in NO_DIAL else f" {at} {costs[method]:+.2f}")

    rest = ", ".join(said(method, "at") for method in others)
    found = "; ".join(filter(None, [said(best, "at a cost of"), rest]))
    if means[best] < CLEAR:
        return f"No method makes the emotions clearly heard ({found}): write sentences that sound like them."
    found = f"On average over the emotions the effect rises most with {best} ({found})."
    if "lineas" not in means:
        return found
    if means["lineas"] < 0.1:
        return f"{found} Scenarios that call an emotion up teach little about talking with it: write sentences that sound like it."
    return f"{found} Scenarios that only call an emotion up are enough to teach it; mind the cost."
