"""The columns of a table: which one holds the sentences, which pair fills both sides, which one holds labels."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from lineas.data.chat import assistant_turns, is_conversation
from lineas.data.tables import SENTENCE_NAMES, TEXT_COLUMNS, Table, listing
from lineas.errors import LineasError, short

Side = Literal["source", "target"]
PAIRS = (("rejected", "chosen"), ("source", "target"), ("before", "after"))
"""Names of columns that fill both sides: source, target."""
LABEL_COLUMNS = ("label", "labels", "class", "category")
"""Names of columns that are taken for the label, best first."""
MAX_LABELS = 50
"""Maximum number of labels that are listed."""
MAX_ROWS = 200_000
"""Maximum number of rows that are searched for a label."""
_SAMPLE_ROWS = 200
_FEW = 12
"""Most different values of a column that is offered as labels."""
_CHARACTERS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]{4}")
"""Some characters of a script without spaces between words."""


@dataclass(frozen=True)
class Choice:
    """A column of sentences, and sentences for the user that say why it is this one and what is taken of it."""

    column: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What there is to choose from in a table.

    Attributes:
        columns: all of them.
        rows: the first few.
        texts: columns that could hold the sentences, likeliest first.
        chosen: the one that is taken if nobody names one; None where more than one could be meant.
        pair: columns for source and target, if two are named so.
        labels: values of each column that could hold labels, likeliest column first.
        notes: sentences for the user about how the table was read.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    texts: tuple[str, ...]
    chosen: str | None
    pair: tuple[str, str] | None
    labels: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]

    @property
    def needs_choice(self) -> bool:
        """Return whether a person should say what goes where."""
        return self.chosen is None or self.pair is not None or bool(self.labels)


def look_at(table: Table, most_rows: int = 5) -> Contents:
    """Find out what there is to choose from.

    Args:
        most_rows: number of rows to show.
    """
    rows = list(islice(iter(table.rows), 5000))
    texts = _texts(table, rows[:_SAMPLE_ROWS])
    chosen = None
    with suppress(LineasError):
        chosen = choose_column(replace(table, rows=rows), None).column
    labels = {column: values for column in table.columns if (values := _few_values(table, column, rows, texts))}
    named = sorted(labels, key=lambda column: (_rank(column, LABEL_COLUMNS), len(labels[column])))
    return Contents(
        columns=table.columns,
        rows=tuple(rows[:most_rows]),
        texts=tuple(sorted(texts, key=lambda column: _rank(column, TEXT_COLUMNS))),
        chosen=chosen,
        pair=_pair(table, texts),
        labels={column: labels[column] for column in named},
        notes=table.notes,
    )


def choose_column(table: Table, column: str | None, side: Side | None = None) -> Choice:
    """Find the column that holds the sentences: the named one, else the only one that can.

    Args:
        side: where the sentences go, which decides between the two columns of a pair.

    Raises:
        LineasError: there is none, or more than one could be meant; the message lists the columns.
    """
    if not table.columns:
        raise LineasError(f"{table.what} holds no sentences. Put some in, or choose another file.")
    by_name = {name.strip().casefold(): name for name in reversed(table.columns)}
    sample = list(islice(iter(table.rows), _SAMPLE_ROWS))
    if column is not None:
        if column in table.columns:
            return Choice(column, _notes_on(table, column, sample))
        if (folded := column.strip().casefold()) in by_name:
            return Choice(by_name[folded], _notes_on(table, by_name[folded], sample))
        raise LineasError(
            f"{table.what} has no column “{short(column)}”. Its columns are: {listing(table.columns)}. Choose one of them."
        )
    texts = _texts(table, sample)
    pair = _pair(table, texts)
    if pair and side:
        return _chosen(table, pair[0 if side == "source" else 1], sample)
    conversations = [name for name in texts if any(is_conversation(row.get(name)) for row in sample)]
    if len(conversations) == 1:
        return _chosen(table, conversations[0], sample)
    if not pair and {"instruction", "output"} <= by_name.keys():  # Alpaca's form
        return Choice(by_name["output"], (f"{table.what}: the answers in “{by_name['output']}” were taken.",))
    known = [name for name in texts if _rank(name, TEXT_COLUMNS) < len(TEXT_COLUMNS)]
    if len(known) == 1 and _rank(known[0], SENTENCE_NAMES) < len(SENTENCE_NAMES):
        texts = known
    if not texts:  # numbers, or single words: only a name can tell
        texts = [by_name[name] for name in TEXT_COLUMNS if name in by_name] or list(table.columns)
    if len(texts) == 1:
        return _chosen(table, texts[0], sample)
    could = (
        "holds its sentences in one of several columns" if len(texts) < len(table.columns) else "has several columns"
    )
    raise LineasError(
        f"{table.what} {could}: {listing(texts)}. Say which one you mean (--column on the command line). "
        f"If it has no header line and is just sentences, save it as a .txt file, one sentence per line."
    )


def cells(table: Table, column: str) -> Iterator[str]:
    """Yield a column's cells as text, without empty ones (missing, null, NaN), and of conversations the assistant's turns.

    Raises:
        LineasError: a cell that holds another list, an object or a boolean.
    """
    last_turn = _pair(table, list(table.columns)) is not None and column.strip().casefold() in PAIRS[0]
    for number, row in enumerate(table.rows, start=1):
        value = row.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        if is_conversation(value):
            turns = assistant_turns(value)
            yield from turns[-1:] if last_turn else turns  # what comes before is the same in both columns
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise LineasError(
                f"{table.what}: the column “{short(column)}” holds no plain text (row {number} has “{short(value)}”). "
                f"Choose another column."
            )
        yield str(value)


def label_column(table: Table, wanted: str | None) -> str:
    """Find the column of labels: the named one, else one in ``LABEL_COLUMNS``.

    Raises:
        LineasError: there is none; the message lists the columns.
    """
    if wanted is None:
        wanted = next((column for column in LABEL_COLUMNS if column in table.columns), None)
    if wanted is None or wanted not in table.columns:
        called = "that looks like a label" if wanted is None else f"“{short(wanted)}”"
        raise LineasError(
            f"{table.what} has no column {called}. Its columns are: {listing(table.columns)}. Choose one of them."
        )
    return wanted


def label_names(table: Table, column: str, row: Mapping[str, Any]) -> list[str]:
    """Names by which the row's label may be given: its value, and its name if there is one; the last is shown."""
    value, names = row.get(column), table.labels.get(column, ())
    return [str(value), *([names[value]] if isinstance(value, int) and 0 <= value < len(names) else [])]


def labels(table: Table, column: str) -> list[str]:
    """The different values of a label column, by name if the table names them; at most ``MAX_LABELS``."""
    if column in table.labels:
        return list(table.labels[column])[:MAX_LABELS]
    rows = (row for row in islice(iter(table.rows), MAX_ROWS) if row.get(column) is not None)
    found: dict[str, None] = {}
    for row in rows:
        found[label_names(table, column, row)[-1]] = None
        if len(found) == MAX_LABELS:
            break
    return list(found)


def _chosen(table: Table, column: str, sample: list[Mapping[str, Any]]) -> Choice:
    """A column that nobody named, with a note if there are others."""
    notes = (f"{table.what}: the sentences in “{short(column)}” were taken.",) if len(table.columns) > 1 else ()
    return Choice(column, _notes_on(table, column, sample) or notes)


def _notes_on(table: Table, column: str, sample: list[Mapping[str, Any]]) -> tuple[str, ...]:
    if not any(is_conversation(row.get(column)) for row in sample):
        return ()
    return (f"{table.what} holds conversations in “{short(column)}”: the assistant's turns were taken.",)


def _rank(column: str, names: tuple[str, ...]) -> int:
    folded = column.strip().casefold()
    return names.index(folded) if folded in names else len(names)


def _pair(table: Table, texts: list[str]) -> tuple[str, str] | None:
    by_name = {name.strip().casefold(): name for name in reversed(texts)}
    return next(((by_name[a], by_name[b]) for a, b in PAIRS if a in by_name and b in by_name), None)


def _texts(table: Table, sample: list[Mapping[str, Any]]) -> list[str]:
    """Columns that could hold the sentences: most cells are of several words, or words in a column that is named so.

    A column of the same few values again and again holds labels.
    """
    found = []
    for column in table.columns:
        values = [value for row in sample if (value := row.get(column)) not in (None, "")]
        named = _rank(column, TEXT_COLUMNS) < len(TEXT_COLUMNS)
        texts = [value for value in values if is_conversation(value) or _is_text(value, 1 if named else 2)]
        few = len(values) >= 8 and len({str(value) for value in values}) <= max(2, len(values) // 4)
        if 2 * len(texts) > len(values) and not few:
            found.append(column)
    return found


def _is_text(value: Any, words: int) -> bool:
    """Return whether a cell is text of at least so many words, to judge by its beginning."""
    if not isinstance(value, str):
        return False
    start = value[:1000]
    return (len(start.split()) >= words and any(map(str.isalpha, start))) or _CHARACTERS.search(start) is not None


def _few_values(table: Table, column: str, rows: list[Mapping[str, Any]], texts: list[str]) -> tuple[str, ...] | None:
    """The values of a column that could hold labels: few, and each of them often."""
    if column in table.labels:
        return tuple(table.labels[column])[:MAX_LABELS]
    found: dict[str, None] = {}
    count = 0
    for row in rows:
        value = row.get(column)
        if value is None or value == "":
            continue
        if column in texts or not isinstance(value, str | int | bool) or len(str(value)) > 40:
            return None
        count += 1
        found[str(value)] = None
        if len(found) > _FEW:
            return None
    return tuple(found) if len(found) >= 2 and count >= 2 * len(found) else None
