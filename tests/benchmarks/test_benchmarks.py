"""The benchmarks' own arithmetic, and that a run goes on where it was stopped."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import spearmanr
from tiny import make_model

from benchmarks import emotions, men, quality, report, toxicity
from benchmarks.__main__ import main
from benchmarks.measures import chance_between, listed, percentile_interval, resamples, spread
from benchmarks.plots import COLORS, lines
from benchmarks.results import Results, Unit, carry_out, minutes
from benchmarks.study import ALL, DRAWN, SECONDS, Study, shuffled
from lineas.evaluation.suites.public_data import EMOTIONS, WordPair
from lineas.methods import METHODS, MIN_TEXT_STEPS
from lineas.training.recipes import RECIPES

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


def test_a_rival_s_result_outlives_another_recipe_of_lineas(tmp_path: Path) -> None:
    quick = Study(make_model("llama"), RECIPES["quick"], tmp_path, None, 1, False, tmp_path / "page.md")
    shorter = replace(quick, recipe=replace(quick.recipe, steps=3))
    for method in METHODS:
        same = quick.base_key(method=method) == shorter.base_key(method=method)
        assert same == (method != "lineas"), method
    assert quick.base_key() != shorter.base_key()
    longer = replace(quick, recipe=replace(quick.recipe, steps=100))
    assert quick.base_key(method="lora") != longer.base_key(method="lora")
    assert (shorter.recipe_of("lora").steps, longer.recipe_of("lora").steps) == (MIN_TEXT_STEPS, 100)


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


def test_a_prompt_is_drawn_with_the_answers_of_all_seeds() -> None:
    for one, three in zip(resamples(5), resamples(5, 3), strict=True):
        assert three == [*one, *(i + 5 for i in one), *(i + 10 for i in one)]


def test_chance_is_that_of_two_shares() -> None:
    assert chance_between(0.4, 10_000) == pytest.approx(1.96 * math.sqrt(2 * 0.4 * 0.6 / 10_000), rel=0.01)
    assert 0.01 < chance_between(0.0, 200) < 0.03
    assert chance_between(1.0, 200) == pytest.approx(chance_between(0.0, 200))


def test_names_in_a_sentence() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_every_method_has_an_estimate() -> None:
    assert SECONDS.keys() == METHODS.keys()
    assert COLORS.keys() == METHODS.keys()
    assert set(DRAWN) < set(METHODS)
    assert "lora_rl" not in ALL


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
