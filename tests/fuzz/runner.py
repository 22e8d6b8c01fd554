"""Runs cases, and finds those that fail, are slow, or take much memory."""

import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from lineas.errors import LineasError

Case = Callable[[random.Random], None]
"""Makes one hostile input with the generator and uses it; returns if the result is sound, raises LineasError if it was refused."""
SLOWEST = 1.0
"""Most seconds of processor time for a case."""
LONGEST = 60
"""Seconds after which a case hangs."""
MOST_MEMORY = 200_000_000
"""Most bytes by which the peak of the process may grow in a case."""
LONGEST_SENTENCE = 4000


@dataclass
class Report:
    """What came out: counts, and a line for every fault."""

    kind: str
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __str__(self) -> str:
        total = sum(self.counts.values())
        return (
            f"{self.kind:<10}{total:>7,} cases: {self.counts['refused']:,} refused, {self.counts['sound']:,} sound, "
            f"{len(self.faults):,} faults; slowest {self.slowest:.2f} s"
        )


def run(
    kind: str, case: Case, seed: int, first: int = 0, count: int | None = None, seconds: float | None = None
) -> Report:
    """Run cases ``first``, ``first`` + 1 … up to a number or a time. Each has a generator of its own, so it can be repeated."""
    report, began, index = Report(kind), time.monotonic(), first
    while (count is None or index < first + count) and (seconds is None or time.monotonic() - began < seconds):
        memory, cpu = _peak(), time.process_time()
        try:
            with _alarm():
                report.counts[_outcome(case, random.Random(f"{seed} {kind} {index}"))] += 1
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            report.counts["fault"] += 1
            where = "".join(traceback.format_exception(error)[-4:])
            report.faults.append(f"{kind} {index}: {type(error).__name__}: {str(error)[:300]}\n{where}")
        taken = time.process_time() - cpu
        # the first cases import what later ones use
        if index > first + 5 and taken > SLOWEST:
            report.faults.append(f"{kind} {index}: took {taken:.1f} s")
        if index > first + 5 and _peak() - memory > MOST_MEMORY:
            report.faults.append(f"{kind} {index}: took {(_peak() - memory) / 1e6:.0f} MB")
        report.slowest = max(report.slowest, taken if index > first + 5 else 0.0)
        index += 1
    return report


def _outcome(case: Case, draw: random.Random) -> str:
    try:
        case(draw)
    except LineasError as error:
        sentence = str(error)
        assert sentence and len(sentence) < LONGEST_SENTENCE, f"a sentence of {len(sentence)} characters"
        assert "Traceback" not in sentence and "should not" not in sentence, sentence
        sentence.encode()  # can be printed
        return "refused"
    return "sound"


def _peak() -> int:
    """Largest memory of the process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(_: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"hangs at {frame}")

    old = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
