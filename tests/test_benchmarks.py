"""The benchmarks' own arithmetic, and that a run goes on where it was stopped."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import spearmanr
from tiny import make_model

from benchmarks import composition, concepts, emotions, men, quality, report, samples, sparsity, toxicity, truthful
from benchmarks.__main__ import main
from benchmarks.measures import percentile_interval, resamples, spread
from benchmarks.plots import COLORS, lines
from benchmarks.results import Results, Unit, carry_out, minutes
from benchmarks.study import ALL, DRAWN, SECONDS, Study, shuffled
from lineas.evaluation.public_data import EMOTIONS, WordPair
from lineas.methods import METHODS
from lineas.recipes import RECIPES

# ---- results


def unit(number: int, done: list[int], fail: bool = False) -> Unit:
    def measure() -> dict[str, Any]:
        if fail:
            raise KeyboardInterrupt
        done.append(number)
        return {"value": number * 10}

    return Unit({"suite": "x", "number": number, "recipe": {"steps": 3}}, 60.0, measure)


def test_a_second_run_does_what_is_missing(tmp_path: Path) -> None:
    done: list[int] = []
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        carry_out(Results(tmp_path, "x"), [unit(1, done), unit(2, done, fail=True)], said.append)
    assert said[0] == "x: 2 of 2 pieces of work to do, about 2 min on two idle cores."
    found = carry_out(Results(tmp_path, "x"), [unit(1, done), unit(2, done), unit(3, done)], said.append)
    assert done == [1, 2, 3]
    assert [result["value"] for result in found] == [10, 20, 30]
    assert found[2]["key"]["number"] == 3
    assert "2 of 3 pieces of work to do" in said[2]
    assert carry_out(Results(tmp_path, "x"), [unit(2, done)], said.append)[0]["value"] == 20
    assert done == [1, 2, 3]


def test_another_setting_is_other_work(tmp_path: Path) -> None:
    done: list[int] = []
    one = unit(1, done)
    carry_out(Results(tmp_path, "x"), [one], lambda _: None)
    other = replace(one, key={**one.key, "recipe": {"steps": 4}})
    assert Results(tmp_path, "x").get(other) is None
    assert Results(tmp_path, "x").get(one) is not None


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    done: list[int] = []
    carry_out(Results(tmp_path, "x"), [unit(1, done), unit(2, done)], lambda _: None)
    path = tmp_path / "x.jsonl"
    path.write_text(path.read_text()[:-20])
    found = carry_out(Results(tmp_path, "x"), [unit(1, done), unit(2, done)], lambda _: None)
    assert done == [1, 2, 2]
    assert [result["value"] for result in found] == [10, 20]
    assert len(Results(tmp_path, "x")._known) == 2


@pytest.mark.parametrize(("seconds", "words"), [(20, "20 s"), (120, "2 min"), (7200, "2.0 h")])
def test_times_are_told_roughly(seconds: float, words: str) -> None:
    assert minutes(seconds) == words


# ---- arithmetic


def test_a_correlation_of_ranks_is_scipy_s() -> None:
    a, b = [3.0, 1.0, 1.0, 5.0, 4.0, 2.0], [30.0, 10.0, 20.0, 20.0, 50.0, 5.0]
    assert men.spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert men.spearman([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) == 0.0


def test_words_with_the_most_pairs_among_them_are_taken() -> None:
    pairs = [WordPair(a, b, 1.0) for a, b in ("ab", "bc", "ac", "cd", "xe")]
    assert men.densest(pairs, set("abcdex"), 3) == ["a", "b", "c"]


def test_the_source_of_a_word_has_the_target_s_origins() -> None:
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


def test_no_scenario_is_taught_and_judged_with() -> None:
    scenarios = {name: [f"{name} {i}" for i in range(200)] for name in EMOTIONS}
    (source, target), (other, own) = emotions.split(scenarios, "fear", 0)
    assert len(source) == len(target) == emotions.SENTENCES
    assert not {*source, *target} & {*other, *own}
    assert all(text.startswith("fear") for text in (*target, *own))
    assert {text.split()[0] for text in source} == {text.split()[0] for text in other} == set(EMOTIONS) - {"fear"}


def test_fewer_that_are_drawn_are_among_more() -> None:
    assert shuffled(range(20), 3)[:5] == shuffled(range(20), 3)[:10][:5]
    assert shuffled(range(20), 3) != shuffled(range(20), 4)


def test_spread() -> None:
    assert spread([1.0, 3.0], 1) == "2.0 ± 1.4"
    assert spread([0.12345]) == "0.123"


def test_intervals_hold_the_middle() -> None:
    low, high = percentile_interval([float(i) for i in range(1000)])
    assert (low, high) == (25.0, 975.0)
    assert resamples(7) == resamples(7)
    assert {len(chosen) for chosen in resamples(7)} == {7}


def test_every_method_has_an_estimate() -> None:
    assert SECONDS.keys() == METHODS.keys()
    assert COLORS.keys() == METHODS.keys()
    assert set(DRAWN) < set(METHODS)
    assert "lora_rl" not in ALL


# ---- sections: what they conclude follows from the numbers


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


# ---- a whole run, on a tiny model


def test_a_run_measures_writes_and_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vaderSentiment")
    model = make_model("llama")
    model.network.save_pretrained(tmp_path / "model")
    model.tokenizer.save_pretrained(tmp_path / "model")
    results = tmp_path / "results"
    words = ["quality", "--quick", "--suite", "mood", "--model", tmp_path / "model", "--results", results]
    monkeypatch.setattr("sys.argv", ["benchmarks", *map(str, words)])
    assert main() == 0
    out = capsys.readouterr().out
    assert "mood: 1 of 1 pieces of work to do" in out
    page = (results / "quick.md").read_text()
    assert "### A mood" in page
    assert "`python -m benchmarks quality --quick --suite mood --model" in page
    assert main() == 0
    assert "mood: 0 of 1 pieces of work to do" in capsys.readouterr().out


def test_without_data_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model("llama")
    model.network.save_pretrained(tmp_path / "model")
    model.tokenizer.save_pretrained(tmp_path / "model")
    words = ["quality", "--suite", "men", "--model", tmp_path / "model", "--results", tmp_path / "results"]
    monkeypatch.delenv("LINEAS_DATA", raising=False)
    monkeypatch.setattr("sys.argv", ["benchmarks", *map(str, words)])
    assert main() == 1
    assert "The suite 'men' needs public data sets: give their folder with --data." in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["benchmarks", *map(str, words), "--data", str(tmp_path / "nowhere")])
    assert main() == 1
    assert "is missing. Give the folder that holds it with --data." in capsys.readouterr().err


# ---- pages


def test_a_section_is_replaced_and_the_rest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Head\n\nwords\n")
    monkeypatch.setattr("sys.argv", ["benchmarks", "quality", "--data", "/home/me/data", "--quick"])
    report.write_section("one", "first", page)
    report.write_section("two", "second", page)
    report.write_section("one", r"new \1", page)
    text = page.read_text()
    assert text.startswith("# Head\n\nwords\n")
    assert "first" not in text
    assert text.index(r"new \1") < text.index("second")
    assert "`python -m benchmarks quality --data FOLDER --quick`" in text
    assert report.table(("a", "b"), [("x|y", 1)]) == "| a | b |\n|---|---|\n| x\\|y | 1 |"


def test_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    panel = {"plain": [(1.0, 2.0, 0.0)], "lineas": [(1.0, 2.0, 0.1), (2.0, 3.0, 0.2)], "none": []}
    shown = lines(tmp_path / "figures" / "one.png", {"a": panel, "b": panel}, "x", ["y"])
    assert shown == "![one](figures/one.png)"
    assert (tmp_path / "figures" / "one.png").read_bytes().startswith(b"\x89PNG")


def test_every_suite_is_there() -> None:
    for name in quality.SUITES:
        suite = quality._suite(name)
        assert suite.__doc__
        assert callable(suite.units)
        assert callable(suite.section)
    assert math.isclose(sum(toxicity.NATURAL.values()), 1)
    assert json.dumps(list(quality.SUITES))
