"""A table of named columns: what every file and data set of examples is read into."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lineas.errors import LineasError, short

SENTENCE_NAMES = ("text", "sentence", "sentences", "example", "examples", "utterance")
"""Names of columns that hold nothing but the sentences, best first."""
TEXT_COLUMNS = (
    *SENTENCE_NAMES,
    *("message", "comment", "review", "content", "body", "post", "tweet", "quote", "line", "prompt"),
    *("completion", "response", "answer", "question", "instruction", "input", "output", "chosen", "rejected"),
    *("messages", "conversations", "conversation"),
)
"""Names of columns of text, by which a header is recognized."""
MOST_COLUMNS = 1000
_LONGEST_NAME = 60
"""Length above which a cell of the first row is taken for a sentence, not for a column's name."""


@dataclass(frozen=True)
class Table:
    """Rows with named columns.

    Attributes:
        what: what error messages call it.
        labels: names of the numbers in a class-label column, by column.
        notes: sentences for the user about how it was read, such as the encoding that was taken.
    """

    what: str
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Any]]
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def table_of_rows(what: str, rows: Sequence[Sequence[Any]], notes: tuple[str, ...] = ()) -> Table:
    """Make a table of rows of cells, of which the first is the header, unless it looks like a row of sentences or numbers.

    Raises:
        LineasError: more columns than anyone could choose from.
    """
    header = rows[0] if rows else ()
    if len(header) > MOST_COLUMNS:
        raise LineasError(
            f"{what} has {len(header):,} columns; at most {MOST_COLUMNS:,} can be read. Keep the column of the sentences, "
            f"or choose another file."
        )
    named = _is_header(header)
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = str(cell).strip() if named and cell is not None else ""
        names[name if name and name not in names else f"column {number}"] = None
    columns = tuple(names)
    return Table(what, columns, [dict(zip(columns, row, strict=False)) for row in rows[named:]], notes=notes)


def _is_header(row: Sequence[Any]) -> bool:
    """Return whether a first row holds names: none of its cells is a number, is long, or ends like a sentence."""
    cells = ["" if cell is None else str(cell).strip() for cell in row]
    if any(cell.casefold() in TEXT_COLUMNS for cell in cells):
        return True
    return not any(len(cell) > _LONGEST_NAME or re.search(r"[.!?…。！？]$|^[-+]?[\d.,]+$", cell) for cell in cells)


def listing(names: Iterable[object], most: int = 12) -> str:
    """Join names for a message: “a”, “b” and “c”."""
    shown = [f"“{short(name, 40)}”" for name in islice(names, most + 1)]
    if len(shown) > most:
        return ", ".join(shown[:most]) + " and more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
