"""JSON documents and JSON lines as a table."""

import json
from itertools import zip_longest
from typing import Any

from lineas.data.chat import is_turn
from lineas.data.tables import MOST_COLUMNS, Table
from lineas.errors import LineasError, short


def parse_json(what: str, text: str, lines: bool) -> Table:
    """Parse a JSON document (a list, or an object of columns or of one list), or one JSON value per line.

    Both forms are read under either suffix.

    Args:
        lines: whether a single object is a row.

    Raises:
        LineasError: a line that is no JSON, or more columns than anyone could choose from.
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
    if document and all(map(is_turn, document)):  # a single conversation
        document = [{"messages": document}]
    rows = [entry if isinstance(entry, dict) else {"text": entry} for entry in document if entry is not None]
    columns = tuple(dict.fromkeys(str(key) for row in rows for key in row))
    if len(columns) > MOST_COLUMNS:
        raise LineasError(
            f"{what} has {len(columns):,} different names of columns; at most {MOST_COLUMNS:,} can be read. Give the sentences "
            f'as a list, or one object such as {{"text": "A sentence."}} per line.'
        )
    return Table(what, columns, rows)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
