"""The text files of a run: sentences, metrics and previews, readable even if a crash cut them short."""

import json
import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from lineas.files import append, atomic_write, writing

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escape: character for character, escape in _ESCAPES.items()}


def write_sentences(path: Path, sentences: Sequence[str]) -> None:
    """Write one sentence per line. A line break in a sentence (a verse, say) becomes ``\\n``."""
    lines = [re.sub(r"[\\\n\r]", lambda match: _ESCAPES[match[0]], sentence) for sentence in sentences]
    # surrogatepass: even half an emoji comes back as the page sent it
    atomic_write(path, "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))


def read_sentences(path: Path) -> list[str]:
    """Read what ``write_sentences`` wrote; it may raise OSError and UnicodeError."""
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    return [re.sub(r"\\[\\nr]", lambda match: _UNESCAPES[match[0]], line) for line in text.split("\n")[:-1]]


@dataclass(frozen=True)
class MetricPoint:
    """Distance and loss of one step as the trainer reports them, and the seconds since training was started or resumed."""

    step: int
    distance: float
    loss: float
    elapsed: float = 0.0

    def to_line(self) -> str:
        """Format as a line of JSON; a loss that is not finite becomes null, since NaN is no JSON."""
        values = {"distance": self.distance, "loss": self.loss, "elapsed": round(self.elapsed, 3)}
        finite = {key: value if math.isfinite(value) else None for key, value in values.items()}
        return json.dumps({"step": self.step, **finite}) + "\n"


class MetricsFile:
    """Appends points to a file, which stays open.

    A resumed run repeats the steps after its last checkpoint, so the first point removes the old lines of its step and later ones.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def append(self, point: MetricPoint) -> None:
        if self._file is None:
            kept = [old for old in read_metrics(self._path) if old.step < point.step]
            atomic_write(self._path, "".join(old.to_line() for old in kept))
            self._file = self._path.open("a", encoding="utf-8", buffering=1)
        with writing(self._path):
            self._file.write(point.to_line())

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk refuses the rest of the last line once more
                self._file.close()
            self._file = None


def read_metrics(path: Path) -> list[MetricPoint]:
    """Read all finite points, in order of steps."""

    def parse(data: Any) -> MetricPoint:
        point = MetricPoint(int(data["step"]), *(float(data[key]) for key in ("distance", "loss", "elapsed")))
        if not (math.isfinite(point.distance) and math.isfinite(point.loss)):
            raise ValueError("not finite")
        return point

    return _read_lines(path, parse)


def thin(points: Sequence[MetricPoint], most: int) -> list[MetricPoint]:
    """Choose at most ``most`` points, evenly spread, with the first and the last one."""
    if len(points) <= most:
        return list(points)
    if most < 2:
        return list(points[-most:]) if most else []
    last = len(points) - 1
    return [points[round(index * last / (most - 1))] for index in range(most)]


@dataclass(frozen=True)
class Preview:
    """The model's answer after ``step`` steps; step 0 is the plain model's."""

    step: int
    text: str


def append_preview(path: Path, preview: Preview) -> None:
    """Add a preview to its file."""
    with writing(path):
        append(path, json.dumps(asdict(preview), ensure_ascii=False) + "\n")


def read_previews(path: Path) -> list[Preview]:
    """Read all previews, in order of steps; of two for one step (after a resumption) the later one counts."""
    return _read_lines(path, lambda data: Preview(int(data["step"]), str(data["text"])))


Line = TypeVar("Line", MetricPoint, Preview)


def _read_lines(path: Path, parse: Callable[[Any], Line]) -> list[Line]:
    """Parse each line of JSON, leaving out damaged ones, and sort them by step."""
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return []
    found = {}
    for line in lines:
        with suppress(ValueError, TypeError, KeyError, OverflowError, RecursionError):
            parsed = parse(json.loads(line))
            found[parsed.step] = parsed
    return [found[step] for step in sorted(found)]
