"""What the other suites of a benchmark conclude follows from the numbers."""

import math
import random
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

import pytest
from judging import letters
from measured import answers, toxic
from tiny import make_model

from benchmarks import composition, emotions, men, recipe_search, samples, sparsity, toxicity, truthful
from benchmarks.study import Study
from lineas.errors import LineasError
from lineas.evaluation.suites.public_data import WordPair


def test_toxicity_is_weighed_as_in_nature(study: Study) -> None:
    assert toxicity.natural({"share": {"False": 0.1, "True": 0.5}}) == pytest.approx(0.78 * 0.1 + 0.22 * 0.5)
    results = [toxic("plain", 0.4, 40.0), toxic("caa", 0.1, 90.0), toxic("lineas", 0.2, 42.0)]
    text = toxicity.section(study, results)
    assert "at λ = 1 caa leaves the least (10.0 %" in text
    assert "lineas does the most (20.0 %)" in text
    assert "less than 10 points" in text  # 1.96 √(2 · 0.4 · 0.6 / 200)


def test_ties_and_a_clean_plain_model_in_toxicity(study: Study) -> None:
    pytest.importorskip("matplotlib")
    results = [
        toxic("plain", 0.0, 40.0), toxic("lineas", 0.0, 41.0), toxic("caa", 0.0, 90.0), toxic("reft", 0.1, 42.0),
    ]  # fmt: skip
    text = toxicity.section(study, results)
    assert "at λ = 1 lineas and caa leave the least (0.0 %, perplexity 41.0 and 90.0 against 40.0)" in text
    assert "lineas does the most (0.0 %)" in text
    assert "less than 2 points" in text
    assert "the share of continuations that is toxic, of 60 of" in text
    text = toxicity.section(study, [toxic("plain", 0.4, 40.0), toxic("lineas", 0.1, 41.0), toxic("caa", 0.1, 42.0)])
    assert "lineas and caa do the most (10.0 %)" in text


def test_the_conclusion_about_samples(study: Study) -> None:
    of_lineas = {("lineas", 8): 0.3, ("lineas", 32): 0.23, ("lineas", 256): 0.2}  # of a plain 0.5
    score = {**of_lineas, ("lin_act", 8): 0.4, ("lin_act", 32): 0.1, ("lin_act", 256): 0.1}
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
    assert "32 a side do nine tenths of that" in text
    assert "lin_act from 32 a side on" in text


def test_the_conclusion_about_sparsity(study: Study) -> None:
    def result(gamma: float | None, support: float, score: float) -> dict[str, Any]:
        key = {"gamma": gamma, "prompts": 9}
        return {"support": support, "share": score, "score": score, "perplexity": 40.0, "key": key}

    dense = [result(None, 0.0, 0.5), result(0.0, 1.0, 0.1)]
    assert "γ = 0.01 moves 5.0% of the coordinates" in sparsity.section(study, [*dense, result(0.01, 0.05, 0.15)])
    assert "none moves clearly fewer" in sparsity.section(study, [*dense, result(0.01, 0.05, 0.45)])


def test_a_map_that_lowers_perplexity_costs_none(study: Study) -> None:
    def conclusion(dense: float, sparse: float, score: float = 0.1) -> str:
        return sparsity._conclusion(
            {
                None: {"support": 0.0, "score": 0.5, "perplexity": 40.0},
                0.0: {"support": 1.0, "score": score, "perplexity": dense},
                1e-3: {"support": 0.99, "score": score, "perplexity": sparse},
            }
        )

    assert "saves 4.0 of the 10.0 points" in conclusion(50.0, 46.0)
    assert "saves all of the 10.0 points" in conclusion(50.0, 39.0)
    assert "lies 2.0 points below the map without γ, which costs no perplexity either." in conclusion(37.0, 35.0)
    assert conclusion(50.0, 46.0, 0.6) == (
        "Without γ the map does not make text less toxic here (0.50 → 0.60), so there is no effect that could be kept."
    )


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
    assert "No method gains MC1: the best is lineas (+0.0 (+0.0 to +0.0) points" in none and "Of those" not in none
    lost = truthful.section(study, [result("plain", 4, 40.0), result("lineas", 3, 40.0), result("caa", 9, 90.0)])
    assert "gained by caa (+25.0" in lost
    assert "None of those that cost at most 15% of Wikipedia perplexity gains any." in lost
    chance = truthful.section(study, [result("plain", 4, 40.0), result("lineas", 5, 40.0)])
    assert "; by none of these beyond chance." in chance


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
    assert "rises most with lineas (lineas +0.80 at a cost of +0.10; prompting +0.10). Scenarios that only" in text


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


def test_one_answer_more_is_not_clear(study: Study) -> None:
    """Of sixteen questions, a difference of one or two may be chance."""

    def result(method: str, heard: int) -> dict[str, Any]:
        scores = [[float(i < heard) for i in range(16)]] * 2
        key = {"pair": "formal + food-lover", "method": method}
        return {**answers(0.0, 10.0, 1.0), "scores": scores, "key": key}

    text = composition.section(study, [result("plain", 1), result("lineas", 3), result("prompting", 0)])
    assert "No method makes both concepts clearly heard (lineas 19 % of answers; prompting 0 %, plain 6 %)" in text
    text = composition.section(study, [result("plain", 1), result("lineas", 12), result("prompting", 10)])
    assert (
        "most often with lineas (75 % of answers; prompting 62 %, plain 6 %). With so few answers, prompting may be"
        in text
    )


@pytest.mark.parametrize("method", ["lora", "lin_act_clamp"])
def test_what_is_no_map_cannot_be_composed(study: Study, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr(composition, "load_minilm", lambda: letters)
    study = replace(study, model=make_model("llama"), recipe=replace(study.recipe, steps=1), methods=(method,))
    unit = next(unit for unit in composition.units(study) if unit.key["method"] == method)
    with pytest.raises(LineasError, match=f"What {method} learns is no map"):
        unit.measure()


def test_emotions_without_lineas(study: Study) -> None:
    results = [
        {**answers(value, 10.0, 1.0), "damage": -0.5, "judge_auc": 0.9, "key": {"emotion": "fear", "method": m}}
        for m, value in {"plain": 0.1, "prompting": 0.9}.items()
    ]
    text = emotions.section(study, results)
    assert text.strip().endswith("the effect rises most with prompting (prompting +0.80).")
    assert "| fear | prompting | 1 | 0.90 | 10.0 | – | 0.90 |" in text


def taught_by(recipe: str, score: float, seed: int = 0) -> dict[str, Any]:
    said = [answers(score, 10.0, 1.0)]
    key = {"preset": "poetic", "candidate": recipe, "seed": seed, "tokens": 40}
    return {"chat": said, "plain": said, "damage": 0.1, "seconds": 3.0, "key": key}


@pytest.mark.parametrize("quick", [0.4, 0.3])
def test_recipes_where_quick_does_nothing(study: Study, quick: float) -> None:
    names = ("plain", *recipe_search.CANDIDATES)
    results = [taught_by(name, {"plain": 0.4, "`quick`": quick}.get(name, 0.5)) for name in names]
    text = recipe_search.section(study, results)
    assert f"does not lift the effect at equal cost (0.40 → {quick:.2f}" in text
    assert "5 steps of 4e-3 0.50;" in text
    assert "%" not in text.split("Conclusion")[1]


def test_a_recipe_with_one_seed_is_held_against_the_same_seed_of_quick(study: Study) -> None:
    seeds = [("plain", 0.4, 0), ("plain", 0.4, 1), ("`quick`", 0.6, 0), ("`quick`", 0.8, 1)]
    both = [("`thorough`", 0.7, 0), ("`thorough`", 0.7, 1), ("Adam, 20 steps of 2e-3", 0.5, 0)]
    text = recipe_search.section(
        replace(study, seeds=2, quick=False), [taught_by(*given) for given in (*seeds, *both)]
    )
    assert "(0.40 → 0.70, chat and plain text, all seeds) in 3 s" in text
    assert "`thorough` 100% in 3 s; Adam, 20 steps of 2e-3 50% in 3 s. At" in text


def test_pairs_that_share_a_word_are_no_independent_evidence() -> None:
    words = [f"word{i}" for i in range(12)]
    draw = random.Random(0)
    every = list(combinations(words, 2))
    cosines = {frozenset(two): draw.random() for two in every}
    pairs = [WordPair(*two, cosines[frozenset(two)]) for two in every]
    assert men.mantel(cosines, pairs, words) == (pytest.approx(1.0), pytest.approx(1 / 501))
    # one word is near to all the others on both sides: eleven pairs agree, and one word in twelve does so by chance
    near = {frozenset(two): 10.0 * ("word0" in two) + value for two, value in cosines.items()}
    pairs = [WordPair(*two, 10.0 * ("word0" in two) + draw.random()) for two in every]
    correlation, chance = men.mantel(near, pairs, words)
    assert correlation > 2 / math.sqrt(len(pairs))
    assert chance > men.CERTAIN


def test_a_correlation_that_chance_reaches_is_none() -> None:
    text = men.conclusion({0.0: [0.3, 0.25], 0.001: [0.1, 0.1]}, {0.0: [0.002, 0.01], 0.001: [0.3, 0.2]})
    assert "are more similar (correlation 0.28 at γ = 0, by chance in 1.0 % of deals)" in text
    assert "is not certain" in men.conclusion({0.0: [0.3]}, {0.0: [0.2]})
    assert "is not certain" in men.conclusion({0.0: [0.3, 0.05]}, {0.0: [0.002, 0.3]})


def test_a_candidate_is_known_by_its_own_recipe(study: Study) -> None:
    found = {unit.key["candidate"]: unit.key["recipe"] for unit in recipe_search.units(study)}
    assert found.pop("plain") is None
    assert found == {name: asdict(recipe) for name, recipe in recipe_search.CANDIDATES.items()}
