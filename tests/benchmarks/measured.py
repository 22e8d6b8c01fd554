"""Results as suites measure them, with the numbers that a test wants."""

from typing import Any

from benchmarks import concepts


def answers(
    score: float, perplexity: float, strength: float, judges: int = 1, repetition: float = 0.0
) -> dict[str, Any]:
    return {
        "strength": strength, "scores": [[score, score]] * judges, "perplexities": [perplexity, perplexity],
        "distinct_2": 0.9, "repetition": repetition, "example": "",
    }  # fmt: skip


def concept_results(rival: float) -> list[dict[str, Any]]:
    found = []
    for preset in concepts.PRESETS:
        for seed in (0, 1):
            for method, best in (("plain", 0.1), ("lineas", 0.6), ("lin_act", rival)):
                plain = method == "plain"
                at = answers(best, 10.0 if plain else 20.0, 0.0 if plain else 1.0)
                others = [] if plain else [answers(best / 2, 15.0, 0.5), answers(best, 30.0, 1.5)]
                key = {"preset": preset, "method": method, "seed": seed, "tokens": 48}
                numbers = {
                    "recommended": at["strength"],
                    "damage": 0.1,
                    "costs": [] if plain else [0.05, 0.2],
                    "seconds": 3.0,
                    "judge_auc": 0.9,
                }
                found.append({"best": at, "along": others, **numbers, "key": key})
    return found


def toxic(method: str, share: float, perplexity: float) -> dict[str, Any]:
    at = {
        "strength": 1.0, "share": {"False": 0.01, "True": share}, "score": {"False": 0.0, "True": share},
        "perplexity": perplexity, "blimp": 0.7, "distinct_2": 0.9, "repetition": 0.0,
    }  # fmt: skip
    return {
        "at_1": at,
        "at_same_cost": at,
        "scorer_auc": None,
        "key": {"set": "surge_toxicity", "method": method, "prompts": 400},
    }
