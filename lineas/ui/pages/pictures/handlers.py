"""What the page Pictures does: fills in an example, draws at all strengths, teaches, and saves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.data.parsing import parse_text
from lineas.ui import text as ui_text
from lineas.ui.components import html, question
from lineas.ui.context import Context, Seen
from lineas.ui.events import HIDDEN, QUIET, Updates, error_alert, report_errors
from lineas.ui.page import Frame
from lineas.ui.pages.pictures import collecting, render
from lineas.ui.pages.pictures.layout import PicturesPage, concept_choices, example_texts

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.data.presets import Preset
    from lineas.service.pictures import Drawn

MOST_PROMPTS = 4
FILM = [step / 8 for step in range(13) if step % 4]
"""Strengths of a film between those of the strip, three after each."""


def wire(ctx: Context, page: PicturesPage, frame: Frame) -> None:
    _wire_drawing(ctx, page)
    _wire_teaching(ctx, page, frame)
    _wire_model(ctx, page)


def _wire_drawing(ctx: Context, page: PicturesPage) -> None:
    asked = [page.concept, page.prompts, page.seed]
    drawn = [page.problem, page.strip, page.pair, *page.files]

    def drawn_pictures(concept_id: str | None, prompts: str, seed: float, strength: float) -> Iterator[Updates]:
        """The strip and the pair, and then the files, for which most of the pictures are drawn."""
        wanted = parse_text(prompts)
        told = html.notice(ui_text.first_prompts(MOST_PROMPTS)) if len(wanted) > MOST_PROMPTS else ""
        wanted, number = wanted[:MOST_PROMPTS], question.valid_seed(seed)
        rows = ctx.pictures.draw(wanted, concept_id, render.STRENGTHS, number)
        [large] = ctx.pictures.draw(wanted[:1], concept_id, [0.0, strength], number, told=False)
        if unknown := ctx.pictures.unknown_words(wanted):
            told += html.notice(ui_text.unknown_words(unknown))
        yield {
            page.problem: told,
            page.strip: render.strip(rows, ctx.pictures.concept(concept_id).instruction),
            page.pair: render.pair(large, strength),
        }
        between = ctx.pictures.draw(wanted, concept_id, FILM, number, told=False)
        yield _save(page, rows, between)

    def draw_pictures(*asked: Any) -> Iterator[Updates]:
        yield {page.problem: html.notice(ui_text.DRAWING), **dict.fromkeys(page.files, gr.update(interactive=False))}
        try:
            yield from drawn_pictures(*asked)
        except Exception as error:
            yield {page.problem: error_alert(error)}

    @report_errors(page.problem)
    def draw_pair(concept_id: str | None, prompts: str, seed: float, strength: float) -> Updates:
        wanted = parse_text(prompts)[:1]
        if not wanted:
            return {}
        [large] = ctx.pictures.draw(wanted, concept_id, [0.0, strength], question.valid_seed(seed), told=False)
        return {page.pair: render.pair(large, strength)}

    def use(preset: Preset, seed: float, strength: float, *written: str) -> Iterator[Updates]:
        """Fill in an example, and then draw it."""
        filled = page.replace_lists(written, example_texts(preset))
        choices, ready = concept_choices(ctx), f"preset:{preset.id}"
        prompts = "\n".join(preset.prompts[:2])
        yield {**filled, page.prompts: prompts, page.concept: gr.update(choices=choices, value=ready)}
        yield from draw_pictures(ready, prompts, seed, strength)

    inputs = [*asked, page.slider]
    for button, preset in zip(page.presets, ctx.pictures.presets, strict=True):
        outputs = [*page.filled, page.prompts, page.concept, *drawn]
        inputs_of_use = [page.seed, page.slider, *page.lists.all]
        button.click(partial(use, preset), inputs_of_use, outputs, preprocess=False, concurrency_limit=8, **HIDDEN)
    page.draw.click(draw_pictures, inputs, drawn, preprocess=False, **HIDDEN)
    page.slider.change(
        draw_pair, inputs, [page.problem, page.pair], preprocess=False, trigger_mode="always_last", **HIDDEN
    )


def _wire_model(ctx: Context, page: PicturesPage) -> None:
    fields = page.model

    def load_picture_model(name: str, steps: float | None, guidance: float | None) -> Iterator[Updates]:
        yield {fields.said: html.notice(ui_text.PICTURE_MODEL_LOADING)}
        try:
            ctx.pictures.load(name, steps or 0, guidance or 0)
        except Exception as error:
            yield {fields.said: error_alert(error)}
            return
        yield fields.show(ctx)

    outputs = [*fields.asked, fields.said]
    fields.load.click(load_picture_model, fields.asked, outputs, preprocess=False, **HIDDEN)


def _save(page: PicturesPage, rows: Sequence[Drawn], between: Sequence[Drawn]) -> Updates:
    """Write the strip as PNG, and as GIF with what is between its strengths, ready to be downloaded."""
    from lineas.pictures.files import as_gif, as_png, enlarged, sheet, write

    images = [enlarged(image) for row in rows for image in row.images]
    films = [_in_order(row.images, more.images) for row, more in zip(rows, between, strict=True)]
    frames = [sheet([enlarged(image) for image in column], 1) for column in zip(*films, strict=True)]
    contents = {"strengths.png": as_png(sheet(images, len(render.STRENGTHS))), "strengths.gif": as_gif(frames)}
    updates: Updates = {}
    with tempfile.TemporaryDirectory() as folder:
        for button, (name, content) in zip(page.files, contents.items(), strict=True):
            kept = button.move_resource_to_block_cache(write(Path(folder) / name, content))
            updates[button] = gr.update(value=kept, interactive=True)
    return updates


def _in_order(columns: Sequence[Image], between: Sequence[Image]) -> list[Image]:
    """The pictures of the strip and those of ``FILM`` from weak to strong."""
    known = [*zip(render.STRENGTHS, columns, strict=True), *zip(FILM, between, strict=True)]
    return [image for _, image in sorted(known, key=lambda pair: pair[0])]


def _wire_teaching(ctx: Context, page: PicturesPage, frame: Frame) -> None:
    @report_errors(page.teach_problem)
    def teach_pictures(name: str, word: str, source: str, target: str, seen: Seen, request: gr.Request) -> Updates:
        name = name.strip() or ui_text.PICTURE_UNNAMED
        lesson = ctx.pictures.teach(name, parse_text(source), parse_text(target), word)
        return frame.refresh(seen, request, follow=lesson.run_id)

    def cancel() -> None:
        ctx.pictures.cancel()

    def swap(source: str, target: str) -> Updates:
        return {page.lists.source: target, page.lists.target: source}

    def bring_back(replaced: Sequence[str]) -> Updates:
        return {**dict(zip(page.lists.all, replaced, strict=True)), page.undo: gr.update(visible=False)}

    page.undo.click(bring_back, page.replaced, [*page.lists.all, page.undo], **QUIET)
    outputs = [page.teach_problem, *frame.refreshed]
    page.teach.click(teach_pictures, [*page.lists.all, frame.seen], outputs, **QUIET)
    page.cancel.click(cancel, None, None, **QUIET)
    both: list[Any] = [page.lists.source, page.lists.target]
    page.swap.click(swap, both, both, **QUIET)
    collecting.wire(ctx, page, frame)
