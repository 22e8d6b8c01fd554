"""The whole page: header, banner, the tabs, one poller, and the draft that survives a refresh."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from lineas.ui import api
from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import banner, stage
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Now, Seen
from lineas.ui.events import QUIET, RAW, Updates
from lineas.ui.pages.compare import handlers as compare_answers
from lineas.ui.pages.compare import layout as compare
from lineas.ui.pages.compare import share as compare_share
from lineas.ui.pages.concepts import handlers as library_acts
from lineas.ui.pages.concepts import layout as library
from lineas.ui.pages.inside import layout as inside
from lineas.ui.pages.mix import handlers as mix_acts
from lineas.ui.pages.mix import layout as mix
from lineas.ui.pages.models import layout as models
from lineas.ui.pages.strengths import layout as strengths
from lineas.ui.pages.teach import handlers as teach_acts
from lineas.ui.pages.teach import layout as teach

KEEP_DRAFT = "(...values) => [values.map(v => typeof v === 'string' && v.length > 300000 ? '' : v)]"
"""The draft goes to the browser's own store, which has little room: a box with a book in it is not kept."""
LOOK_UP = """(seen, choosing, on_stage, ...chosen) =>
  [seen, window.lineasListOpen, document.body.classList.contains('ls-stage'), ...chosen]"""


@dataclass(frozen=True)
class Studio:
    ctx: Context
    tabs: gr.Tabs
    banner: gr.HTML
    banner_act: gr.Button
    banner_problem: gr.HTML
    news: gr.Button
    seen: gr.State
    draft: gr.BrowserState
    teach: teach.TeachPage
    compare: compare.ComparePage
    strengths: strengths.StrengthsPage
    mix: mix.MixPage
    inside: inside.InsidePage
    library: library.LibraryPage
    models: models.ModelsPage

    @property
    def pages(self) -> list[Any]:
        """Every page has ``shown`` (components), ``show(now)`` (their new values) and ``draft`` (what is kept)."""
        return [self.teach, self.compare, self.strengths, self.mix, self.inside, self.library, self.models]

    @property
    def refreshed(self) -> list[Any]:
        return [
            self.seen,
            self.banner,
            self.banner_act,
            *(component for page in self.pages for component in page.shown),
        ]

    @property
    def drafted(self) -> list[Any]:
        return [component for page in self.pages for component in page.draft]

    @property
    def choosers(self) -> list[gr.Dropdown]:
        """Where a concept is chosen."""
        return [self.compare.concept, self.strengths.concept, self.inside.concept, *self.mix.concepts]

    def refresh(self, seen: Seen, request: gr.Request, follow: str = "", choose: bool = True) -> Updates:
        """What changed since ``seen``, for one open page. After news, and the end of every click that changes something: the
        only place from which state reaches the page.

        Args:
            follow: a run that this page has just begun or continued; its concept is chosen here once it is there.
            choose: False where nothing may be chosen for the person now, nor later what arrives now.
        """
        service = self.ctx.service
        if follow:
            seen.follows.add(f"run:{follow}")
        snapshot = service.snapshot()
        if snapshot.version == seen.version:
            return {self.seen: gr.skip()}
        concepts = service.concepts()
        arrived = [concept for concept in concepts if concept.id in seen.follows]
        seen.follows.difference_update(
            concept.id for concept in arrived
        )  # not again when it comes back from the trash
        now = Now(
            snapshot=snapshot,
            concepts=concepts,
            points=service.metrics(snapshot.run.id) if snapshot.run else [],
            streaming=self.ctx.streams.running(str(request.session_hash)),
            seen=seen,
            previews=service.previews(snapshot.run.id) if snapshot.run else [],
            log=service.log(snapshot.run.id) if snapshot.run and snapshot.run.state == "failed" else None,
            arrived=arrived[0] if arrived and choose else None,
            busy=self.ctx.streams.busy(str(request.session_hash)),
            runs=service.runs(),
        )
        line, act = banner.show(snapshot)
        updates: Updates = {
            self.seen: Seen(
                version=snapshot.version,
                concepts=tuple(concept.id for concept in concepts),
                listing=now.listing,
                run=snapshot.run.id if snapshot.run else "",
                follows=seen.follows,
            ),
            self.banner: line,
            self.banner_act: act,
        }
        for page in self.pages:
            updates |= page.show(now)
        return updates

    def catch_up(
        self, seen: Seen, choosing: bool, on_stage: bool, request: gr.Request, *chosen: str | None
    ) -> Updates:
        """What follows news. A list that a person has open stays as it is until they have chosen: Gradio's breaks when it
        gets shorter meanwhile, and nobody wants it to move under their finger. And on a stage nothing is
        chosen by itself."""
        updates = self.refresh(seen, request, choose=not (choosing or on_stage))
        if self.banner not in updates:
            return updates
        updates = self.forget(updates, chosen)
        updates[self.compare.health] = self.compare.health_line(self.ctx.service, chosen[0])
        if choosing:
            updates = {c: value for c, value in updates.items() if not isinstance(c, gr.Dropdown)}
            updates[self.seen] = replace(seen, run=updates[self.seen].run)  # the lists are still to be shown
        return updates

    def try_run(self, seen: Seen, chosen: str | None, request: gr.Request) -> Updates:
        """To Compare, with the concept of the run that is shown; where it is ``chosen`` already, its strength stays."""
        updates = self.refresh(seen, request)
        concepts = self.ctx.service.concepts()
        concept = view.find_concept(concepts, f"run:{seen.run}")
        if concept is not None and concept.id != chosen:
            updates[self.compare.concept] = gr.update(choices=view.concept_choices(concepts), value=concept.id)
            updates[self.compare.strength] = concept.recommended_strength
        return {**updates, self.tabs: gr.Tabs(selected="compare")}

    def forget(self, updates: Updates, chosen: Sequence[str | None]) -> Updates:
        """A concept that is gone is ``chosen`` (in the order of ``choosers``) nowhere any more."""
        there = [concept.id for concept in self.ctx.service.concepts()]
        for chooser, concept_id in zip(self.choosers, chosen, strict=True):
            if concept_id and concept_id not in there and "value" not in updates.setdefault(chooser, gr.update()):
                updates[chooser]["value"] = chooser.value
        return updates

    def open(self, draft: list[Any] | None, request: gr.Request) -> Updates:
        """A page was loaded: show what is, and what its person had written."""
        alive = {f"run:{record.id}" for record in self.ctx.service.runs() if record.active}
        updates = self.refresh(Seen(follows=alive), request)
        updates[self.news] = "open"
        if draft and len(draft) == len(self.drafted):
            there = [concept.id for concept in self.ctx.service.concepts()]
            for component, value in zip(self.drafted, draft, strict=True):
                # who is quick writes before the page is complete, and then part of it is not known yet
                if value is None:
                    continue
                if component not in self.choosers:
                    updates[component] = value
                elif value in there or value == component.value:  # not one that was deleted since
                    updates.setdefault(component, gr.update())["value"] = value
        if stage.wanted(request):
            updates |= {self.tabs: gr.Tabs(selected="compare"), self.compare.live: True}
        return updates


def build(ctx: Context) -> gr.Blocks:
    """The studio for one workbench, ready to be launched (see ``server``)."""
    blocks = gr.Blocks(title=ui_text.APP, analytics_enabled=False, delete_cache=(3600, 86400))
    with blocks:
        api.offer(ctx)  # first, since the first function of a name gets it
        _offer_news(ctx)
        gr.HTML(parts.header(), elem_id="header")
        stage.build()
        line, act, problem = banner.build()
        with gr.Tabs(elem_id="pages") as tabs:
            with gr.Tab(ui_text.TEACH, id="teach"):
                teach_page = teach.build(ctx)
            with gr.Tab(ui_text.COMPARE, id="compare"):
                compare_page = compare.build(ctx)
            with gr.Tab(ui_text.STRENGTHS, id="strengths"):
                strengths_page = strengths.build(ctx)
            with gr.Tab(ui_text.MIX, id="mix"):
                mix_page = mix.build(ctx)
            with gr.Tab(ui_text.INSIDE, id="inside"):
                inside_page = inside.build(ctx)
            with gr.Tab(ui_text.LIBRARY, id="library"):
                library_page = library.build(ctx)
            with gr.Tab(ui_text.MODELS, id="model"):
                models_page = models.build(ctx)
        studio = Studio(
            ctx=ctx,
            tabs=tabs,
            banner=line,
            banner_act=act,
            banner_problem=problem,
            news=gr.Button("", visible="hidden", elem_id="news"),  # pressed by assets/news.js
            seen=gr.State(Seen()),
            # both are fixed, or else a restart of the app would forget every draft; it is no secret, the text stays local
            draft=gr.BrowserState(None, storage_key="lineas-draft-v1", secret="lineas-studio"),
            teach=teach_page,
            compare=compare_page,
            strengths=strengths_page,
            mix=mix_page,
            inside=inside_page,
            library=library_page,
            models=models_page,
        )
        teach_acts.wire(ctx, studio)
        compare_answers.wire(ctx, studio)
        compare_share.wire(ctx, studio)
        strengths.wire(ctx, studio)
        mix_acts.wire(ctx, studio)
        inside.wire(ctx, studio)
        library_acts.wire(ctx, studio)
        models.wire(ctx, studio)
        banner.wire(ctx, studio)
        opened = _unique([*studio.refreshed, *studio.drafted, studio.tabs, studio.compare.live, studio.news])
        blocks.load(studio.open, studio.draft, opened, **QUIET)
        gr.on([component.change for component in studio.drafted], None, studio.drafted, studio.draft, js=KEEP_DRAFT)
        watched = [studio.seen, gr.Checkbox(visible=False), gr.Checkbox(visible=False), *studio.choosers]
        studio.news.click(studio.catch_up, watched, studio.refreshed, js=LOOK_UP, trigger_mode="always_last", **RAW)
    return blocks


def _offer_news(ctx: Context) -> None:
    began = time.time_ns()

    def news() -> str:
        """A word that is another one after every change that pages show, and after a restart."""
        return f"{began}-{ctx.service.snapshot().version}"

    api.endpoint(news, queue=False, api_visibility="undocumented")


def _unique(components: list[Any]) -> list[Any]:
    return list(dict.fromkeys(components))
