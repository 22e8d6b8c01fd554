"""Tables of measurements as text, CSV, Markdown and a picture."""

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
    """All columns of the rows: the first one, then those of ``first`` in that order, then the others."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    known = [key for key in first if key in columns]
    return columns[:1] + known + [key for key in columns[1:] if key not in known]


def layout(rows: Rows, columns: Sequence[str]) -> str:
    """An aligned table: an interval follows its number, a dash stands for a missing value."""
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [[_cell(row, column) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(line, widths) for line in cells)


def as_csv(rows: Rows, columns: Sequence[str]) -> str:
    """A CSV table with all digits."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_markdown(rows: Rows, columns: Sequence[str]) -> str:
    """A Markdown table with short numbers."""
    lines = [f"| {' | '.join(column.replace('_', ' ') for column in columns)} |", f"|{'---|' * len(columns)}"]
    lines += [
        f"| {' | '.join(_cell(row, column).replace('|', chr(92) + '|') for column in columns)} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    atomic_write(path, text.encode())


def load_matplotlib() -> Any:
    """matplotlib's Figure, which needs no window.

    Raises:
        LineasError: matplotlib is not installed.
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
    """Draw a line through the (perplexity, effect) of each method at rising strengths."""
    figure = load_matplotlib()(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for method, points in lines.items():
        known = [point for point in points if all(map(math.isfinite, point))]
        if known:
            single = {"marker": "*", "markersize": 14, "color": "black"}
            axes.plot(*zip(*known, strict=True), label=method, **(single if len(known) == 1 else {"marker": "o"}))
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
