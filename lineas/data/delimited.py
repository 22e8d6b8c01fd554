"""Delimited text (.csv, .tsv, and what spreadsheets call "Unicode text") as a table, whatever its delimiter and quoting."""

import csv
import io
import re
from itertools import islice
from typing import Literal

from lineas.data.parsing import unbulleted
from lineas.data.tables import TEXT_COLUMNS, Table, table_of_rows
from lineas.errors import LineasError

# the module's own limit is 131,072, and it calls a longer cell an error of the quoting
csv.field_size_limit(2**31 - 1)


def parse_delimited(what: str, text: str, delimiter: str | None) -> Table:
    """Parse delimited text.

    Args:
        delimiter: None to find it.

    Raises:
        LineasError: a row with more cells than the first, or quotation marks that do not pair up.
    """
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
    return table_of_rows(what, rows)


def parse_tabbed(what: str, text: str) -> Table | None:
    """Parse a plain text file that is a table all the same, such as Excel's "Unicode text"; None if it is none.

    It is one if nearly all lines have as many tabs as the first, those behind bullets and numbers aside.
    """
    lines = [line for line in text.splitlines() if line.strip()][:200]
    tabs = [unbulleted(line).rstrip("\r").count("\t") for line in lines]
    if len(lines) < 2 or not tabs[0] or tabs.count(tabs[0]) < 0.9 * len(tabs):
        return None
    return parse_delimited(what, text, "\t")


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
