"""What can be done on the page Mix: change the order, see how concepts get along, try them together, keep the mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.components import question as asking
from lineas.ui.components.question import PACE
from lineas.ui.context import Context, Seen, place
from lineas.ui.events import HIDDEN, QUIET, RAW, Updates, told, trouble
from lineas.ui.pages.mix.layout import TAB, chosen, default_name, overlap_picture

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.ui.studio import Studio

SWAP = "(...values) => values"
DRAW_SOON = """() => {
  const draw = () => {
    const button = document.getElementById('mix-draw');
    button ? button.click() : later(400);
  };
  const later = (wait) => {
    clearTimeout(window.lineasMix);
    window.lineasMix = setTimeout(draw, wait);
  };
  later(80);
}"""
"""Once for all changes that come together, as when the lists of a page that was just opened are filled in one by one: Gradio
would send each of them at once, and show in the end what comes last, not what is newest. And not before the page was opened and is
there to the end, where the button stands."""


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.mix

    def exchange(button: gr.Button, here: int, there: int) -> None:
        rows = [page.concepts[here], page.strengths[here], page.concepts[there], page.strengths[there]]
        button.click(None, rows, [*rows[2:], *rows[:2]], js=SWAP)

    for upper, (up, down) in enumerate(zip(page.ups, page.downs, strict=True)):
        exchange(up, upper + 1, upper)
        exchange(down, upper, upper + 1)

    @told(page.overlap)
    def overlap(slots: Sequence[Any]) -> Updates:
        return {page.overlap: overlap_picture(ctx, chosen(slots))}

    def draw(*slots: Any) -> Updates:
        return {**overlap(slots), **page.show_rows(slots)}

    gr.on([component.change for component in page.slots], None, None, None, js=DRAW_SOON)
    page.draw.click(draw, page.slots, [page.overlap, *page.rows], trigger_mode="always_last", **RAW)

    by_hand = [*(component.input for component in page.slots), *(b.click for b in (*page.ups, *page.downs))]
    gr.on(by_hand, None, None, page.saved, js="() => ''")  # what was said there was of another mix

    def try_mix(
        prompt: str,
        seed: float | None,
        length: float,
        variety: float,
        mode: str,
        request: gr.Request,  # Gradio puts it in by its place, which must be before the rest
        *slots: Any,
    ) -> Iterator[Updates]:
        picked = chosen(slots)
        if len(picked) < 2 or not prompt.strip():
            yield {page.problem: parts.alert(ui_text.MIX_TOO_FEW if len(picked) < 2 else ui_text.NO_PROMPTS)}
            return
        here = place(str(request.session_hash), TAB)
        stop = ctx.streams.begin(here)
        answers: Sequence[Answer] = ()
        message = ""
        try:
            yield {
                page.problem: "",
                **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=True)),
                **page.show_answers(answers, streaming=True),
            }
            sampling = asking.sampling(seed, length, variety, mode)
            with closing(ctx.service.answers.compare_mix(prompt, picked, sampling, stop=stop)) as stream:
                message = parts.notice(stream.warning or "")
                for answers in stream:
                    yield page.show_answers(answers, streaming=True)
                    stop.wait(PACE)
        except Exception as error:
            message = trouble(error)
        finally:  # also when the page was closed: Gradio then ends this generator at its yield
            ctx.streams.end(here, stop)
        yield {
            page.problem: message,
            **page.show_controls(view.compare_controls(ctx.service.snapshot(), streaming=False)),
            **page.show_answers(answers, streaming=False),
        }

    gr.on(
        [page.run.click, page.prompt.submit],
        try_mix,
        [page.prompt, *page.settings.inputs, *page.slots],
        [page.problem, *page.controls, page.plain, page.mixed],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="once",
        **HIDDEN,
    )

    def stop_mix(request: gr.Request) -> None:
        ctx.streams.stop(place(str(request.session_hash), TAB))

    page.stop.click(stop_mix, None, None, **QUIET)

    @told(page.saved)
    def keep(name: str, seen: Seen, request: gr.Request, *slots: Any) -> Updates:
        picked = chosen(slots)
        if len(picked) < 2:
            return {page.saved: parts.alert(ui_text.MIX_TOO_FEW)}
        concept = ctx.service.mix(picked, name.strip() or default_name(picked, ctx.service.concepts()))
        return {
            **studio.refresh(seen, request),
            page.saved: parts.good(ui_text.mix_saved(concept.name)),
            page.name: "",
        }

    outputs = [page.saved, page.name, *studio.refreshed]
    page.save.click(keep, [page.name, studio.seen, *page.slots], outputs, **RAW)
