"""The whole studio: header, banner, tabs, news from the service, and the draft that survives a refresh."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from lineas.ui import api, view_state
from lineas.ui import text as ui_text
from lineas.ui.blocks import Blocks
from lineas.ui.components import banner, html, stage
from lineas.ui.context import Context, Now, Seen
from lineas.ui.events import QUIET, RAW, Updates
from lineas.ui.page import Frame, Page
from lineas.ui.pages import compare, concepts, inside, mix, models, pictures, strengths, teach
from lineas.ui.pages.compare import link

TABS = {
    "teach": teach,
    "compare": compare,
    "strengths": strengths,
    "mix": mix,
    "inside": inside,
    "pictures": pictures,
    "concepts": concepts,
    "models": models,
}
"""Package of each page, in the order of the tabs."""
KEEP_DRAFT = """(...values) => {
  const kept = (value) => (typeof value === 'string' && value.length > 300000 ? '' : value);
  return [Object.fromEntries(%s.map((id, number) => [id, kept(values[number])]))];
}"""
"""Script that makes a draft from the values of the components with these element ids. Very long texts are left out, because the
browser's storage is small."""
READ_BROWSER = """(seen, choosing, on_stage, ...chosen) =>
  [seen, window.lineasListOpen, document.body.classList.contains('ls-stage'), ...chosen]"""


@dataclass(frozen=True)
class Studio:
    """All pages, and what their handlers may ask of the whole (``page.Frame``)."""

    ctx: Context
    tabs: gr.Tabs
    banner: banner.Banner
    news: gr.Button
    seen: gr.State
    draft: gr.BrowserState
    teach: teach.TeachPage
    compare: compare.ComparePage
    strengths: strengths.StrengthsPage
    mix: mix.MixPage
    inside: inside.InsidePage
    pictures: pictures.PicturesPage
    concepts: concepts.ConceptsPage
    models: models.ModelsPage

    @property
    def pages(self) -> list[Page]:
        return [self.banner, *(getattr(self, name) for name in TABS)]

    @property
    def refreshed(self) -> list[Any]:
        return [self.seen, *(component for page in self.pages for component in page.shown)]

    @property
    def drafted(self) -> list[Any]:
        return [component for page in self.pages for component in page.draft]

    @property
    def choosers(self) -> list[gr.Dropdown]:
        return [self.compare.concept, self.strengths.concept, self.inside.concept, *self.mix.concepts]

    def refresh(
        self, seen: Seen, request: gr.Request, follow: str = "", choose: bool = True, chosen: str | None = None
    ) -> Updates:
        """Redraw all pages if anything changed since ``seen``. State reaches the browser only through here: after news, and at the
        end of every click that changes something.

        Args:
            follow: id of a run that this browser page has just started or continued.
            choose: False if nothing that arrives now may be chosen for the person, now or later.
            chosen: id of the concept chosen on Compare, where known.
        """
        service, session = self.ctx.service, str(request.session_hash)
        if follow:
            seen.follows.add(f"run:{follow}")
        snapshot, lesson = service.snapshot(), self.ctx.pictures.version
        updates: Updates = {self.seen: gr.skip()}
        if lesson != seen.pictures:
            updates = {self.seen: replace(seen, pictures=lesson), **self.pictures.show_news(seen.follows, choose)}
        if snapshot.version == seen.version:
            return updates
        run, concepts = snapshot.run, service.concepts()
        arrived = [concept for concept in concepts if concept.id in seen.follows]
        # followed once, not again when the concept comes back from the trash
        seen.follows.difference_update(concept.id for concept in arrived)
        now = Now(
            snapshot=snapshot,
            concepts=concepts,
            seen=seen,
            runs=service.runs(),
            points=service.metrics(run.id) if run else [],
            previews=service.previews(run.id) if run else [],
            log=service.log(run.id) if run and run.state == "failed" else None,
            streaming=self.ctx.streams.running(session),
            busy=self.ctx.streams.busy(session),
            arrived=arrived[0] if arrived and choose else None,
            chosen=chosen,
        )
        updates[self.seen] = Seen(snapshot.version, now.listing, run.id if run else "", seen.follows, lesson)
        for page in self.pages:
            updates |= page.show(now)
        return updates

    def catch_up(
        self, seen: Seen, choosing: bool, on_stage: bool, request: gr.Request, *chosen: str | None
    ) -> Updates:
        """Redraw all pages after news.

        While the person has a list open (``choosing``), lists stay as they are: Gradio's break when they get shorter, and a list
        should not move under the finger. In the stage view nothing is chosen by itself.
        """
        updates = self.refresh(seen, request, choose=not (choosing or on_stage), chosen=chosen[0])
        if len(updates) == 1:
            return updates
        updates = self.forget(updates, chosen)
        if choosing:
            updates = {c: value for c, value in updates.items() if not isinstance(c, gr.Dropdown)}
            updates[self.seen] = replace(seen, run=updates[self.seen].run)  # the lists are still to be shown
        return updates

    def forget(self, updates: Updates, chosen: Sequence[str | None]) -> Updates:
        ids = [concept.id for concept in self.ctx.service.concepts()]
        for chooser, concept_id in zip(self.choosers, chosen, strict=True):
            if concept_id and concept_id not in ids and "value" not in updates.setdefault(chooser, gr.update()):
                updates[chooser]["value"] = chooser.value
        return updates

    def open(self, draft: dict[str, Any] | list[Any] | None, request: gr.Request) -> Updates:
        """Show a page that was just loaded, with what its person had written.

        Args:
            draft: a value for each element id. It may be from a version with other fields; the first ones kept a list.
        """
        alive = {f"run:{record.id}" for record in self.ctx.service.runs() if record.active}
        if (lesson := self.ctx.pictures.lesson) is not None and lesson.state == "running":
            alive.add(f"run:{lesson.run_id}")
        updates = self.refresh(Seen(follows=alive), request)
        updates[self.news] = "open"
        if isinstance(draft, dict):
            ids = [concept.id for concept in self.ctx.service.concepts()]
            kept = {component: draft.get(component.elem_id) for component in self.drafted}
            for component, value in kept.items():
                if value is None:  # a draft that was kept before the page was complete, or without this field
                    continue
                if component not in self.choosers:
                    updates[component] = value
                elif value in ids or value == component.value:  # not a concept that was deleted since
                    updates.setdefault(component, gr.update())["value"] = value
            # an audience gets no answer that was given before the stage: nobody has looked whether it is family-safe
            restored = [page for page in self.pages if page is not self.compare or not stage.wanted(request)]
            for page in restored:
                for component, value in page.restore(kept).items():
                    if isinstance(known := updates.get(component), dict) and isinstance(value, dict):
                        value = {**known, **value}
                    updates[component] = value
        if stage.wanted(request):
            updates[self.tabs] = gr.update(selected="compare")
            updates |= dict.fromkeys(self.compare.stage_switches, True)
        return updates | self._open_link(link.read(request.query_params))

    def _open_link(self, asked: link.Link) -> Updates:
        """Open Compare with what the page's address asks for."""
        if not asked:
            return {}
        question, concept = asked.question or None, asked.find(self.ctx.service.concepts())
        if concept is None:
            opened: Updates = {self.tabs: gr.update(selected="compare")}
            if question is not None:
                opened[self.compare.asking.prompt] = question
            if asked.concept:
                sentence = ui_text.LINK_NO_CONCEPT.format(name=asked.concept)
                opened[self.compare.asking.problem] = html.alert(sentence)
            return opened
        mode = asked.mode or concept.mode
        strength = concept.strength_for(mode) if asked.strength is None else asked.strength
        return self.open_compare(concept.id, strength, question, mode)

    # ---- ways from page to page

    @property
    def opened(self) -> list[Any]:
        return [*self.refreshed, self.compare.asking.prompt, *self.teach.filled, self.tabs]

    @property
    def lesson(self) -> list[gr.Textbox]:
        return self.teach.boxes

    def open_compare(
        self, concept_id: str | None, strength: float, question: str | None = None, mode: str = "show"
    ) -> Updates:
        return {
            self.compare.concept: self._choose(concept_id),
            self.compare.strength: strength,
            self.compare.mode: mode,
            self.compare.asking.prompt: gr.skip() if question is None else question,
            self.tabs: gr.update(selected="compare"),
        }

    def open_inside(self, concept_id: str) -> Updates:
        return {self.inside.concept: self._choose(concept_id), self.tabs: gr.update(selected="inside")}

    def open_teach(self, written: list[str], name: str, source: Sequence[str], target: Sequence[str]) -> Updates:
        replaced = self.teach.replace_text(written, name, "\n".join(source), "\n".join(target))
        return {**replaced, self.tabs: gr.update(selected="teach")}

    def try_taught(self, chosen: str | None, seen: Seen, request: gr.Request) -> Updates:
        refreshed = self.refresh(seen, request)
        concept = view_state.find_concept(self.ctx.service.concepts(), f"run:{seen.run}")
        if concept is None or concept.id == chosen:
            return {**refreshed, self.tabs: gr.update(selected="compare")}
        return {**refreshed, **self.open_compare(concept.id, concept.recommended_strength, mode=concept.mode)}

    def _choose(self, concept_id: str | None) -> Any:
        """An update that chooses a concept, with the list in which it stands."""
        return gr.update(choices=view_state.concept_choices(self.ctx.service.concepts()), value=concept_id)


def tab_labels() -> tuple[str, ...]:
    return (
        *(ui_text.TEACH, ui_text.COMPARE, ui_text.STRENGTHS, ui_text.MIX),
        *(ui_text.INSIDE, ui_text.PICTURES, ui_text.CONCEPTS, ui_text.MODELS),
    )


def build(ctx: Context) -> gr.Blocks:
    """Build the studio, ready to be launched (see ``server``), in the language that is spoken."""
    blocks = Blocks(lambda: build(ctx), title=ui_text.APP, analytics_enabled=False, delete_cache=(3600, 86400))
    with blocks:
        api.offer(ctx)  # first, because the first function of a name gets it
        _offer_news(ctx)
        gr.HTML(html.header(), elem_id="header")
        stage.build()
        line = banner.build()
        pages: dict[str, Any] = {}
        with gr.Tabs(elem_id="pages") as tabs:
            for (name, package), label in zip(TABS.items(), tab_labels(), strict=True):
                with gr.Tab(label, id=name):
                    pages[name] = package.build(ctx)
        studio = Studio(
            ctx=ctx,
            tabs=tabs,
            banner=line,
            news=gr.Button("", visible="hidden", elem_id="news"),  # pressed by assets/news.js
            seen=gr.State(Seen()),
            # both fixed, so that drafts outlive a restart of the studio; the "secret" hides nothing, the text stays in the browser
            draft=gr.BrowserState(None, storage_key="lineas-draft-v1", secret="lineas-studio"),
            **pages,
        )
        frame: Frame = studio
        for name, package in TABS.items():
            package.wire(ctx, pages[name], frame)
        banner.wire(ctx, line, frame)
        switches = studio.compare.stage_switches
        restored = [component for page in studio.pages for component in page.restored]
        loaded = dict.fromkeys(
            [*studio.opened, *studio.drafted, *restored, *switches, studio.news, studio.compare.asking.problem]
        )
        blocks.load(studio.open, studio.draft, [*loaded], **QUIET).then(None, None, None, js=link.FORGET)
        keep = KEEP_DRAFT % json.dumps([component.elem_id for component in studio.drafted])
        gr.on([component.change for component in studio.drafted], None, studio.drafted, studio.draft, js=keep)
        watched = [studio.seen, gr.Checkbox(visible=False), gr.Checkbox(visible=False), *studio.choosers]
        studio.news.click(
            studio.catch_up, watched, studio.refreshed, js=READ_BROWSER, trigger_mode="always_last", **RAW
        )
    return blocks


def _offer_news(ctx: Context) -> None:
    began = time.time_ns()

    def news() -> str:
        """A text that changes whenever something on the pages changes, and after a restart."""
        return f"{began}-{ctx.service.snapshot().version}-{ctx.pictures.version}"

    api.endpoint(news, queue=False, api_visibility="undocumented")
