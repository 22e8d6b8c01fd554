"""What the Teach page shows of a training, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.pages.teach.chart import distance_chart

if TYPE_CHECKING:
    from lineas.service.snapshot import RunState
    from lineas.storage import MetricPoint, Preview


def curve(points: Sequence[MetricPoint], run: RunState | None) -> str:
    """The distance step by step; of a training that is done it ends at what was measured then, which the words below tell, too."""
    if run is None:
        return distance_chart(points, 0, None)
    return distance_chart(points, run.of, run.distance_start, run.distance if run.state == "done" else None)


def previews(found: Sequence[Preview], run: RunState | None) -> str:
    """The answers so far, the plain model's first; a caret where the next one will be."""
    if run is None or not (found or run.preview):
        sentence = ui_text.PREVIEW_EMPTY if run is None else ui_text.PREVIEW_OFF
        return f'<div class="ls-previews"><p class="ls-nothing">{escape(sentence)}</p></div>'
    items = [_item(preview, _when(preview, run), preview is found[-1]) for preview in found]
    if run.state == "running" and not run.stopping:
        items.append('<li class="next"><b></b><p><span class="ls-caret" aria-hidden="true"></span></p></li>')
    # the newest is spoken as it comes
    return (
        f'<div class="ls-previews"><p class="asked" dir="auto">{escape(ui_text.preview_prompt(run.preview))}</p>'
        f'<ol aria-live="polite" aria-label="{ui_text.PREVIEW_TITLE}">{"".join(items)}</ol></div>'
    )


def _item(preview: Preview, when: str, newest: bool) -> str:
    said = preview.text.strip()
    if said and said[-1] not in ".!?…\"'”)":  # it was cut short, and looks so
        said += " …"
    text = escape(said) or f'<span class="ls-empty">{ui_text.NOTHING_SAID}</span>'
    mark = ' class="newest"' if newest else ""
    return f'<li{mark} data-step="{preview.step}"><b>{escape(when)}</b><p dir="auto">{text}</p></li>'


def _when(preview: Preview, run: RunState) -> str:
    if preview.step == 0:
        return ui_text.PREVIEW_START
    return (
        ui_text.PREVIEW_END if run.state == "done" and preview.step >= run.step else ui_text.preview_step(preview.step)
    )


def details(path: Path, log: str) -> str:
    """The end of a log, folded away: for whoever helps the person."""
    return (
        f'<details class="ls-details"><summary>{ui_text.DETAILS}</summary>'
        f"<p>{escape(ui_text.LOG_AT.format(path=path))}</p><pre>{escape(log.strip())}</pre></details>"
    )
