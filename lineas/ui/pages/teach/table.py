"""The beginning of a table, so that a person sees what to choose from."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from lineas.errors import short
from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.data.columns import Contents

MOST_COLUMNS = 8
LONGEST_CELL = 90


def preview(contents: "Contents") -> str:
    """Columns and first rows as an HTML table."""
    columns = contents.columns[:MOST_COLUMNS]
    head = "".join(f'<th scope="col" dir="auto">{escape(short(column, 40))}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(row, column) for column in columns)}</tr>" for row in contents.rows)
    more = len(contents.columns) - len(columns)
    foot = f'<p class="ls-hint">{escape(ui_text.more_columns(more))}</p>' if more else ""
    return (
        f'<div class="ls-preview" role="region" aria-label="{ui_text.TABLE_PREVIEW}" tabindex="0"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>{foot}"
    )


def _cell(row: Mapping[str, Any], column: str) -> str:
    from lineas.data.chat import assistant_turns, is_conversation

    value = row.get(column)
    if is_conversation(value):
        value = " … ".join(assistant_turns(value))
    return f'<td dir="auto">{"" if value is None else escape(short(value, LONGEST_CELL))}</td>'
