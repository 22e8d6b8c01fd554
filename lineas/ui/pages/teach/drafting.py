"""Write examples for me: one phrase, and the loaded model drafts both lists, which the person then edits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.data import parse_text
from lineas.data.typed_json import typed
from lineas.storage.names import LONGEST
from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context, stream_key
from lineas.ui.events import HIDDEN, QUIET, Updates, error_alert

if TYPE_CHECKING:
    from lineas.evaluation.drafting.draft import Drafts

FIRST, MORE = 16, 8
"""Number of drafts for each list: at first, and by the button for more."""
TAB = "drafts"
"""Key in ``Streams`` of the drafts being written on a page."""


@dataclass(frozen=True)
class Drafted:
    """The drafts that a page has put into its boxes, and the phrase that they were written for."""

    wish: str = ""
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """The row with the phrase; ``drafted`` holds a ``Drafted``, and ``kept`` the same as text for the browser's draft."""

    phrase: gr.Textbox
    write: gr.Button
    more: gr.Button
    rewrite: gr.Button
    stop: gr.Button
    status: gr.HTML
    drafted: gr.State
    kept: gr.Textbox

    @property
    def buttons(self) -> list[Any]:
        return [self.write, self.more, self.rewrite]

    def show(self, can_write: bool) -> Updates:
        return {button: gr.update(interactive=can_write) for button in self.buttons}

    def keep(self, drafted: Drafted) -> Updates:
        return {self.drafted: drafted, self.kept: json.dumps(asdict(drafted), ensure_ascii=False)}

    def restore(self, draft: str) -> Updates:
        """Bring back which lines are drafts. Anybody can change what their browser keeps."""
        try:
            drafted: Drafted = typed(json.loads(draft), Drafted)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}
        more = gr.update(visible=bool(drafted.target))
        return {self.drafted: drafted, self.more: more, self.rewrite: more}


def build() -> Wish:
    with gr.Row(elem_classes="ls-actions ls-wish"):
        phrase = fields.text_field(
            ui_text.WISH, "wish", value="", placeholder=ui_text.WISH_HINT, max_lines=1, max_length=200, scale=4
        )
        write = gr.Button(ui_text.DRAFT_BUTTON, elem_id="draft-button", scale=1, interactive=False)
        stop = gr.Button(ui_text.STOP_BUTTON, elem_id="draft-stop", scale=1, visible=False)
    with gr.Row(elem_classes="ls-chips ls-wish-more"):
        status = gr.HTML(elem_id="draft-status", elem_classes="ls-grow")
        more = fields.chip(ui_text.DRAFT_MORE.format(count=MORE), "draft-more", visible=False)
        rewrite = fields.chip(ui_text.DRAFT_REWRITE, "draft-rewrite", visible=False)
    kept = gr.Textbox(visible="hidden", elem_id="kept-drafts", show_label=False)
    return Wish(phrase, write, more, rewrite, stop, status, gr.State(Drafted()), kept)


def remaining(text: str, drafts: tuple[str, ...]) -> int:
    """How many lines of a box are drafts that nobody has changed."""
    known = set(drafts)
    return sum(line.strip() in known for line in text.splitlines())


def wire(ctx: Context, wish: Wish, boxes: list[Any], problem: gr.HTML) -> None:
    """Wire the row.

    Args:
        boxes: name, source and target.
    """
    shipped = [(preset.name, "\n".join(preset.source), "\n".join(preset.target)) for preset in ctx.presets]

    def writer(count: int, rewrite: bool) -> Callable[..., Iterator[Updates]]:
        def write(
            phrase: str,
            before: Drafted,
            name: str,
            source: str,
            target: str,
            request: gr.Request,
        ) -> Iterator[Updates]:
            if (name, source, target) in shipped:  # nobody's own sentences
                name, source, target = "", "", ""
            kept = name.strip() and name != _name(before.wish)
            if before.wish != phrase:  # drafts for another phrase would spoil the concept
                source, target = _without(source, before.source), _without(target, before.target)
                before = Drafted(phrase)
            named = name if kept else _name(phrase)
            wanted = len(parse_text(source)) if rewrite else count
            key = stream_key(str(request.session_hash), TAB)
            stop, found, message = ctx.streams.begin(key), None, ""
            try:
                yield {problem: "", **_writing(wish, boxes, wanted), boxes[0]: named}
                stream = _drafts(ctx, phrase, count, source, target, rewrite, before, stop)
                for found in stream:
                    yield {
                        **_put(wish, boxes, source, target, before, found),
                        wish.status: _progress(len(found.target), wanted),
                    }
            except Exception as error:
                message = error_alert(error)
            finally:
                newest = ctx.streams.end(key, stop)
            if newest:
                ready = ctx.service.snapshot().model.phase == "ready"
                yield {problem: message, **_written(wish, boxes, found, rewrite, ready, bool(source.strip()))}

        return write

    inputs = [wish.phrase, wish.drafted, *boxes]
    outputs = [problem, *boxes, wish.status, wish.stop, wish.drafted, wish.kept, *wish.buttons]
    options: dict[str, Any] = {"concurrency_limit": 8, "trigger_mode": "once", **HIDDEN}
    gr.on([wish.write.click, wish.phrase.submit], writer(FIRST, False), inputs, outputs, **options)
    wish.more.click(writer(MORE, False), inputs, outputs, **options)
    wish.rewrite.click(writer(FIRST, True), inputs, outputs, **options)

    def stop_writing(request: gr.Request) -> None:
        ctx.streams.stop(stream_key(str(request.session_hash), TAB))

    wish.stop.click(stop_writing, None, None, **QUIET)


def _drafts(
    ctx: Context, phrase: str, count: int, source: str, target: str, rewrite: bool, before: Drafted, stop: Any
) -> Iterator[Drafts]:
    from lineas.service.drafting import draft_examples

    seed = len(before.target)  # other questions than those that gave the drafts that are there
    lists = parse_text(source), parse_text(target)
    return draft_examples(ctx.service.answers, phrase, count, *lists, rewrite=rewrite, seed=seed, stop=stop)


def _put(wish: Wish, boxes: list[Any], source: str, target: str, before: Drafted, found: Drafts) -> Updates:
    """The boxes with the drafts below what stands there, and the note of which lines are drafts."""
    return {
        boxes[1]: _join(source, found.source),
        boxes[2]: _join(target, found.target),
        **wish.keep(Drafted(before.wish, before.source + found.source, before.target + found.target)),
    }


def _writing(wish: Wish, boxes: list[Any], count: int) -> Updates:
    """While drafts are written the boxes cannot be edited: the next draft would overwrite it."""
    return {
        **wish.show(False),
        wish.stop: gr.update(visible=True),
        wish.status: _progress(0, count),
        **{box: gr.update(interactive=False) for box in boxes[1:]},
    }


def _written(wish: Wish, boxes: list[Any], found: Drafts | None, rewrite: bool, ready: bool, more: bool) -> Updates:
    there = more or bool(found and found.target)
    return {
        **{button: gr.update(interactive=ready, visible=there) for button in (wish.more, wish.rewrite)},
        wish.write: gr.update(interactive=ready),
        wish.stop: gr.update(visible=False),
        wish.status: _verdict(found) if found else "",
        **{box: gr.update(interactive=True) for box in boxes[1:]},
    }


def _progress(done: int, of: int) -> str:
    return html.hint(ui_text.DRAFTING.format(done=done, of=of))


def _verdict(found: Drafts) -> str:
    if not found.target:
        return html.notice(ui_text.DRAFTS_NONE)
    return (
        html.notice(ui_text.drafts(len(found.target)), "good") if found.differ else html.notice(ui_text.DRAFTS_ALIKE)
    )


def _join(text: str, drafts: tuple[str, ...]) -> str:
    return "\n".join(filter(None, [text.rstrip(), *drafts]))


def _without(text: str, drafts: tuple[str, ...]) -> str:
    known = set(drafts)
    return "\n".join(line for line in text.splitlines() if line.strip() not in known)


def _name(phrase: str) -> str:
    """The phrase as the name of a concept."""
    line = " ".join(phrase.split())[:LONGEST]
    return line[:1].upper() + line[1:]
