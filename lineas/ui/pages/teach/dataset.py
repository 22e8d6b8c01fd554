"""The fold that loads sentences from a data set or a table: look inside, choose column and labels, fill the boxes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context
from lineas.ui.events import Updates, report_errors

LEAVE, ALL = "", "*"
"""Values of a box's list that are no label: leave the box as it is, take all sentences."""
LIMIT = 64
SLOW: dict[str, Any] = {"show_progress": "minimal", "api_visibility": "private"}
"""Options of events that may wait for a hub: in the queue, so that the page stays usable."""


@dataclass(frozen=True)
class DataSet:
    """The fold's components. ``file`` holds an uploaded file as (the name that is shown, its path)."""

    fold: gr.Accordion
    name: gr.Textbox
    split: gr.Textbox
    look: gr.Button
    file: gr.State
    problem: gr.HTML
    choices: gr.Column
    column: gr.Dropdown
    label: gr.Dropdown
    limit: gr.Number
    sides: list[gr.Dropdown]
    fill: gr.Button

    @property
    def offered(self) -> list[Any]:
        """Components that ``offer`` may change."""
        return [self.fold, self.name, self.file, self.problem, *self.chosen]

    @property
    def chosen(self) -> list[Any]:
        return [self.choices, self.column, self.label, *self.sides]


def build(ctx: Context) -> DataSet:
    lead, placeholder = (
        (ui_text.DATASET_LEAD, ui_text.DATASET_NAME_HINT)
        if ctx.local
        else (ui_text.DATASET_LEAD_HUB, ui_text.DATASET_NAME_HINT_HUB)
    )
    with gr.Accordion(ui_text.DATASET, open=False, elem_id="dataset", elem_classes="ls-advanced") as fold:
        gr.HTML(html.hint(lead))
        with gr.Row(elem_classes="ls-dataset"):
            name = gr.Textbox(
                "", label=ui_text.DATASET_NAME, placeholder=placeholder, max_lines=1, elem_id="dataset-name", scale=4
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
                source = gr.Dropdown([], label=ui_text.SOURCE, elem_id="dataset-source", scale=2)
                target = gr.Dropdown([], label=ui_text.TARGET, elem_id="dataset-target", scale=2)
                fill = fields.main_button(ui_text.DATASET_FILL, "dataset-fill", scale=1, min_width=180)
    file = gr.State(None)
    return DataSet(fold, name, split, look, file, problem, choices, column, label, limit, [source, target], fill)


def offer(data: DataSet, path: Path, side: int) -> Updates | None:
    """The fold for a table with several columns that was uploaded to the box ``side``; None for any other file."""
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
        data.problem: html.notice(ui_text.SEVERAL_COLUMNS.format(name=path.name)),
        **_show_columns(data, str(path), columns, "train", side),
    }


def wire(
    ctx: Context, data: DataSet, boxes: list[Any], filled: list[Any], replace_text: Callable[..., Updates]
) -> None:
    """Wire the fold.

    Args:
        boxes: name, source and target.
        filled: components that ``replace_text`` may change.
        replace_text: takes the values of the boxes, and their new texts (None: unchanged).
    """

    def location(name: str, file: tuple[str, str] | None) -> str:
        """The data set or path that a name stands for."""
        if file is not None and name == file[0]:
            return file[1]
        if not ctx.local and may_be_local(name):
            raise LineasError(ui_text.NO_LOCAL_FILES)
        return name

    @report_errors(data.problem)
    def look(name: str, split: str, file: Any) -> Updates:
        from lineas.data.datasets import list_columns

        where = location(name, file)
        return _show_columns(data, where, list_columns(where, split=split.strip() or "train"), split, None)

    place = [data.name, data.split, data.file]
    gr.on([data.look.click, data.name.submit], look, place, [data.problem, *data.chosen], **SLOW)

    @report_errors(data.problem)
    def labels(name: str, split: str, file: Any, label: str) -> Updates:
        return _show_labels(data, location(name, file), label, split, None)

    data.label.input(labels, [*place, data.label], [data.problem, *data.sides], **SLOW)

    @report_errors(data.problem)
    def fill(*values: Any) -> Updates:
        from lineas.data.datasets import read_dataset

        name, split, file, column, label, limit, source, target, *written = values
        if source == target == LEAVE:
            raise LineasError(ui_text.DATASET_NOTHING)
        where, most = location(name, file), int(limit or LIMIT)

        def read(wanted: str) -> list[str] | None:
            if wanted == LEAVE:
                return None
            by_label = {} if wanted == ALL else {"label_column": label, "label": wanted}
            return read_dataset(where, split=split.strip() or "train", column=column, limit=most, **by_label)

        texts = [read(source), read(target)]
        message = ui_text.filled(*(None if text is None else len(text) for text in texts))
        joined = (None if text is None else "\n".join(text) for text in texts)
        return {**replace_text(written, None, *joined), data.problem: html.notice(message, "good")}

    inputs = [*place, data.column, data.label, data.limit, *data.sides, *boxes]
    data.fill.click(fill, inputs, [data.problem, *filled], **SLOW)


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
    """What can go into each box. ``side`` is the box to which a file was uploaded; None: choose as the labels suggest."""
    from lineas.data.datasets import list_labels

    found = list_labels(where, label, split=split.strip() or "train") if label else []
    choices = [(ui_text.DATASET_LEAVE, LEAVE), *([(name, name) for name in found] or [(ui_text.DATASET_ALL, ALL)])]
    if side is not None:
        values = [(found or [ALL])[0] if i == side else LEAVE for i in (0, 1)]
    else:
        values = found[:2] if len(found) > 1 else [LEAVE, *(found or [ALL])]
    return {box: gr.update(choices=choices, value=value) for box, value in zip(data.sides, values, strict=True)}
