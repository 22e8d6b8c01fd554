"""The page Model: what is in memory, what else is on this computer, and how much room there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.components import html as parts
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context, Now
from lineas.ui.events import QUIET, RAW, Updates, bring_into_view, told
from lineas.ui.pages.models import render as models_view

if TYPE_CHECKING:
    from lineas.models.local import LocalModel
    from lineas.ui.studio import Studio


@dataclass(frozen=True)
class ModelsPage:
    now: gr.HTML
    free: gr.Button
    models: gr.Radio
    name: gr.Textbox
    suggestions: list[gr.Button]
    about: gr.HTML
    load: gr.Button
    why: gr.HTML
    problem: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [self.name]

    @property
    def shown(self) -> list[Any]:
        return [self.now, self.free, self.load, self.why]

    def show(self, now: Now) -> Updates:
        controls = models_view.model_controls(now.snapshot)
        loading = now.snapshot.model.phase == "loading"
        return {
            self.now: models_view.now(now.snapshot.model),
            self.free: gr.update(
                interactive=controls.end, value=ui_text.MODELS_STOP_LOADING if loading else ui_text.MODELS_FREE
            ),
            self.load: gr.update(interactive=controls.go),
            self.why: parts.hint(controls.why),
        }


def build(ctx: Context) -> ModelsPage:
    hint, info = (
        (ui_text.MODELS_OTHER_HINT, ui_text.MODELS_OTHER_INFO)
        if ctx.local
        else (ui_text.MODELS_OTHER_HINT_HUB, ui_text.MODELS_OTHER_INFO_HUB)
    )
    gr.HTML(parts.title(ui_text.MODELS_TITLE, ui_text.MODELS_LEAD))
    with gr.Row(elem_classes="ls-card ls-now-card"):
        now = gr.HTML(elem_id="model-now")
        free = gr.Button(
            ui_text.MODELS_FREE, elem_id="model-free", size="md", interactive=False, scale=0, min_width=150
        )
    why = gr.HTML(parts.hint(ui_text.WHY_LOADING), elem_id="model-why")
    problem = gr.HTML(elem_id="model-problem")
    with gr.Row(elem_classes="ls-stack ls-library"):
        with gr.Column(scale=1, min_width=280, elem_classes="ls-gapped"):
            models = gr.Radio([], label=ui_text.MODELS_HERE, elem_id="model-list", elem_classes="ls-shelf")
            name = gr.Textbox(
                label=ui_text.MODELS_OTHER,
                placeholder=hint,
                info=info,
                max_length=1000,
                elem_id="model-name",
                elem_classes="ls-field",
            )
            with gr.Row(elem_classes="ls-chips"):
                gr.HTML(f'<span class="ls-label">{ui_text.MODELS_SUGGESTED}</span>', elem_classes="ls-chips-label")
                suggestions = [
                    gr.Button(ui_text.model(m), size="sm", elem_classes="ls-chip") for m in ui_text.MODELS_SUGGESTIONS
                ]
        with gr.Column(scale=1, min_width=300, elem_classes="ls-card ls-about-card"):
            about = gr.HTML(models_view.about(None, None), elem_id="model-about")
            with gr.Row(elem_classes="ls-actions"):
                load = gr.Button(ui_text.MODELS_LOAD, variant="primary", elem_id="model-load", interactive=False)
    return ModelsPage(
        now=now,
        free=free,
        models=models,
        name=name,
        suggestions=suggestions,
        about=about,
        load=load,
        why=why,
        problem=problem,
    )


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.models
    service = ctx.service

    def check(name: str) -> None:
        """Of what is on this computer, people elsewhere may choose what is on the list, and learn of nothing else."""
        if (
            not ctx.local
            and may_be_local(name)
            and name not in [m.name for m in service.model_slot.local_models.models()]
        ):
            raise LineasError(ui_text.MODELS_NOT_NAMED)

    def describe(name: str) -> Updates:
        """The card of one model; what is wrong with a name that is still being typed is no alarm."""
        try:
            check(name)
            if inside := service.model_slot.local_models.inside(name):
                return {page.about: models_view.about(None, None, ui_text.models_inside(len(inside)))}
            model = service.model_slot.local_models.look_at(name)
        except LineasError as error:
            return {page.about: models_view.about(None, None, str(error))}
        return {page.about: models_view.about(model, service.model_slot.room())}

    @told(page.problem)
    def opened(listed: str | None, typed: str, event: gr.SelectData) -> Updates:
        """The disk is looked at when the tab is opened: what was fetched or freed meanwhile is there."""
        if event.value != ui_text.MODELS:
            return {page.problem: gr.skip()}
        found = service.model_slot.local_models.models()
        names = [model.name for model in found]
        here = service.snapshot().model.name
        chosen = None if typed.strip() else next((n for n in (listed, here, *names) if n in names), None)
        return {
            page.models: gr.update(choices=models_view.choices(found), value=chosen),
            **describe(chosen or typed),
        }

    studio.tabs.select(opened, [page.models, page.name], [page.problem, page.models, page.about], **RAW)

    @told(page.problem)
    def choose(listed: str) -> Updates:
        return {**describe(listed), page.name: ""}

    page.models.input(choose, page.models, [page.problem, page.about, page.name], **RAW)
    page.models.input(None, None, None, js=bring_into_view("model-about"))

    @told(page.problem)
    def write(typed: str) -> Updates:
        return {**describe(typed), page.models: None} if typed.strip() else {}

    page.name.change(write, page.name, [page.problem, page.about, page.models], trigger_mode="always_last", **QUIET)
    for button, suggestion in zip(page.suggestions, ui_text.MODELS_SUGGESTIONS, strict=True):
        button.click(lambda suggestion=suggestion: suggestion, None, page.name, **QUIET)

    def fits(model: LocalModel) -> None:
        """Told before the present model leaves. A size that was guessed from a name is for the loading itself to find out."""
        if model.path is None or model.parameters is None:
            return
        room = service.model_slot.room()
        needed = room.needed(model.parameters, packed=model.kind == "gguf")
        if needed > room.free:
            raise LineasError(ui_text.does_not_fit(ui_text.model_name(model.name, model.kind), needed, room.free))

    @told(page.problem)
    def load(listed: str | None, typed: str, seen: Any, request: gr.Request) -> Updates:
        name = typed.strip() or listed or ""
        if not name:
            raise LineasError(ui_text.MODELS_NOTHING)
        check(name)
        if inside := service.model_slot.local_models.inside(name):
            service.model_slot.local_models.remember(name)
            first = inside[0].name
            found = models_view.choices(service.model_slot.local_models.models())
            updates = {page.models: gr.update(choices=found, value=first), page.name: "", **describe(first)}
            return {**updates, page.problem: parts.good(ui_text.models_found(len(inside)))}
        fits(service.model_slot.local_models.look_at(name))
        service.load_model(name)
        service.model_slot.local_models.remember(name)
        return studio.refresh(seen, request)

    outputs = [page.problem, *studio.refreshed]
    chosen = [page.models, page.name, page.about]
    gr.on([page.load.click, page.name.submit], load, [*chosen[:2], studio.seen], [*outputs, *chosen], **RAW)

    @told(page.problem)
    def free(seen: Any, request: gr.Request) -> Updates:
        service.free_model()
        return studio.refresh(seen, request)

    page.free.click(free, studio.seen, outputs, **QUIET)
