"""What the sections of a benchmark conclude follows from the numbers."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks import composition, concepts, emotions, men, recipe_search, samples, sparsity, toxicity, truthful
from benchmarks.study import Study
from lineas.recipes import RECIPES


class NoModel:
    fingerprint = "none"
    has_chat_template = True


@pytest.fixture
def study(tmp_path: Path) -> Study:
    model: Any = NoModel()
    return Study(model, RECIPES["quick"], tmp_path, tmp_path, 2, False, tmp_path / "page.md")


def answers(score: float, perplexity: float, strength: float, judges: int = 1) -> dict[str, Any]:
    return {
        "strength": strength, "scores": [[score, score]] * judges, "perplexities": [perplexity, perplexity],
        "distinct_2": 0.9, "repetition": 0.0, "example": "",
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


def test_the_conclusion_about_concepts_follows_from_the_numbers(study: Study) -> None:
    pytest.importorskip("matplotlib")
    text = concepts.section(study, concept_results(0.3))
    assert "in 3 of 3 comparisons" in text
    assert "It loses to: none." in text
    assert "| lineas | 1 | 0.60 (0.60 to 0.60) | 20.0 | 0.60 | 0.60 |" in text
    assert "(LinEAS +0.30: +0.30 to +0.30)" in text
    assert (study.figures / "concepts.png").read_bytes().startswith(b"\x89PNG")
    text = concepts.section(study, concept_results(0.9))
    assert "in 0 of 3 comparisons" in text
    assert "lin_act on Formal (-0.30)" in text


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


def test_toxicity_is_weighed_as_in_nature(study: Study) -> None:
    assert toxicity.natural({"share": {"False": 0.1, "True": 0.5}}) == pytest.approx(0.78 * 0.1 + 0.22 * 0.5)
    results = [toxic("plain", 0.4, 40.0), toxic("caa", 0.1, 90.0), toxic("lineas", 0.2, 42.0)]
    text = toxicity.section(study, results)
    assert "at λ = 1 caa leaves the least (10.0 %" in text
    assert "lineas does the most (20.0 %)" in text
    assert "less than 10 points" in text  # 1.96 √(2 · 0.4 · 0.6 / 200)


def test_the_conclusion_about_samples(study: Study) -> None:
    score = {("lineas", 8): 0.3, ("lineas", 32): 0.2, ("lin_act", 8): 0.4, ("lin_act", 32): 0.1}
    results = [
        {
            "share": value,
            "score": value,
            "perplexity": 40.0,
            "key": {"method": method, "size": size, "prompts": 9},
        }
        for (method, size), value in {("plain", 0): 0.5, **score}.items()
    ]
    text = samples.section(study, results)
    assert "32 a side come within a tenth" in text
    assert "lin_act from 32 a side on" in text


def test_the_conclusion_about_sparsity(study: Study) -> None:
    def result(gamma: float | None, support: float, score: float) -> dict[str, Any]:
        key = {"gamma": gamma, "prompts": 9}
        return {"support": support, "share": score, "score": score, "perplexity": 40.0, "key": key}

    dense = [result(None, 0.0, 0.5), result(0.0, 1.0, 0.1)]
    assert "γ = 0.01 moves 5.0% of the coordinates" in sparsity.section(study, [*dense, result(0.01, 0.05, 0.15)])
    assert "none moves clearly fewer" in sparsity.section(study, [*dense, result(0.01, 0.05, 0.45)])


def test_the_conclusion_about_truthfulqa(study: Study) -> None:
    def result(method: str, right: int, perplexity: float) -> dict[str, Any]:
        scores = [{"mc1": float(i < right), "mc2": 0.4, "mc2_argmax": 0.5} for i in range(20)]
        return {"scores": scores, "perplexity": perplexity, "key": {"method": method, "questions": 20}}

    results = [
        result("plain", 4, 40.0),
        result("lineas", 12, 42.0),
        result("iti_c", 5, 41.0),
        result("caa", 20, 900.0),
    ]
    text = truthful.section(study, results)
    assert "The most MC1 is gained by caa (+80.0 (" in text and "perplexity 900 against 40" in text
    assert "15% of Wikipedia perplexity, by lineas (+40.0 (" in text and "; beyond chance by lineas." in text
    assert "| lineas | 60.0 |" in text
    none = truthful.section(study, [result("plain", 4, 40.0), result("lineas", 4, 40.0)])
    assert "+0.0 (+0.0 to +0.0)" in none and "by none of these beyond chance" in none


def test_the_conclusions_about_composition_and_emotions(study: Study) -> None:
    pair = "formal + food-lover"
    said = {"plain": 0.1, "lineas": 0.9, "prompting": 0.2}
    results = [
        {**answers(value, 10.0, 1.0, judges=2), "key": {"pair": pair, "method": m}} for m, value in said.items()
    ]
    text = composition.section(study, results)
    assert "most often with lineas (100 % of answers; prompting 0 %, plain 0 %)" in text
    results = [
        {**answers(value, 10.0, 1.0), "damage": 0.1, "judge_auc": 0.9, "key": {"emotion": "fear", "method": m}}
        for m, value in said.items()
    ]
    text = emotions.section(study, results)
    assert (
        "rises most with lineas (lineas +0.80 at a cost of +0.10; prompting +0.10 at +0.10). Scenarios that only"
        in text
    )


def test_what_was_not_reached_is_not_praised(study: Study) -> None:
    key = {"pair": "formal + food-lover"}
    results = [
        {**answers(0.1, 10.0, 1.0, judges=2), "key": {**key, "method": m}} for m in ("plain", "lineas", "prompting")
    ]
    assert "No method makes both concepts clearly heard" in composition.section(study, results)
    results = [
        {**answers(0.1, 10.0, 1.0), "damage": 0.1, "judge_auc": 0.9, "key": {"emotion": "fear", "method": m}}
        for m in ("plain", "lineas", "caa")
    ]
    assert "No method makes the emotions clearly heard" in emotions.section(study, results)


def test_a_correlation_of_few_pairs_is_none() -> None:
    assert "are more similar" in men.conclusion({0.0: [0.3, 0.25], 0.001: [0.1, 0.1]}, 150)
    assert "is not certain" in men.conclusion({0.0: [0.3]}, 6)
    assert "is not certain" in men.conclusion({0.0: [0.3, 0.05]}, 150)


def test_a_candidate_is_known_by_its_own_recipe(study: Study) -> None:
    found = {unit.key["candidate"]: unit.key["recipe"] for unit in recipe_search.units(study)}
    assert found.pop("plain") is None
    assert found == {name: asdict(recipe) for name, recipe in recipe_search.CANDIDATES.items()}
