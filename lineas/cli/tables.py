"""Tables of measurements: on a terminal, as CSV, as Markdown, and as a picture."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.files import atomic_write

Rows = Sequence[Mapping[str, Any]]


def columns_of(rows: Rows, first: Sequence[str] = ()) -> list[str]:
    """Every column of some row, those of ``first`` in that order after the rows' own first one."""
    there = list(dict.fromkeys(key for row in rows for key in row))
    known = [key for key in first if key in there]
    return there[:1] + known + [key for key in there[1:] if key not in known]


def layout(rows: Rows, columns: Sequence[str]) -> str:
    """For people: aligned, an interval behind its number, a dash for what was not measured."""
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [[_cell(row, column) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(line, widths) for line in cells)


def as_csv(rows: Rows, columns: Sequence[str]) -> str:
    """Every number in full."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_markdown(rows: Rows, columns: Sequence[str]) -> str:
    lines = [f"| {' | '.join(column.replace('_', ' ') for column in columns)} |", f"|{'---|' * len(columns)}"]
    lines += [
        f"| {' | '.join(_cell(row, column).replace('|', chr(92) + '|') for column in columns)} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    atomic_write(path, text.encode())


def load_matplotlib() -> Any:
    """matplotlib's Figure, which draws without a window.

    Raises:
        LineasError: where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise LineasError(
            "A picture needs the package matplotlib, which is not installed. Run: pip install matplotlib, or ask for a .csv "
            "or .md file."
        ) from error
    return Figure


def trade_offs(path: Path, lines: Mapping[str, Sequence[tuple[float, float]]], concept: str) -> None:
    """A picture: for each method a line through (perplexity, effect) at rising strengths."""
    figure = load_matplotlib()(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for method, points in lines.items():
        known = [point for point in points if all(map(math.isfinite, point))]
        if known:
            alone = {"marker": "*", "markersize": 14, "color": "black"}
            axes.plot(*zip(*known, strict=True), label=method, **(alone if len(known) == 1 else {"marker": "o"}))
    axes.set_xscale("log")
    axes.set_xlabel("perplexity of the answers (lower reads more easily)")
    axes.set_ylabel("effect: how much the judge hears")
    axes.set_title(concept)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=120)
    atomic_write(path, data.getvalue())


def _cell(row: Mapping[str, Any], column: str) -> str:
    low, high = row.get(f"{column}_low"), row.get(f"{column}_high")
    text = _short(row.get(column))
    return text if low is None or high is None else f"{text} ({_short(low)} to {_short(high)})"


def _short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]).rstrip()
