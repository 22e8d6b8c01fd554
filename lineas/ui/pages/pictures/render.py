"""Pictures as HTML: rows from weak to strong, a pair, and the picture while it learns."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from lineas.pictures.known import KNOWN, KnownPipeline
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.pages.teach.render import distance_chart

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.service.picture_job import Lesson
    from lineas.service.pictures import Drawn
    from lineas.ui.view_state import Status

STRENGTHS = (0.0, 0.5, 1.0, 1.5)
"""Columns of the strip."""


def larger_models() -> str:
    """Show what is known about models by name, none of which has been run here."""
    return f'<p>{ui_text.LARGER_LEAD}</p><ul class="ls-known">{"".join(map(_larger_model, KNOWN))}</ul>'


def _larger_model(model: KnownPipeline) -> str:
    facts = ui_text.LARGER_FACTS.format(
        size=ui_text.in_gigabytes(model.gigabytes), licence=model.licence, steps=model.steps, guidance=model.guidance
    )
    note = f"<span>{ui_text.replaces_network(model.base)}</span>" if model.base else ""
    head = f"<b>{model.name}</b> <small>{ui_text.NOT_RUN}</small>"
    return f"<li>{head}<code>{model.id}</code><span>{facts}</span>{note}</li>"


def strip(rows: Sequence[Drawn], word: str) -> str:
    """A row for each prompt, a column for each strength, and a last one for the word in the prompt."""
    if not rows:
        return html.empty(ui_text.STRIP_EMPTY)
    told = any(row.told for row in rows)
    head = "".join(
        f'<th scope="col">{ui_text.fraction(strength)}<small>{escape(ui_text.picture_strength(strength))}</small></th>'
        for strength in STRENGTHS
    )
    if told:
        head += f'<th scope="col" class="told">{ui_text.TOLD_HEADING}<small>{escape(ui_text.quoted(f"… {word}"))}</small></th>'
    body = "".join(_row(row, word) for row in rows)
    return f'<table class="ls-strip" aria-label="{ui_text.STRIP}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Drawn, word: str) -> str:
    columns = len(row.images) + (row.told is not None)
    cells = "".join(
        f"<td>{_image(image, ui_text.picture_alt(row.prompt, ui_text.picture_strength(strength)))}</td>"
        for image, strength in zip(row.images, STRENGTHS, strict=True)
    )
    if row.told is not None:
        cells += f'<td class="told">{_image(row.told, ui_text.told_alt(row.prompt, word))}</td>'
    return f'<tr class="asked"><th colspan="{columns}" scope="rowgroup" dir="auto">{escape(row.prompt)}</th></tr><tr>{cells}</tr>'


def pair(drawn: Drawn | None, strength: float) -> str:
    """The plain picture and the one at the slider's strength, large."""
    if drawn is None:
        return html.empty(ui_text.PAIR_EMPTY)
    figures = "".join(
        f"<figure>{_image(image, ui_text.picture_alt(drawn.prompt, heading))}<figcaption>{escape(heading)}</figcaption></figure>"
        for image, heading in zip(
            drawn.images,
            (ui_text.PICTURE_BEFORE, f"{ui_text.PICTURE_AFTER}: {ui_text.picture_strength(strength)}"),
            strict=True,
        )
    )
    return f'<div class="ls-pair">{figures}</div>'


def changes(lesson: Lesson | None) -> str:
    """The same picture, again and again while it learns."""
    if lesson is None or not lesson.pictures:
        return html.empty(ui_text.PICTURE_CHANGES_EMPTY)
    figures = "".join(
        f"<figure>{_image(image, ui_text.picture_alt(lesson.prompt, ui_text.picture_step(step)))}"
        f"<figcaption>{ui_text.picture_step(step)}</figcaption></figure>"
        for step, image in list(lesson.pictures)
    )
    return f'<div class="ls-changes">{figures}</div>'


def curve(lesson: Lesson | None) -> str:
    if lesson is None:
        return distance_chart([], 0, None)
    return distance_chart(list(lesson.points), lesson.of, lesson.start, lesson.end)


def status(lesson: Lesson) -> Status:
    from lineas.ui.view_state import Status

    step = lesson.points[-1].step if lesson.points else 0
    ignored = ui_text.unknown_words(lesson.unknown_words) if lesson.unknown_words else ""
    match lesson.state:
        case "running":
            sentence = (
                ui_text.learning(lesson.name, step, lesson.of) if step and lesson.of else ui_text.PICTURE_READING
            )
            return Status("busy", sentence, ignored, step / lesson.of if lesson.of else None, moving=True)
        case "done":
            return Status("good", ui_text.taught(lesson.name, lesson.start or 0.0, lesson.end or 0.0), ignored)
        case "failed":
            return Status("bad", ui_text.from_library(lesson.message))
        case _:
            return Status("quiet", ui_text.lesson_cancelled(lesson.name))


def _image(image: Image, alt: str) -> str:
    from lineas.pictures.files import as_png, enlarged

    data = base64.b64encode(as_png(enlarged(image))).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
