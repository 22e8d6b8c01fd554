"""``metrics.jsonl``: one line for each step of a run, written as it happens and read however it was left behind."""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lineas.files import atomic_write, writing


@dataclass(frozen=True)
class MetricPoint:
    """One step. Distance and loss as the trainer reports them; elapsed in seconds of this sitting."""

    step: int
    distance: float
    loss: float
    elapsed: float = 0.0


class MetricsFile:
    """Appends steps. A resumed run repeats the steps after its last checkpoint: their old lines are cut away first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def append(self, point: MetricPoint) -> None:
        if self._file is None:
            kept = [old for old in read_metrics(self._path) if old.step < point.step]
            atomic_write(self._path, "".join(map(_line, kept)).encode())
            self._file = self._path.open("a", encoding="utf-8", buffering=1)
        with writing(self._path):
            self._file.write(_line(point))

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk refuses the rest of the last line once more
                self._file.close()
            self._file = None


def read_metrics(path: Path) -> list[MetricPoint]:
    """All whole lines, in order of steps; a line that a crash cut short is left out."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    points = {}
    for line in lines:
        try:
            data = json.loads(line)
            point = MetricPoint(int(data["step"]), *(float(data[key]) for key in ("distance", "loss", "elapsed")))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            continue
        if math.isfinite(point.distance) and math.isfinite(point.loss):
            points[point.step] = point
    return [points[step] for step in sorted(points)]


def thin(points: Sequence[MetricPoint], most: int) -> list[MetricPoint]:
    """At most ``most`` points, evenly spread, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    if most < 2:
        return list(points[-most:]) if most else []
    last = len(points) - 1
    return [points[round(index * last / (most - 1))] for index in range(most)]


def _line(point: MetricPoint) -> str:
    # a loss that blew up is null: NaN is no JSON
    values = {"distance": point.distance, "loss": point.loss, "elapsed": round(point.elapsed, 3)}
    finite = {key: value if math.isfinite(value) else None for key, value in values.items()}
    return json.dumps({"step": point.step, **finite}) + "\n"
