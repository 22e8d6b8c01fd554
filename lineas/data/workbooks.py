"""Excel workbooks (.xlsx) as a table."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import closing
from itertools import islice

from lineas.data.tables import Table, listing, table_of_rows
from lineas.errors import LineasError

MAX_UNPACKED = 100_000_000
"""Most bytes that a workbook may unpack to; a file of a few kilobytes can claim gigabytes."""
MAX_ROWS = 100_000


def parse_workbook(what: str, data: bytes) -> Table:
    """Read the first sheet that holds anything.

    Raises:
        LineasError: no workbook, damaged, or too large.
    """
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise LineasError(
                    f"{what} is too large once it is unpacked. Save the sheet with the sentences as .csv."
                )
        # neither formulas nor styles: the values that Excel has saved
        with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as book:
            for sheet in book.worksheets:
                rows = [row for row in map(_trimmed, islice(sheet.iter_rows(values_only=True), MAX_ROWS)) if row]
                if rows:
                    return table_of_rows(what, _without_empty_columns(rows), _note(what, sheet.title, book.sheetnames))
    except LineasError:
        raise
    except Exception as error:  # whatever a damaged workbook makes of its parser: each part has errors of its own
        raise LineasError(
            f"{what} cannot be read as an Excel workbook; it may be damaged. Open it in the spreadsheet program and save it "
            f"anew as .xlsx, or as .csv."
        ) from error
    return Table(what, (), [])


def _trimmed(row: Sequence[object]) -> list[object]:
    """A row without its empty end: one cell far to the right would make all rows sixteen thousand cells wide."""
    width = next((i for i in range(len(row), 0, -1) if row[i - 1] not in (None, "")), 0)
    return list(row[:width])


def _without_empty_columns(rows: list[list[object]]) -> list[list[object]]:
    """Rows without the columns that are empty in all of them, such as the margin left of a table."""
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell not in (None, "")})
    return [[row[column] if column < len(row) else None for column in used] for row in rows]


def _note(what: str, title: str, titles: list[str]) -> tuple[str, ...]:
    if len(titles) < 2:
        return ()
    return (f"{what} has {len(titles)} sheets, {listing(titles)}: “{title}” was read.",)
