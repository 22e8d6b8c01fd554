"""Examples from a data set, read with ``datasets``: a name on the Hugging Face hub, or a local file or folder.

Rows are streamed, so that sixty-four sentences of a huge data set need no download of all of it.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from lineas.data.columns import MAX_ROWS, Contents, cells, choose_column, label_names, labels, look_at
from lineas.data.columns import label_column as find_label_column
from lineas.data.parsing import MAX_SENTENCES, collect
from lineas.data.table_files import read_table
from lineas.data.tables import Table, listing
from lineas.errors import LineasError, first_line, short
from lineas.files import path_exists

ROWS_AT_ONCE = 1000
"""Rows of a .parquet file that are unpacked together; a file of a few kilobytes can hold millions, each a long text."""
_FILE_SUFFIXES = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx")


def read_dataset(
    name: str,
    *,
    split: str = "train",
    column: str | None = None,
    label_column: str | None = None,
    label: str | int | None = None,
    limit: int | None = None,
) -> list[str]:
    """Read the different sentences of a text column, in order, without empty cells.

    Args:
        name: a hub id ("owner/name", or "owner/name:config"), or a local file or folder.
        label: only rows with this label in ``label_column``, as ``list_labels`` shows it.
        limit: most sentences; reading stops there.

    Raises:
        LineasError: an unknown name, no network, or a missing split, column or label; the message lists what there is.
    """
    if limit is not None and not 1 <= limit <= MAX_SENTENCES:
        raise LineasError(f"The number of sentences to take must be between 1 and {MAX_SENTENCES:,}, not {limit:,}.")
    table = open_table(name, split)
    column = choose_column(table, column).column
    if label_column is not None or label is not None:
        label_column = find_label_column(table, label_column)
        if label is None:
            raise LineasError(f"Choose which label of “{label_column}” to take. {_labels_there(table, label_column)}")
    rows: Iterator[Mapping[str, Any]] = islice(iter(table.rows), MAX_ROWS)
    if label_column is not None:
        rows = (row for row in rows if str(label) in label_names(table, label_column, row))
    sentences = collect(cells(Table(table.what, table.columns, rows), column), what=table.what, limit=limit).sentences
    if not sentences and label_column is not None:
        raise LineasError(
            f"{table.what} has no sentence with “{label}” in “{label_column}”. {_labels_there(table, label_column)}"
        )
    if not sentences:
        raise LineasError(f"{table.what} holds no sentences in “{column}”. Choose another column or another split.")
    return sentences


def list_columns(name: str, *, split: str = "train") -> list[str]:
    """List the columns of a data set or a file."""
    return list(open_table(name, split).columns)


def list_labels(name: str, label_column: str, *, split: str = "train") -> list[str]:
    """List the different values of a label column, by name if the data set names them; at most ``MAX_LABELS``."""
    table = open_table(name, split)
    return labels(table, find_label_column(table, label_column))


def look_inside(name: str, *, split: str = "train") -> Contents:
    """Find out what there is to choose from in a data set or a file."""
    return look_at(open_table(name, split))


def open_table(name: str, split: str = "train") -> Table:
    """Open a data set or a file.

    Raises:
        LineasError: an unknown name, no network, a missing split, or a file that cannot be read.
    """
    name = name.strip()
    if not name or len(name) > 1000:
        raise LineasError(
            "Give the name of a data set, such as “stanfordnlp/imdb”, or of a file or folder on this computer."
        )
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    if path_exists(path):
        if path.is_file() and path.suffix.lower() != ".parquet":
            return read_table(path)
        return _table(f"“{path.name or path}”", _load_local(path), split)
    if path.suffix.lower() in _FILE_SUFFIXES or path.is_absolute() or name.startswith((".", "~")):
        raise LineasError(f"There is no file or folder “{short(name)}”. Check the name and the folder.")
    return _table(f"The data set “{short(name)}”", _load_hub(name), split)


def _load_local(path: Path) -> Any:
    import datasets

    try:
        if (path / "state.json").exists() or (path / "dataset_dict.json").exists():  # written by save_to_disk
            return datasets.load_from_disk(path)
        if path.is_dir():
            return datasets.load_dataset(str(path), streaming=True)
        return datasets.load_dataset("parquet", data_files=str(path), streaming=True, batch_size=ROWS_AT_ONCE)
    except Exception as error:  # each format has errors of its own
        raise _unreadable(f"“{path.name}”", error) from error


def _load_hub(name: str) -> Any:
    import datasets
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    repository, _, config = name.partition(":")
    try:  # one quick question first: load_dataset retries for half a minute if there is no network
        HfApi().dataset_info(repository, timeout=15)
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise LineasError(
            f"The Hugging Face hub has no open data set called “{short(repository)}”. Check the spelling (most look "
            f"like “owner/name”), or give a file or folder on this computer."
        ) from error
    except Exception as error:  # the network layer's own, whichever one is installed
        raise LineasError(
            f"The data set “{short(repository)}” cannot be fetched: the Hugging Face hub cannot be reached from here. "
            f"Check the network, or give a file (.txt, .csv, .jsonl, .parquet) or a folder on this computer."
        ) from error
    try:
        return datasets.load_dataset(repository, config or None, streaming=True)
    except Exception as error:
        if "Config name is missing" in str(error):
            configs = datasets.get_dataset_config_names(repository)
            raise LineasError(
                f"“{repository}” has several parts: {listing(configs)}. Add one, as in “{repository}:{configs[0]}”."
            ) from error
        raise _unreadable(f"The data set “{repository}”", error) from error


def _table(what: str, loaded: Any, split: str) -> Table:
    """Make a table of one split of what ``datasets`` loaded: a data set, or a dictionary of them by split."""
    if isinstance(loaded, dict):
        if split not in loaded and (len(loaded) > 1 or split != "train"):
            raise LineasError(f"{what} has no split “{split}”. It has: {listing(loaded)}. Choose one of them.")
        loaded = loaded[split] if split in loaded else next(iter(loaded.values()))
    rows = _Rows(what, loaded)
    columns = loaded.column_names or list(next(iter(rows), {}))
    features = loaded.features or {}
    labels = {column: feature.names for column, feature in features.items() if hasattr(feature, "names")}
    return Table(what, tuple(columns), rows, labels)


class _Rows:
    """Rows of a data set, which can be iterated again; errors while they are fetched become a LineasError."""

    def __init__(self, what: str, loaded: Any) -> None:
        self.what, self.loaded = what, loaded

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        try:
            yield from self.loaded
        except Exception as error:
            raise _unreadable(self.what, error) from error


def _unreadable(what: str, error: Exception) -> LineasError:
    reason = (first_line(error) or type(error).__name__).rstrip(".")
    return LineasError(
        f"{what} cannot be read as a data set: {reason}. Choose another, or save its sentences as .txt, .csv or .jsonl."
    )


def _labels_there(table: Table, column: str) -> str:
    return f"It has: {listing(labels(table, column))}."
