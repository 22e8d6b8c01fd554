"""Each suite: which examples it takes, and what its table shows."""

import math
import random
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

import pytest
from fake_results import answers
from judging import letters
from tiny import make_model

from benchmarks.quality import SUITES, composition, emotions, men, recipes, suite_named, toxicity, truthfulqa
from benchmarks.quality.study import Study, shuffled
from lineas.errors import LineasError
from lineas.evaluation.suites.public_data import EMOTIONS, WordPair


def test_every_suite_has_its_parts() -> None:
    for name in SUITES:
        suite = suite_named(name)
        assert suite.__doc__
        assert callable(suite.units)
        assert callable(suite.tables)


def test_a_smaller_draw_is_part_of_a_larger_one() -> None:
    assert shuffled(range(20), 3)[:5] == shuffled(range(20), 3)[:10][:5]
    assert shuffled(range(20), 3) != shuffled(range(20), 4)


# ---- men


def test_the_words_with_the_most_pairs_are_taken() -> None:
    pairs = [WordPair(a, b, 1.0) for a, b in ("ab", "bc", "ac", "cd", "xe")]
    assert men.densest(pairs, set("abcdex"), 3) == ["a", "b", "c"]


def test_both_sides_of_a_word_have_the_same_origins() -> None:
    sentences = {
        "sea": [(f"the sea {i}", "coco" if i % 2 else "wiki") for i in range(40)],
        "dog": [(f"a dog {i}", "coco" if i < 60 else "wiki") for i in range(120)] + [("a dog by the sea", "coco")],
    }
    source, target = men.examples(sentences, "sea", 1)
    assert len(source) == len(target) == len(set(source)) == men.SENTENCES
    origins = {text: origin for entries in sentences.values() for text, origin in entries}
    assert sorted(origins[text] for text in source) == sorted(origins[text] for text in target)
    assert "a dog by the sea" not in source
    assert men.examples(sentences, "sea", 1) == (source, target) != men.examples(sentences, "sea", 2)


def test_pairs_that_share_a_word_are_not_independent_evidence() -> None:
    words = [f"word{i}" for i in range(12)]
    rng = random.Random(0)
    every = list(combinations(words, 2))
    cosines = {frozenset(two): rng.random() for two in every}
    pairs = [WordPair(*two, cosines[frozenset(two)]) for two in every]
    assert men.mantel(cosines, pairs, words) == (pytest.approx(1.0), pytest.approx(1 / 501))
    # one word is near to all others on both sides: eleven pairs agree, and one word in twelve does so by chance
    near = {frozenset(two): 10.0 * ("word0" in two) + value for two, value in cosines.items()}
    pairs = [WordPair(*two, 10.0 * ("word0" in two) + rng.random()) for two in every]
    correlation, chance = men.mantel(near, pairs, words)
    assert correlation > 2 / math.sqrt(len(pairs))
    assert chance > 0.05


# ---- emotions and composition


def test_the_judge_of_an_emotion_sees_no_training_scenario() -> None:
    scenarios = {name: [f"{name} {i}" for i in range(200)] for name in EMOTIONS}
    (source, target), (other, own) = emotions.split(scenarios, "fear", 0)
    assert len(source) == len(target) == emotions.SENTENCES
    assert not {*source, *target} & {*other, *own}
    assert all(text.startswith("fear") for text in (*target, *own))
    assert {text.split()[0] for text in source} == {text.split()[0] for text in other} == set(EMOTIONS) - {"fear"}


def test_the_table_of_emotions_shows_no_cost_of_prompting(study: Study) -> None:
    results = [
        {**answers(value, 10.0, 1.0), "damage": -0.5, "judge_auc": 0.9, "key": {"emotion": "fear", "method": method}}
        for method, value in {"plain": 0.1, "prompting": 0.9}.items()
    ]
    assert "| fear | prompting | 1 | 0.90 | 10.0 | – | 0.90 |" in emotions.tables(study, results)


@pytest.mark.parametrize("method", ["lora", "lin_act_clamp"])
def test_only_maps_can_be_composed(study: Study, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr("benchmarks.quality.measures.load_minilm", lambda: letters)
    study = replace(study, model=make_model("llama"), recipe=replace(study.recipe, steps=1), methods=(method,))
    unit = next(unit for unit in composition.units(study) if unit.key["method"] == method)
    with pytest.raises(LineasError, match=f"{method} does not train a map"):
        unit.measure()


# ---- toxicity and TruthfulQA


def test_toxicity_is_weighted_as_in_the_data_set() -> None:
    assert math.isclose(sum(toxicity.NATURAL.values()), 1)
    assert toxicity.natural({"share": {"False": 0.1, "True": 0.5}}) == pytest.approx(0.78 * 0.1 + 0.22 * 0.5)


def test_reinforcement_learning_is_rewarded_by_the_tables_own_scorer(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewards: dict[str, Any] = {}

    class Trained(Exception):
        pass

    def train(method: str, *args: Any, **options: Any) -> None:
        rewards[method] = options.get("scorer")
        raise Trained

    monkeypatch.setattr("benchmarks.quality.study.train_with", train)
    monkeypatch.setattr(toxicity, "scorer", lambda study, name: (lambda texts: [0.9 for _ in texts], None))
    for part in ("wikipedia", "load_blimp"):
        monkeypatch.setattr(toxicity, part, lambda *args: [])
    monkeypatch.setattr(toxicity, "prompts", lambda *args: ([], []))
    monkeypatch.setattr(toxicity, "examples", lambda *args: (["bad"] * 4, ["good"] * 4))
    units = toxicity.units(replace(study, methods=("lora_rl", "lora")))
    assert [unit.key["method"] for unit in units].count("lora_rl") == 1, (
        "it takes about as long as all others together"
    )
    for method in ("lora_rl", "lora"):
        with pytest.raises(Trained):
            next(unit for unit in units if unit.key["method"] == method).measure()
    assert rewards["lora"] is None
    assert rewards["lora_rl"](["a text"]) == [pytest.approx(0.1)], "the less toxic, the better"


def test_a_gain_of_mc1_is_paired_by_question(study: Study) -> None:
    def result(method: str, right: int) -> dict[str, Any]:
        scores = [{"mc1": float(i < right), "mc2": 0.4, "mc2_argmax": 0.5} for i in range(20)]
        return {"scores": scores, "perplexity": 40.0, "key": {"method": method, "questions": 20}}

    text = truthfulqa.tables(study, [result("plain", 4), result("lineas", 12), result("caa", 4)])
    assert "| plain | 20.0 | 40.0 | 50.0 | – | 40.0 |" in text
    assert "| lineas | 60.0 | 40.0 | 50.0 | +40.0 (+20.0 to +" in text
    assert "| caa | 20.0 | 40.0 | 50.0 | +0.0 (+0.0 to +0.0) | 40.0 |" in text


# ---- recipes


def test_the_key_of_a_candidate_holds_its_own_recipe(study: Study) -> None:
    found = {unit.key["candidate"]: unit.key["recipe"] for unit in recipes.units(study)}
    assert found.pop("plain") is None
    assert found == {name: asdict(recipe) for name, recipe in recipes.CANDIDATES.items()}


def test_the_table_of_recipes_averages_presets_and_spreads_over_seeds(study: Study) -> None:
    def result(preset: str, seed: int, score: float) -> dict[str, Any]:
        said = [answers(score, 10.0, 1.0)]
        key = {"preset": preset, "candidate": "`quick`", "seed": seed}
        return {"chat": said, "plain": said, "damage": 0.1, "seconds": 3.0, "key": key}

    scores = {("pirate", 0): 0.4, ("cheerful", 0): 0.6, ("pirate", 1): 0.6, ("cheerful", 1): 0.8}
    text = recipes.tables(study, [result(*key, score) for key, score in scores.items()])
    assert "**Development presets**: pirate, cheerful\n" in text
    assert "| `quick` | 2 | 0.600 ± 0.141 | 0.600 ± 0.141 | 0.600 ± 0.141 | 0.10 ± 0.00 | 10.0 ± 0.0 | 3 |" in text
