"""Examples from a file on this computer."""

from dataclasses import dataclass
from pathlib import Path

from lineas.data.columns import Side, cells, choose_column
from lineas.data.datasets import open_table
from lineas.data.parsing import collect, parse
from lineas.data.table_files import TABLE_SUFFIXES, name_of, read_table, read_text
from lineas.data.tables import Table
from lineas.errors import LineasError


@dataclass(frozen=True)
class FileExamples:
    """The sentences of a file, and sentences for the user about what was decided: an old encoding, a column, whose turns."""

    sentences: list[str]
    notes: tuple[str, ...] = ()


def read_file(path: str | Path, column: str | None = None) -> list[str]:
    """Read the different sentences of a file, in order, cleaned as pasted text is.

    A text file holds one per line. A table (.csv, .tsv, .json, .jsonl, .parquet, .xlsx, or text with as many tabs in each line)
    holds them in ``column``, else in the only one that can hold sentences. Of conversations the assistant's turns are taken.

    Raises:
        LineasError: the file cannot be read, is above the limits of ``lineas.data.parsing``, or has several columns that could be
            meant.
    """
    return read_examples_file(path, column).sentences


def read_examples_file(path: str | Path, column: str | None = None, side: Side | None = None) -> FileExamples:
    """Read a file as ``read_file`` does, and tell what was decided.

    Args:
        side: where the sentences go: of columns "rejected" and "chosen" the source takes the first, the target the second.

    Raises:
        LineasError: as ``read_file``.
    """
    path = Path(path)
    table = table_of_file(path)
    if table is None:
        text, notes = read_text(path)
        found = FileExamples(parse(text, what=name_of(path)).sentences, notes)
    else:
        chosen = choose_column(table, column, side)
        sentences = collect(cells(table, chosen.column), what=table.what).sentences
        found = FileExamples(sentences, (*table.notes, *chosen.notes))
    if not found.sentences:
        raise LineasError(
            f"{name_of(path)} holds no sentences. Put some in, one per line or one per row, or choose another file."
        )
    return found


def table_of_file(path: Path) -> Table | None:
    """The table in a file; None for plain text.

    Raises:
        LineasError: the file cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return open_table(str(path))
    table = read_table(path)
    return table if suffix in TABLE_SUFFIXES or len(table.columns) > 1 else None
