"""What was measured, kept: a line of JSON for each unit of work, found again by everything that it depends on.

A run that is repeated does what is missing and nothing else. Each unit says beforehand how long it should take on two idle
cores, so that a run can tell when it will end; what is done corrects that guess.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineas.files import atomic_write


@dataclass(frozen=True)
class Unit:
    """A piece of work.

    Attributes:
        key: everything that the result depends on, as JSON.
        seconds: that it should take on two idle cores.
        measure: does it; the result is JSON.
    """

    key: Mapping[str, Any]
    seconds: float
    measure: Callable[[], dict[str, Any]]


class Results:
    """The results of one suite, in ``<folder>/<suite>.jsonl``."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.path = folder / f"{suite}.jsonl"
        self._known: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            for line in self.path.read_text("utf-8").split("\n"):
                if entry := _entry(line):
                    self._known[digest(entry["key"])] = entry

    def get(self, unit: Unit) -> dict[str, Any] | None:
        entry = self._known.get(digest(unit.key))
        return None if entry is None else {**entry["result"], "key": entry["key"]}

    def add(self, unit: Unit, result: Mapping[str, Any], seconds: float) -> None:
        """Keeps a result; on disk when it returns."""
        entry = {"key": dict(unit.key), "seconds": round(seconds, 1), "result": result}
        self._known[digest(unit.key)] = entry
        before = self.path.read_bytes() if self.path.exists() else b""
        if before and not before.endswith(b"\n"):  # cut off in the middle of a line
            before += b"\n"
        atomic_write(self.path, before + json.dumps(entry, ensure_ascii=False).encode() + b"\n")


def carry_out(results: Results, units: Sequence[Unit], tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """The results of all units, in order; each has its ``key`` in it. What is known is not done again."""
    missing = [unit for unit in units if results.get(unit) is None]
    name, left = results.path.stem, sum(unit.seconds for unit in missing)
    tell(f"{name}: {len(missing)} of {len(units)} pieces of work to do, about {minutes(left)} on two idle cores.")
    pace, done = 1.0, 0.0
    began = time.perf_counter()
    for number, unit in enumerate(missing, start=1):
        start = time.perf_counter()
        result = unit.measure()
        results.add(unit, result, time.perf_counter() - start)
        done, left = done + unit.seconds, left - unit.seconds
        pace = (time.perf_counter() - began) / done
        about = ", ".join(str(value) for value in unit.key.values() if isinstance(value, str | int | float))
        tell(f"{name}: {number} of {len(missing)} done ({about[:100]}); about {minutes(max(0.0, left) * pace)} left.")
    return [found for unit in units if (found := results.get(unit)) is not None]


def digest(key: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:20]


def minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:  # an empty line, or one that was cut off
        return None
    return entry if isinstance(entry, dict) and {"key", "result"} <= entry.keys() else None
