"""Sentences from a data set or a table: look inside, say which column and which labels, and into the boxes with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.components import html as parts
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context
from lineas.ui.events import Updates, told

if TYPE_CHECKING:
    from lineas.ui.pages.teach.layout import TeachPage

LEAVE, ALL = "", "*"
LIMIT = 64
SLOW: dict[str, Any] = {"show_progress": "minimal", "api_visibility": "private"}
"""A hub may be far away: in the queue, so that the page goes on meanwhile."""


@dataclass(frozen=True)
class DataSet:
    fold: gr.Accordion
    name: gr.Textbox
    split: gr.Textbox
    look: gr.Button
    file: gr.State  # (what the name says, the path that is meant) of a file that was uploaded
    problem: gr.HTML
    choices: gr.Column
    column: gr.Dropdown
    label: gr.Dropdown
    limit: gr.Number
    sides: list[gr.Dropdown]
    fill: gr.Button

    @property
    def all(self) -> list[Any]:
        """What ``offer`` may change."""
        return [self.fold, self.name, self.file, self.problem, *self.chosen]

    @property
    def chosen(self) -> list[Any]:
        return [self.choices, self.column, self.label, *self.sides]


def build(ctx: Context) -> DataSet:
    lead, hint = (
        (ui_text.DATASET_LEAD, ui_text.DATASET_NAME_HINT)
        if ctx.local
        else (ui_text.DATASET_LEAD_HUB, ui_text.DATASET_NAME_HINT_HUB)
    )
    with gr.Accordion(ui_text.DATASET, open=False, elem_id="dataset", elem_classes="ls-advanced") as fold:
        gr.HTML(parts.hint(lead))
        with gr.Row(elem_classes="ls-dataset"):
            name = gr.Textbox(
                "", label=ui_text.DATASET_NAME, placeholder=hint, max_lines=1, elem_id="dataset-name", scale=4
            )
            split = gr.Textbox("train", label=ui_text.DATASET_SPLIT, max_lines=1, elem_id="dataset-split", scale=1)
            look = gr.Button(ui_text.DATASET_LOOK, elem_id="dataset-look", scale=1, min_width=140)
        problem = gr.HTML(elem_id="dataset-problem")
        with gr.Column(visible=False) as choices:
            with gr.Row():
                column = gr.Dropdown([], label=ui_text.DATASET_COLUMN, elem_id="dataset-column")
                label = gr.Dropdown([], label=ui_text.DATASET_LABEL, elem_id="dataset-label")
                limit = gr.Number(
                    LIMIT, label=ui_text.DATASET_LIMIT, precision=0, minimum=1, maximum=5000, elem_id="dataset-limit"
                )
            with gr.Row(elem_classes="ls-dataset"):
                sides = [
                    gr.Dropdown([], label=side, elem_id=f"dataset-{key}", scale=2)
                    for side, key in ((ui_text.SOURCE, "source"), (ui_text.TARGET, "target"))
                ]
                fill = gr.Button(
                    ui_text.DATASET_FILL, variant="primary", elem_id="dataset-fill", scale=1, min_width=180
                )
    return DataSet(fold, name, split, look, gr.State(None), problem, choices, column, label, limit, sides, fill)


def offer(data: DataSet, path: Path, side: int) -> Updates | None:
    """What the panel shows for an uploaded table with several columns; None for any other file."""
    from lineas.data.datasets import list_columns

    try:
        columns = list_columns(str(path))
    except LineasError:
        return None
    if len(columns) < 2:
        return None
    return {
        data.fold: gr.update(open=True),
        data.name: path.name,
        data.file: (path.name, str(path)),
        data.problem: parts.notice(ui_text.several_columns(path.name)),
        **_show_columns(data, str(path), columns, "train", side),
    }


def wire(ctx: Context, page: TeachPage, replace_with: Callable[..., Updates]) -> None:
    data = page.data
    safely = told(data.problem)

    def meant(name: str, file: tuple[str, str] | None) -> str:
        """The data set or path that a name stands for."""
        if file is not None and name == file[0]:
            return file[1]
        if not ctx.local and may_be_local(name):
            raise LineasError(ui_text.NO_LOCAL_FILES)
        return name

    @safely
    def look(name: str, split: str, file: Any) -> Updates:
        from lineas.data.datasets import list_columns

        where = meant(name, file)
        return _show_columns(data, where, list_columns(where, split=split.strip() or "train"), split, None)

    gr.on(
        [data.look.click, data.name.submit],
        look,
        [data.name, data.split, data.file],
        [data.problem, *data.chosen],
        **SLOW,
    )

    @safely
    def labels(name: str, split: str, file: Any, label: str) -> Updates:
        return _show_labels(data, meant(name, file), label, split, None)

    data.label.input(labels, [data.name, data.split, data.file, data.label], [data.problem, *data.sides], **SLOW)

    @safely
    def fill(
        name: str,
        split: str,
        file: Any,
        column: str,
        label: str,
        limit: float | None,
        source: str,
        target: str,
        *written: str,
    ) -> Updates:
        from lineas.data.datasets import read_dataset

        if source == target == LEAVE:
            raise LineasError(ui_text.DATASET_NOTHING)
        where, texts = meant(name, file), []
        for wanted in (source, target):
            by_label = {} if wanted == ALL else {"label_column": label, "label": wanted}
            read = (
                None
                if wanted == LEAVE
                else read_dataset(
                    where, split=split.strip() or "train", column=column, limit=int(limit or LIMIT), **by_label
                )
            )
            texts.append(read)
        told_what = ui_text.filled(*(None if text is None else len(text) for text in texts))
        joined = (None if text is None else "\n".join(text) for text in texts)
        return {**replace_with(list(written), None, *joined), data.problem: parts.good(told_what)}

    data.fill.click(
        fill,
        [data.name, data.split, data.file, data.column, data.label, data.limit, *data.sides, *page.boxes],
        [data.problem, *page.boxes, page.replaced, page.undo],
        **SLOW,
    )


def _show_columns(data: DataSet, where: str, columns: Sequence[str], split: str, side: int | None) -> Updates:
    from lineas.data.datasets import LABEL_COLUMNS
    from lineas.data.tables import TEXT_COLUMNS

    by_name = {column.strip().casefold(): column for column in reversed(columns)}
    text = next((by_name[known] for known in TEXT_COLUMNS if known in by_name), columns[0])
    label = next((column for column in LABEL_COLUMNS if column in columns and column != text), "")
    return {
        data.choices: gr.update(visible=True),
        data.column: gr.update(choices=list(columns), value=text),
        data.label: gr.update(choices=[(ui_text.DATASET_NO_LABEL, ""), *columns], value=label),
        **_show_labels(data, where, label, split, side),
    }


def _show_labels(data: DataSet, where: str, label: str, split: str, side: int | None) -> Updates:
    """What can go into each box. ``side`` is the box to which a file was brought; None: as the labels suggest."""
    from lineas.data.datasets import list_labels

    found = list_labels(where, label, split=split.strip() or "train") if label else []
    choices = [(ui_text.DATASET_LEAVE, LEAVE), *([(name, name) for name in found] or [(ui_text.DATASET_ALL, ALL)])]
    if side is not None:
        values = [(found or [ALL])[0] if i == side else LEAVE for i in (0, 1)]
    else:
        values = found[:2] if len(found) > 1 else [LEAVE, *(found or [ALL])]
    return {box: gr.update(choices=choices, value=value) for box, value in zip(data.sides, values, strict=True)}
