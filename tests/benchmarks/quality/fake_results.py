"""Results in the form in which suites store them, with the numbers that a test wants."""

from typing import Any

from benchmarks.quality import concepts, paper
from benchmarks.quality.recipes import DEVELOPMENT, HELD_OUT


def answers(
    score: float, perplexity: float, strength: float, judges: int = 1, repetition: float = 0.0
) -> dict[str, Any]:
    """Two answers, of which every judge thinks the same."""
    return {
        "strength": strength, "scores": [[score, score]] * judges, "perplexities": [perplexity, perplexity],
        "distinct_2": 0.9, "repetition": repetition, "example": "",
    }  # fmt: skip


def concept_results(baseline: float) -> list[dict[str, Any]]:
    """The plain model (effect 0.1), LinEAS (0.6) and Lin-AcT (``baseline``) on all presets of ``concepts``."""
    results = []
    for preset in concepts.PRESETS:
        for seed in (0, 1):
            key = {"preset": preset, "seed": seed, "tokens": 48}
            plain = {"best": answers(0.1, 10.0, 0.0), "along": [], "judge_auc": 0.9}
            results.append({**plain, "key": {**key, "method": "plain"}})
            for method, best in (("lineas", 0.6), ("lin_act", baseline)):
                along = [answers(best / 2, 15.0, 0.5), answers(best, 30.0, 1.5)]
                numbers = {"recommended": 1.0, "damage": 0.1, "costs": [0.05, 0.2], "seconds": 3.0}
                result = {"best": answers(best, 20.0, 1.0), "along": along, **numbers}
                results.append({**result, "key": {**key, "method": method}})
    return results


def paper_results(fast: float) -> list[dict[str, Any]]:
    """The paper's recipe has an effect of 0.5 at a perplexity of 20 and a cost of 0.2, and of 0.4 at half of the cost.

    The other recipes have the effect ``fast``, and half of it, at the same perplexities and a tenth of the costs.
    """
    results = []
    others = [(name, fast / 2, fast) for name in ("quick", "thorough", paper.NO_ANCHOR)]
    for preset in (*HELD_OUT, *DEVELOPMENT):
        for name, weak, strong in (("plain", 0.1, 0.1), ("paper", 0.4, 0.5), *others):
            said = {"best": answers(0.1, 10.0, 0.0), "along": []}
            if name != "plain":
                said = {"best": answers(weak, 15.0, 0.5), "along": [answers(strong, 20.0, 1.0)]}
            share = 1.0 if name == "paper" else 0.1
            numbers = {"recommended": 0.5, "damage": 0.1 * share, "costs": [0.2 * share], "seconds": 7.0, "steps": 900}
            key = {"preset": preset, "candidate": name, "seed": 0, "tokens": 40}
            results.append({"chat": said, "plain": said, **numbers, "key": key})
    return results
