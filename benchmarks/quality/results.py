"""Results of units of work, one line of JSON each, found again by everything that they depend on.

A repeated run measures only what is missing. Each unit has an estimate of its duration, which the pace of the run corrects.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from filelock import FileLock

from lineas.files import atomic_write
from lineas.training.launch import Launch

Result = Mapping[str, Any]
"""What a unit measured, and its ``key``."""


@dataclass(frozen=True)
class Unit:
    """A unit of work.

    Attributes:
        key: everything that the result depends on, as JSON.
        seconds: estimated duration on two idle cores.
        measure: does the work and returns its result as JSON.
    """

    key: Mapping[str, Any]
    seconds: float
    measure: Callable[[], dict[str, Any]]


class ResultFile:
    """The results of one suite in ``<folder>/<suite>.jsonl``."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.path = folder / f"{suite}.jsonl"
        self._entries: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            for line in self.path.read_text("utf-8").split("\n"):
                with suppress(ValueError):  # an empty line, or one that was cut off
                    entry = json.loads(line)
                    self._entries[digest(entry["key"])] = entry

    def get(self, unit: Unit) -> Result | None:
        """The unit's stored result, or None."""
        entry = self._entries.get(digest(unit.key))
        return None if entry is None else {**entry["result"], "key": entry["key"]}

    def add(self, unit: Unit, result: Mapping[str, Any], seconds: float) -> None:
        """Store a result; it is on disk when this returns."""
        entry = {"key": dict(unit.key), "seconds": round(seconds, 1), "result": result}
        self._entries[digest(unit.key)] = entry
        with FileLock(self.path.with_name(f".{self.path.stem}.lock")):  # other processes of torchrun write, too
            before = self.path.read_bytes() if self.path.exists() else b""
            if before and not before.endswith(b"\n"):  # a line that was cut off
                before += b"\n"
            atomic_write(self.path, before + json.dumps(entry, ensure_ascii=False).encode() + b"\n")


def run_units(
    results: ResultFile, units: Sequence[Unit], report: Callable[[str], None], launch: Launch | None = None
) -> list[Result]:
    """Measure the units that have no result yet; return the results of all that have one, in order.

    Args:
        report: receives a sentence about the progress after each unit.
        launch: the processes that share the units; this one measures its own.
    """
    # shares of all units, not of the missing ones: other processes may have stored results by now
    units_of_own = launch.share(units) if launch else units
    missing = [unit for unit in units_of_own if results.get(unit) is None]
    name, left = results.path.stem, sum(unit.seconds for unit in missing)
    report(
        f"{name}: {len(missing)} of {len(units_of_own)} units to measure, about {duration(left)} on two idle cores."
    )
    began, done = time.perf_counter(), 0.0
    for number, unit in enumerate(missing, start=1):
        start = time.perf_counter()
        result = unit.measure()
        results.add(unit, result, time.perf_counter() - start)
        done, left = done + unit.seconds, left - unit.seconds
        eta = max(0.0, left) * (time.perf_counter() - began) / done
        what = ", ".join(str(value) for value in unit.key.values() if isinstance(value, str | int | float))
        report(f"{name}: {number} of {len(missing)} done ({what[:100]}); about {duration(eta)} left.")
    return [found for unit in units if (found := results.get(unit)) is not None]


def grouped(results: Sequence[Result], *fields: str) -> dict[Any, list[Result]]:
    """Results by the values of these fields of their keys (a tuple for several fields), in order of appearance."""
    groups: dict[Any, list[Result]] = {}
    for result in results:
        groups.setdefault(itemgetter(*fields)(result["key"]), []).append(result)
    return groups


def digest(key: Mapping[str, Any]) -> str:
    """A short hash of a key, independent of the order of its fields."""
    return hashlib.sha256(json.dumps(key, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:20]


def duration(seconds: float) -> str:
    """A duration in seconds, minutes or hours, rounded."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
