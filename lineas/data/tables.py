"""Files of examples as a table of named columns, whatever their format, delimiter and encoding."""

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Literal

from lineas.errors import LineasError, short

MAX_FILE_BYTES = 50_000_000
"""Largest file that is read; the text column in it has the limits of pasted text."""
TEXT_COLUMNS = (
    *("text", "sentence", "sentences", "example", "examples", "utterance", "message", "comment", "review", "content"),
    *("body", "post", "tweet", "quote", "line", "prompt"),
)
"""Names of columns that are taken for the text, best first."""
TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_TEXT_SUFFIXES = (".txt", ".text", ".md", "")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before utf-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Table:
    """Rows with named columns.

    Attributes:
        what: what error messages call it.
        labels: names of the numbers in a class-label column, by column.
    """

    what: str
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Any]]
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)


def listing(names: Iterable[object], most: int = 12) -> str:
    """Join names for a message: “a”, “b” and “c”."""
    shown = [f"“{short(name, 40)}”" for name in islice(names, most + 1)]
    if len(shown) > most:
        return ", ".join(shown[:most]) + " and more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def text_column(table: Table, column: str | None) -> str:
    """Find the column that holds the sentences: the named one, else one in ``TEXT_COLUMNS``, else the only one.

    Raises:
        LineasError: there is none; the message lists the columns.
    """
    if not table.columns:
        raise LineasError(f"{table.what} holds no sentences. Put some in, or choose another file.")
    by_name = {name.strip().casefold(): name for name in reversed(table.columns)}
    if column is not None:
        if column in table.columns:
            return column
        if (folded := column.strip().casefold()) in by_name:
            return by_name[folded]
        raise LineasError(
            f"{table.what} has no column “{short(column)}”. Its columns are: {listing(table.columns)}. Choose one of them."
        )
    for known in TEXT_COLUMNS:
        if known in by_name:
            return by_name[known]
    if len(table.columns) == 1:
        return table.columns[0]
    raise LineasError(
        f"{table.what} has no column called “text” or “sentence”. Its columns are: {listing(table.columns)}. Choose the one that "
        f"holds the sentences. If it has no header line and is just sentences, save it as a .txt file, one sentence per line."
    )


def cells(table: Table, column: str) -> Iterator[str]:
    """Yield a column's cells as text, without empty ones (missing, null, NaN).

    Raises:
        LineasError: a cell that holds a list, an object or a boolean.
    """
    for number, row in enumerate(table.rows, start=1):
        value = row.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise LineasError(
                f"{table.what}: the column “{column}” holds no plain text (row {number} has “{short(value)}”). "
                f"Choose another column."
            )
        yield str(value)


def read_table(path: Path) -> Table:
    """Read a .csv, .tsv, .json or .jsonl file; a plain text file becomes one column “text” with a row per line.

    Raises:
        LineasError: the file cannot be read, or is damaged.
    """
    text, what, suffix = read_text(path), f"“{path.name}”", path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return _parse_delimited(what, text, "\t" if suffix == ".tsv" else None)
    if suffix in TABLE_SUFFIXES:
        return _parse_json(what, text, lines=suffix != ".json")
    return Table(what, ("text",), [{"text": line} for line in text.splitlines()])


def read_text(path: Path) -> str:
    """Read a text file: UTF-8, UTF-16 or UTF-32 with a byte-order mark, or Windows-1252.

    Raises:
        LineasError: missing, not readable, too large, empty, or not text.
    """
    what = f"“{path.name or path}”"
    try:
        text = _decode(_read_bytes(path, what))
    except OSError as error:
        raise LineasError(
            f"{what} cannot be opened: {error.strerror}. Check that you may read it and that no other program holds it."
        ) from error
    if text is None:
        raise LineasError(
            f"{what} is not a text file, whatever its name says. Open it in the program that made it and save it as "
            f"plain text (UTF-8)."
        )
    if not text.strip("\ufeff \t\r\n"):
        raise LineasError(f"{what} is empty. Put one sentence per line into it, or choose another file.")
    return text


def _read_bytes(path: Path, what: str) -> bytes:
    if path.is_dir():
        raise LineasError(f"{what} is a folder. Choose a file inside it.")
    if not path.exists():
        raise LineasError(f"There is no file “{path}”. Check the name and the folder.")
    if not path.is_file() or path.suffix.lower() not in _TEXT_SUFFIXES + TABLE_SUFFIXES:
        raise LineasError(
            f"{what} cannot be read: only .txt, .csv, .tsv, .json and .jsonl files can. From a word processor save as "
            f"plain text (.txt), from a spreadsheet as .csv."
        )
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise LineasError(
            f"{what} has {size // 1_000_000:,} MB; at most {MAX_FILE_BYTES // 1_000_000} MB can be read. "
            f"Keep only the sentences that show the style best."
        )
    return path.read_bytes()


def _decode(data: bytes) -> str | None:
    """Decode bytes; None if they are no text."""
    for encoding in next(([name] for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), ["utf-8", "cp1252"]):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        control_characters = len(re.findall(r"[\x00-\x08\x0e-\x1b]", text))
        return None if "\x00" in text or control_characters > len(text) / 100 else text
    return None


def _parse_delimited(what: str, text: str, delimiter: str | None) -> Table:
    if hint := re.match(r"sep=(.)\r?\n", text):  # Excel's way of naming the delimiter
        delimiter, text = hint[1], text[hint.end() :]
    delimiter = delimiter or _detect_delimiter(text)
    if delimiter is None or len(_sample(text, delimiter, 1)[0]) < 2:
        return _parse_one_column(what, text)
    try:
        rows = _parse_rows(what, text, delimiter, csv.QUOTE_MINIMAL)
    except csv.Error as error:
        if delimiter != "\t":
            raise LineasError(
                f"{what}: the quotation marks do not pair up ({error}). Save the file from a spreadsheet, or save "
                f"the sentences as a .txt file, one per line."
            ) from error
        rows = _parse_rows(what, text, delimiter, csv.QUOTE_NONE)  # tab-separated files often have no quoting
    columns = tuple(cell.strip() or f"column {number}" for number, cell in enumerate(rows[0] if rows else (), start=1))
    return Table(what, columns, [dict(zip(columns, row, strict=False)) for row in rows[1:]])


def _parse_rows(what: str, text: str, delimiter: str, quoting: Literal[0, 3]) -> list[list[str]]:
    """Parse all rows that are not blank. LineasError if one has more cells than the first: its text would lose its end."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if rows and any(cell.strip() for cell in row[len(rows[0]) :]):
                raise LineasError(
                    f"{what}, line {reader.line_num}: {len(row)} cells where the first line has {len(rows[0])}. If a "
                    f"sentence has a “{delimiter}” in it, put the sentence in quotation marks, or save the file from a spreadsheet."
                )
            if any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error
    return rows


def _parse_one_column(what: str, text: str) -> Table:
    """Parse a .csv without delimiters: cells may be quoted and hold line breaks, and commas in a sentence mean nothing."""
    try:
        rows = ["".join(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter="\x1f", strict=True)]
    except csv.Error:  # quotation marks that are part of the sentences: "Arr," he said.
        rows = text.splitlines()
    rows = [row for row in rows if row.strip()]
    if not rows:
        return Table(what, (), [])
    # a header is a well-known name, or looks like an identifier over sentences of several words
    first, rest = rows[0].strip(), rows[1:]
    several_words = sum(" " in row.strip() for row in rest) > len(rest) / 2
    if first.casefold() in TEXT_COLUMNS or (several_words and re.fullmatch(r"[a-z][a-z0-9_]*", first)):
        return Table(what, (first,), [{first: row} for row in rest])
    return Table(what, ("text",), [{"text": row} for row in rows])


def _detect_delimiter(text: str) -> str | None:
    """Find the delimiter whose header has a well-known name, or whose rows are nearly all as wide as the first."""
    best: tuple[bool, float, int] = (False, 0.0, 0)
    chosen = None
    for delimiter in ",;\t|":
        first, *_ = sample = _sample(text, delimiter, 200)
        known = any(cell.strip().casefold() in TEXT_COLUMNS for cell in first)
        agreement = [len(row) for row in sample].count(len(first)) / len(sample)
        score = (known, agreement, len(first))
        if len(first) > 1 and (known or agreement >= 0.8) and score > best:
            best, chosen = score, delimiter
    return chosen


def _sample(text: str, delimiter: str, most: int) -> list[list[str]]:
    """Parse the first rows that are not empty, as far as the quotation marks pair up; at least one row, maybe without cells."""
    rows: list[list[str]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows.extend(islice((row for row in reader if row), most))
    except csv.Error:  # reported with its line when the table is read
        pass
    return rows or [[]]


def _parse_json(what: str, text: str, lines: bool) -> Table:
    """Parse a JSON document (a list, or an object of columns or of one list), or one JSON value per line.

    Both forms are read under either suffix; ``lines`` says that a single object is a row.
    """
    try:
        document = _loads(text)
    except ValueError:
        document = []
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    document.append(_loads(line))
                except ValueError as error:
                    raise LineasError(
                        f"{what}, line {number} is not JSON: “{short(line)}”. Each line must be one value such as "
                        f'{{"text": "A sentence."}}; for bare sentences use a .txt file.'
                    ) from error
    if isinstance(document, dict) and not lines:
        values = list(document.values())
        objects = [value for value in values if isinstance(value, list) and value and isinstance(value[0], dict)]
        if len(objects) == 1:  # {"version": 1, "data": [{"text": …}, …]}
            document = objects[0]
        elif values and all(isinstance(value, list) for value in values):  # {"text": […], "label": […]}
            document = [dict(zip(document, row, strict=True)) for row in zip_longest(*values)]
    if not isinstance(document, list):
        document = [document]
    rows = [entry if isinstance(entry, dict) else {"text": entry} for entry in document if entry is not None]
    columns = tuple(dict.fromkeys(str(key) for row in rows for key in row))
    return Table(what, columns, rows)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
