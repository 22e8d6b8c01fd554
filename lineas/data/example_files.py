"""Examples from a file on this computer."""

from pathlib import Path

from lineas.data.parsing import collect, parse
from lineas.data.tables import TABLE_SUFFIXES, cells, read_table, read_text, text_column
from lineas.errors import LineasError


def read_file(path: str | Path, column: str | None = None) -> list[str]:
    """Read the different sentences of a file, in order, cleaned as pasted text is.

    A text file holds one per line. A .csv, .tsv, .json or .jsonl file holds them in ``column``, else in a column with a well-known
    name such as "text" or "sentence", else in its only one.

    Raises:
        LineasError: the file cannot be read, or is above the limits of ``lineas.data.parsing``.
    """
    path = Path(path)
    what = f"“{path.name}”"
    if path.suffix.lower() in TABLE_SUFFIXES:
        table = read_table(path)
        sentences = collect(cells(table, text_column(table, column)), what=what).sentences
    else:
        sentences = parse(read_text(path), what=what).sentences
    if not sentences:
        raise LineasError(
            f"{what} holds no sentences. Put some in, one per line or one per row, or choose another file."
        )
    return sentences
