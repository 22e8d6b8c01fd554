"""A short run of the fuzzer: hostile input is used or refused with a sentence, soon and in little memory."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.fuzz.runner import run


@pytest.mark.parametrize(
    ("kind", "count"),
    [("maps", 25), ("archives", 25), ("ggufs", 60), ("examples", 25), ("runs", 40), ("requests", 25)],
)
def test_hostile_input_is_used_or_refused(kind: str, count: int, tmp_path: Path, lineas_home: Path) -> None:
    report = run(kind, import_module(f"tests.fuzz.{kind}").make(tmp_path), seed=1, count=count)
    slow = [fault for fault in report.faults if " took " in fault]  # times are judged by the long run alone
    assert [fault for fault in report.faults if fault not in slow] == []
    assert report.counts["refused"] and report.counts["sound"]


def test_a_fault_is_reported(tmp_path: Path) -> None:
    def fail(draw: object) -> None:
        raise KeyError("a")

    report = run("maps", fail, seed=0, count=3)
    assert report.counts["fault"] == 3 and "KeyError" in report.faults[0]
