"""The fold that loads sentences from a data set or a table: look inside, choose column and labels, fill the boxes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context
from lineas.ui.events import Updates, report_errors
from lineas.ui.pages.teach import table

if TYPE_CHECKING:
    from lineas.data.columns import Contents

LEAVE, ALL = "", "all"
"""Values of a box's list: leave the box as it is, take all sentences."""
LABEL, COLUMN = "label:", "column:"
"""Beginnings of the other values, before the name of a label or of a column."""
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
    preview: gr.HTML
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
        return [self.preview, self.choices, self.column, self.label, *self.sides]


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
        preview = gr.HTML(elem_id="dataset-preview")
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
    sides = [source, target]
    return DataSet(fold, name, split, look, file, problem, preview, choices, column, label, limit, sides, fill)


def offer(data: DataSet, path: Path, side: int) -> Updates | None:
    """The fold for a file in which something has to be chosen, uploaded to the box ``side``; None for any other file."""
    from lineas.data.columns import look_at
    from lineas.data.example_files import table_of_file

    found = table_of_file(path)
    contents = look_at(found) if found and found.columns else None
    if contents is None or not contents.needs_choice:
        return None
    splits = contents.pair is not None or bool(contents.labels)
    sentence = (ui_text.SPLITS if splits else ui_text.SEVERAL_COLUMNS).format(name=path.name)
    return {
        data.fold: gr.update(open=True),
        data.name: path.name,
        data.file: (path.name, str(path)),
        data.problem: html.notice(" ".join((sentence, *contents.notes))),
        **_show(data, contents, side),
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
        from lineas.data.datasets import look_inside

        return _show(data, look_inside(location(name, file), split=split.strip() or "train"), None)

    place = [data.name, data.split, data.file]
    gr.on([data.look.click, data.name.submit], look, place, [data.problem, *data.chosen], **SLOW)

    @report_errors(data.problem)
    def labels(name: str, split: str, file: Any, label: str) -> Updates:
        from lineas.data.datasets import list_labels, look_inside

        where, split = location(name, file), split.strip() or "train"
        if label:
            found = list_labels(where, label, split=split)
            return _show_sides(data, _label_choices(found), *_first_two(found))
        contents = look_inside(where, split=split)
        return _show_sides(data, _column_choices(contents), *_columns_of(contents, None))

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
            by_label = {"label_column": label, "label": wanted.removeprefix(LABEL)} if wanted.startswith(LABEL) else {}
            chosen = wanted.removeprefix(COLUMN) if wanted.startswith(COLUMN) else column
            return read_dataset(where, split=split.strip() or "train", column=chosen, limit=most, **by_label)

        texts = [read(source), read(target)]
        message = ui_text.filled(*(None if text is None else len(text) for text in texts))
        joined = (None if text is None else "\n".join(text) for text in texts)
        return {**replace_text(written, None, *joined), data.problem: html.notice(message, "good")}

    inputs = [*place, data.column, data.label, data.limit, *data.sides, *boxes]
    data.fill.click(fill, inputs, [data.problem, *filled], **SLOW)


def _show(data: DataSet, contents: "Contents", side: int | None) -> Updates:
    """What there is to choose from, with a proposal.

    Args:
        side: the box to which a file was uploaded; None for neither.
    """
    columns = contents.columns
    text = contents.chosen or next(iter(contents.texts), columns[0] if columns else None)
    labels = {} if contents.pair else contents.labels
    label = next(iter(labels), "")
    if label:
        sides = _show_sides(data, _label_choices(labels[label]), *_first_two(labels[label]))
    else:
        sides = _show_sides(data, _column_choices(contents), *_columns_of(contents, side))
    return {
        data.preview: table.preview(contents),
        data.choices: gr.update(visible=True),
        data.column: gr.update(choices=list(columns), value=text),
        data.label: gr.update(choices=[(ui_text.DATASET_NO_LABEL, ""), *columns], value=label),
        **sides,
    }


def _show_sides(data: DataSet, choices: list[tuple[str, str]], source: str, target: str) -> Updates:
    choices = [(ui_text.DATASET_LEAVE, LEAVE), *choices]
    return {
        box: gr.update(choices=choices, value=value) for box, value in zip(data.sides, (source, target), strict=True)
    }


def _label_choices(labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(label, LABEL + label) for label in labels] or [(ui_text.DATASET_ALL, ALL)]


def _column_choices(contents: "Contents") -> list[tuple[str, str]]:
    several = contents.texts if len(contents.texts) > 1 else ()
    return [(ui_text.DATASET_ALL, ALL), *((ui_text.column(name), COLUMN + name) for name in several)]


def _first_two(labels: Sequence[str]) -> tuple[str, str]:
    """The values of both boxes that a label column proposes: one label each."""
    found = [LABEL + label for label in labels[:2]] or [ALL]
    return (found[0], found[1]) if len(found) > 1 else (LEAVE, found[0])


def _columns_of(contents: "Contents", side: int | None) -> tuple[str, str]:
    """The values of both boxes without labels: a pair of columns, else all sentences for the box of the file, or the target."""
    if contents.pair:
        return COLUMN + contents.pair[0], COLUMN + contents.pair[1]
    return (ALL, LEAVE) if side == 0 else (LEAVE, ALL)
