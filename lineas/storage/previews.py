"""``previews.jsonl``: what the model answered at several moments of its training, one line each."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lineas.files import writing


@dataclass(frozen=True)
class Preview:
    """The answer after ``step`` steps; 0 is the plain model's."""

    step: int
    text: str


def append_preview(path: Path, preview: Preview) -> None:
    with writing(path), path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(json.dumps(asdict(preview), ensure_ascii=False) + "\n")


def read_previews(path: Path) -> list[Preview]:
    """All whole lines in order of steps; of a step that was made twice (after a resumption) the later answer."""
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return []
    found = {}
    for line in lines:
        try:
            data = json.loads(line)
            preview = Preview(int(data["step"]), str(data["text"]))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            continue  # cut short by a crash
        found[preview.step] = preview
    return [found[step] for step in sorted(found)]
