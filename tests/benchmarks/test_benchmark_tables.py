"""Tables replace what stands between their markers, and the README shows the stored results."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import quality, report
from benchmarks.plots import COLORS, plot
from benchmarks.quality.study import Study
from benchmarks.speed import PARTS
from lineas.methods import METHODS
from lineas.training.recipes import RECIPES

README = report.README.read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- table: {name} -->(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"benchmarks/README.md has no table {name}"
    return found[1]


def table_lines(text: str) -> list[str]:
    return sorted(line for line in text.splitlines() if line.startswith("|"))


def test_only_the_text_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Head\n\nwords\n")
    for name, text in (("one", "first"), ("two", "second"), ("one", r"new \1")):
        report.write_tables(name, text, page)
    page.write_text(page.read_text().replace("## two", "## two\n\nprose by hand"))
    report.write_tables("two", "third", page)
    text = page.read_text()
    assert text.startswith("# Head\n\nwords\n")
    assert text.index(r"new \1") < text.index("prose by hand") < text.index("third")
    assert "first" not in text
    assert "second" not in text


def test_a_table_escapes_its_cells() -> None:
    assert report.table(("a", "b"), [("x|y", "1\n2")]) == "| a | b |\n|---|---|\n| x\\|y | 1 2 |"


def test_the_stamp_hides_folders_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "quality", "--data", "/home/me/data", "--quick"])
    assert report.stamp().startswith("Written by `python -m benchmarks quality --data FOLDER --quick` on 2")


def test_a_figure_is_saved_and_shown(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    panel = {"plain": [(1.0, 2.0, 0.0)], "lineas": [(1.0, 2.0, 0.1), (2.0, 3.0, 0.2)], "none": []}
    shown = plot(tmp_path / "figures" / "one.png", {"a": panel, "b": panel}, "x", ["y"])
    assert shown == "![one](figures/one.png)"
    assert (tmp_path / "figures" / "one.png").read_bytes().startswith(b"\x89PNG")


def test_every_method_has_a_color() -> None:
    assert COLORS.keys() == METHODS.keys()


def test_the_readme_has_a_place_for_every_table() -> None:
    for name in (*quality.SUITES, *(f"speed-{part}" for part in PARTS)):
        assert table_lines(block(name))


@pytest.mark.parametrize(
    "name", [name for name in quality.SUITES if name not in ("men", "concepts", "recipes", "paper")]
)
def test_the_readme_shows_the_stored_results(name: str, tmp_path: Path) -> None:
    """Except for suites that take long, that have results of earlier settings, and ``men``, whose maps are not stored."""
    model: Any = None
    study = Study(model, RECIPES["quick"], quality.RESULTS, None, 3, False, tmp_path / "page.md")
    entries = map(json.loads, (quality.RESULTS / f"{name}.jsonl").read_text("utf-8").splitlines())
    results = [{**entry["result"], "key": entry["key"]} for entry in entries]
    assert table_lines(quality.suite_named(name).tables(study, results)) == table_lines(block(name))
