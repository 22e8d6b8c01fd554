"""A run measures what is missing, resumes where it was stopped, and says what it lacks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny import make_model

from benchmarks.__main__ import main
from benchmarks.quality.results import ResultFile, Unit, duration, grouped, run_units
from benchmarks.quality.study import DEFAULT_METHODS, RANDOM_METHODS, REVISIONS, TRAINING_SECONDS, Study
from lineas.methods import METHODS
from lineas.training.launch import Launch
from lineas.training.recipes import RECIPES


def unit(number: int, done: list[int], fail: bool = False) -> Unit:
    def measure() -> dict[str, Any]:
        if fail:
            raise KeyboardInterrupt
        done.append(number)
        return {"value": number * 10}

    return Unit({"suite": "x", "number": number, "recipe": {"steps": 3}}, 60.0, measure)


def test_a_second_run_measures_only_what_is_missing(tmp_path: Path) -> None:
    done: list[int] = []
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run_units(ResultFile(tmp_path, "x"), [unit(1, done), unit(2, done, fail=True)], lines.append)
    assert lines[0] == "x: 2 of 2 units to measure, about 2 min on two idle cores."
    found = run_units(ResultFile(tmp_path, "x"), [unit(1, done), unit(2, done), unit(3, done)], lines.append)
    assert done == [1, 2, 3]
    assert [result["value"] for result in found] == [10, 20, 30]
    assert found[2]["key"]["number"] == 3
    assert "2 of 3 units to measure" in lines[2]
    assert run_units(ResultFile(tmp_path, "x"), [unit(2, done)], lines.append)[0]["value"] == 20
    assert done == [1, 2, 3]


def test_processes_share_the_units_and_lose_no_result(tmp_path: Path) -> None:
    """Each began when the file was empty, and knows nothing of what the other has stored since."""
    units = [unit(number, []) for number in range(5)]
    first, second = ResultFile(tmp_path, "x"), ResultFile(tmp_path, "x")
    assert [r["value"] for r in run_units(first, units, lambda _: None, Launch(0, 2))] == [0, 20, 40]
    assert [r["value"] for r in run_units(second, units, lambda _: None, Launch(1, 2))] == [10, 30]
    stored = ResultFile(tmp_path, "x")
    assert [found["value"] for u in units if (found := stored.get(u))] == [0, 10, 20, 30, 40]


def test_results_of_many_processes_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ResultFile(tmp_path, "x").add(unit(n, []), {"value": n}, 1.0), range(40)))
    assert len(ResultFile(tmp_path, "x")._entries) == 40


def test_another_setting_is_another_unit(tmp_path: Path) -> None:
    one = unit(1, [])
    run_units(ResultFile(tmp_path, "x"), [one], lambda _: None)
    other = replace(one, key={**one.key, "recipe": {"steps": 4}})
    assert ResultFile(tmp_path, "x").get(other) is None
    assert ResultFile(tmp_path, "x").get(one) is not None


def test_a_truncated_line_is_measured_again(tmp_path: Path) -> None:
    done: list[int] = []
    run_units(ResultFile(tmp_path, "x"), [unit(1, done), unit(2, done)], lambda _: None)
    path = tmp_path / "x.jsonl"
    path.write_text(path.read_text()[:-20])
    found = run_units(ResultFile(tmp_path, "x"), [unit(1, done), unit(2, done)], lambda _: None)
    assert done == [1, 2, 2]
    assert [result["value"] for result in found] == [10, 20]
    assert len(ResultFile(tmp_path, "x")._entries) == 2


def test_results_are_grouped_in_order_of_appearance() -> None:
    results = [{"value": i, "key": {"a": a, "b": b}} for i, (a, b) in enumerate([("x", 1), ("y", 1), ("x", 1)])]
    assert {key: [r["value"] for r in found] for key, found in grouped(results, "a").items()} == {
        "x": [0, 2],
        "y": [1],
    }
    assert list(grouped(results, "a", "b")) == [("x", 1), ("y", 1)]


@pytest.mark.parametrize(("seconds", "text"), [(20, "20 s"), (120, "2 min"), (7200, "2.0 h")])
def test_durations_are_rounded(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_baseline_s_result_outlives_another_recipe_of_lineas(study: Study) -> None:
    shorter = replace(study, recipe=replace(study.recipe, steps=3))
    for method in METHODS:
        same = study.base_key(method=method) == shorter.base_key(method=method)
        assert same == (method != "lineas"), method
    assert study.base_key() != shorter.base_key()
    longer = replace(study, recipe=replace(RECIPES["quick"], steps=100))
    assert study.base_key(method="lora") != longer.base_key(method="lora")


def test_a_method_that_changed_is_measured_anew(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {method: study.base_key(method=method) for method in METHODS}
    monkeypatch.setitem(REVISIONS, "caa", 9)
    changed = [method for method in METHODS if study.base_key(method=method) != before[method]]
    assert changed == ["caa"]


def test_every_method_has_an_estimate() -> None:
    assert REVISIONS.keys() < METHODS.keys()
    assert TRAINING_SECONDS.keys() == METHODS.keys()
    assert set(RANDOM_METHODS) < set(METHODS)
    assert "lora_rl" not in DEFAULT_METHODS


# ---- the command line, on a tiny model


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    model = make_model("llama")
    model.network.save_pretrained(tmp_path / "model")
    model.tokenizer.save_pretrained(tmp_path / "model")
    return ["quality", "--model", str(tmp_path / "model"), "--results", str(tmp_path / "results"), "--suite"]


def test_a_quick_run_writes_tables_and_is_not_repeated(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vaderSentiment")
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments, "mood", "--quick"])
    assert main() == 0
    assert "mood: 1 of 1 units to measure" in capsys.readouterr().out
    page = (tmp_path / "results" / "quick.md").read_text()
    assert "<!-- table: mood -->\n\n| strength |" in page
    assert "Written by `python -m benchmarks quality --model" in page
    assert main() == 0
    assert "mood: 0 of 1 units to measure" in capsys.readouterr().out


def test_missing_data_is_reported(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LINEAS_DATA", raising=False)
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments, "men"])
    assert main() == 1
    assert "The suite 'men' needs public data sets: give their folder with --data." in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments, "men", "--data", str(tmp_path / "nowhere")])
    assert main() == 1
    assert "is missing. Give the folder that holds it with --data." in capsys.readouterr().err
