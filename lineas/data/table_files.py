"""Files of examples as a table, whatever their format, delimiter and encoding."""

from dataclasses import replace
from pathlib import Path

from lineas.data.delimited import parse_delimited, parse_tabbed
from lineas.data.encodings import decode
from lineas.data.json_tables import parse_json
from lineas.data.parsing import TOO_MANY_LINES
from lineas.data.tables import Table
from lineas.errors import LineasError

MAX_FILE_BYTES = 50_000_000
"""Largest file that is read; the text column in it has the limits of pasted text."""
MAX_LINES = 500_000
"""Most lines of a file of text; a row of a table takes hundreds of bytes of memory, however short it is."""
TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx")
TEXT_SUFFIXES = (".txt", ".text", ".md", "")
READABLE = ".txt, .csv, .tsv, .json, .jsonl, .parquet and .xlsx"


def read_table(path: Path) -> Table:
    """Read a .csv, .tsv, .json, .jsonl or .xlsx file; a plain text file becomes one column “text” with a row per line.

    Raises:
        LineasError: the file cannot be read, or is damaged.
    """
    what, suffix = name_of(path), path.suffix.lower()
    if suffix == ".xlsx":
        from lineas.data.workbooks import parse_workbook

        return parse_workbook(what, read_bytes(path))
    text, note = read_text(path)
    if suffix in (".csv", ".tsv"):
        table = parse_delimited(what, text, "\t" if suffix == ".tsv" else None)
    elif suffix in TABLE_SUFFIXES:
        table = parse_json(what, text, lines=suffix != ".json")
    else:
        table = parse_tabbed(what, text) or Table(what, ("text",), [{"text": line} for line in text.splitlines()])
    return replace(table, notes=(*note, *table.notes))


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Read a text file, and a note for the user that names the encoding; no note if it was Unicode, which needs no guess.

    Raises:
        LineasError: missing, not readable, too large, of too many lines, empty, or not text.
    """
    what = name_of(path)
    decoded = decode(read_bytes(path), what)
    if not decoded.text.strip("\ufeff \t\r\n"):
        raise LineasError(f"{what} is empty. Put one sentence per line into it, or choose another file.")
    if decoded.text.count("\n") > MAX_LINES:
        raise LineasError(TOO_MANY_LINES.format(what=what, most=MAX_LINES))
    if not decoded.encoding:
        return decoded.text, ()
    return decoded.text, (
        f"{what} was read as {decoded.encoding}. If letters look wrong, save it as plain text (UTF-8) and open it again.",
    )


def name_of(path: Path) -> str:
    """What messages call a file."""
    return f"“{path.name or path}”"


def read_bytes(path: Path) -> bytes:
    """Read a file of examples.

    Raises:
        LineasError: missing, not readable, too large, or of a kind that is no file of examples.
    """
    what = name_of(path)
    try:
        _check(path, what)
        return path.read_bytes()
    except OSError as error:
        raise LineasError(
            f"{what} cannot be opened: {error.strerror}. Check that you may read it and that no other program holds it."
        ) from error
    except ValueError as error:
        raise LineasError(f"There is no file {what}: no name can have a NUL in it. Check the name.") from error


def _check(path: Path, what: str) -> None:
    if path.is_dir():
        raise LineasError(f"{what} is a folder. Choose a file inside it.")
    if not path.exists():
        raise LineasError(f"There is no file “{path}”. Check the name and the folder.")
    if not path.is_file() or path.suffix.lower() not in TEXT_SUFFIXES + TABLE_SUFFIXES:
        raise LineasError(
            f"{what} cannot be read: only {READABLE} files can. From a word processor save as "
            f"plain text (.txt), from a spreadsheet as .xlsx or .csv."
        )
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise LineasError(
            f"{what} has {size // 1_000_000:,} MB; at most {MAX_FILE_BYTES // 1_000_000} MB can be read. "
            f"Keep only the sentences that show the style best."
        )
