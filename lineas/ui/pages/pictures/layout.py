"""The components of the page Pictures: drawing with a concept, and teaching one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page
from lineas.ui.pages.pictures import collection, render
from lineas.ui.pages.pictures.collection import Collection

if TYPE_CHECKING:
    from lineas.data.presets import Preset


@dataclass(frozen=True)
class Lists:
    """What is taught."""

    name: gr.Textbox
    word: gr.Textbox
    source: gr.Textbox
    target: gr.Textbox

    @property
    def all(self) -> list[Any]:
        return [self.name, self.word, self.source, self.target]


@dataclass(frozen=True)
class PictureModelFields:
    """Which model draws and learns, and how it draws."""

    name: gr.Textbox
    steps: gr.Number
    guidance: gr.Number
    load: gr.Button
    said: gr.HTML

    @property
    def asked(self) -> list[Any]:
        return [self.name, self.steps, self.guidance]

    def show(self, ctx: Context) -> Updates:
        using = ctx.pictures
        return {
            self.name: using.model_name, self.steps: using.steps, self.guidance: using.guidance,
            self.said: html.hint(ui_text.picture_model_in_use(using.model_name)),
        }  # fmt: skip


@dataclass(frozen=True)
class PicturesPage(Page):
    ctx: Context
    presets: list[gr.Button]
    concept: gr.Dropdown
    prompts: gr.Textbox
    seed: gr.Number
    draw: gr.Button
    problem: gr.HTML
    strip: gr.HTML
    slider: gr.Slider
    pair: gr.HTML
    files: list[gr.DownloadButton]
    lists: Lists
    replaced: gr.State
    undo: gr.Button
    swap: gr.Button
    teach: gr.Button
    cancel: gr.Button
    teach_problem: gr.HTML
    status: gr.HTML
    plot: gr.HTML
    changes: gr.HTML
    collection: Collection
    model: PictureModelFields

    @property
    def draft(self) -> list[Any]:
        return [self.prompts, self.seed, *self.lists.all]

    @property
    def lesson(self) -> list[Any]:
        """Components that ``show_lesson`` changes."""
        return [self.teach, self.cancel, self.status, self.plot, self.changes]

    @property
    def shown(self) -> list[Any]:
        return [*self.lesson, self.concept, *self.collection.shown, *self.model.asked, self.model.said]

    @property
    def filled(self) -> list[Any]:
        """Components that ``replace_lists`` changes."""
        return [*self.lists.all, self.replaced, self.undo]

    def replace_lists(self, written: Sequence[str], texts: Sequence[str]) -> Updates:
        """Put new texts into the lists, with an offer to bring back what the person had written (name, word and lists).

        An unchanged example is nothing that a person wrote.
        """
        filled: Updates = dict(zip(self.lists.all, texts, strict=True))
        shipped = [[preset.name, *_sides(preset)] for preset in self.ctx.pictures.presets]
        name, _, *sides = written
        if not any(map(str.strip, sides)) or [name, *sides] in shipped:
            return filled
        return {**filled, self.replaced: tuple(written), self.undo: gr.update(visible=True)}

    def show(self, now: Now) -> Updates:
        if not now.opening:
            return {}
        shown = self.show_lesson()
        concepts = self.ctx.pictures.concepts.concepts()
        first = next((concept.id for concept in concepts), None)
        chosen = gr.update(choices=concept_choices(self.ctx), value=first)
        kept = self.collection.choose(self.ctx.pictures, first)
        return {**shown, self.concept: chosen, **kept, **self.model.show(self.ctx)}

    def show_news(self, follows: set[str], choose: bool) -> Updates:
        """The training as far as it is, also one that another page began. Once it has ended, the lists show what it made.

        Args:
            follows: ``Seen.follows``; what it holds is chosen, and not again when it comes back from the trash.
            choose: False if nothing may be chosen for the person.
        """
        shown, lesson = self.show_lesson(), self.ctx.pictures.lesson
        if lesson is None or lesson.state == "running":
            return shown
        item_id = f"run:{lesson.run_id}"
        followed = item_id in follows
        follows.discard(item_id)
        kept = self.collection
        shown |= kept.choose(self.ctx.pictures, item_id) if followed and choose else kept.list_items(self.ctx.pictures)
        shown[self.concept] = gr.update(choices=concept_choices(self.ctx))
        if followed and choose and lesson.concept_id:
            shown[self.concept]["value"] = lesson.concept_id
        return shown

    def show_lesson(self) -> Updates:
        """The training as far as it is."""
        lesson = self.ctx.pictures.lesson
        running = lesson is not None and lesson.state == "running"
        return {
            self.teach: gr.update(interactive=not running),
            self.cancel: gr.update(interactive=running),
            self.status: html.status(render.status(lesson)) if lesson else "",
            self.plot: render.curve(lesson),
            self.changes: render.changes(lesson),
        }


def _sides(preset: "Preset") -> tuple[str, str]:
    return "\n".join(preset.source), "\n".join(preset.target)


def example_texts(preset: "Preset") -> list[str]:
    """What an example puts into ``Lists.all``."""
    return [preset.name, preset.instruction, *_sides(preset)]


def concept_choices(ctx: Context) -> list[tuple[str, str]]:
    return [(ui_text.concept(concept.name, concept.kind), concept.id) for concept in ctx.pictures.concepts.concepts()]


def build(ctx: Context) -> PicturesPage:
    gr.HTML(html.title(ui_text.PICTURES_TITLE, ui_text.PICTURES_LEAD))
    with gr.Row(elem_classes="ls-chips", elem_id="picture-presets"):
        gr.HTML(html.label(ui_text.PICTURE_PRESETS), elem_classes="ls-chips-label")
        presets = [fields.chip(preset.name, f"picture-{preset.id}") for preset in ctx.pictures.presets]
    with gr.Row(elem_classes="ls-card ls-steer"):
        with gr.Column(scale=4, min_width=260):
            prompts = gr.Textbox(
                "", label=ui_text.PICTURE_PROMPTS, placeholder=ui_text.PICTURE_PROMPTS_HINT, lines=3, max_lines=4,
                elem_id="picture-prompts", elem_classes=["ls-examples", "ls-field"],
            )  # fmt: skip
        with gr.Column(scale=2, min_width=220):
            concept = fields.concept_list("picture-concept")
            draw = fields.main_button(ui_text.DRAW, "picture-draw")
    problem = gr.HTML(elem_id="picture-problem")
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(html.card_title(ui_text.STRIP))
        strip = gr.HTML(render.strip([], ""), elem_id="picture-strip")
        slider = fields.strength_slider(ui_text.PICTURE_SLIDER, "picture-strength", 1.0)
        pair = gr.HTML(render.pair(None, 1.0), elem_id="picture-pair")
        with gr.Row(elem_classes="ls-chips"):
            files = [
                gr.DownloadButton(label, size="sm", interactive=False, elem_id=elem_id, elem_classes="ls-chip")
                for label, elem_id in ((ui_text.SAVE_STRIP, "picture-png"), (ui_text.SAVE_GIF, "picture-gif"))
            ]
        seed = gr.Number(0, precision=0, minimum=0, elem_id="picture-seed", **ui_text.PICTURE_SEED)
    fields.hint(ui_text.PICTURES_KNOW, "picture-knows")
    with gr.Accordion(ui_text.LARGER_TITLE, open=False, elem_id="picture-larger", elem_classes="ls-advanced"):
        model = _model_fields()
        gr.HTML(render.larger_models())
    gr.HTML(html.title(ui_text.PICTURE_TEACH_TITLE, ui_text.PICTURE_TEACH_LEAD))
    with gr.Row(equal_height=True, elem_classes="ls-stack"):
        source, target = (
            gr.Textbox(
                "", label=label, placeholder=hint, lines=9, max_lines=9, elem_id=elem_id,
                elem_classes=["ls-examples", "ls-field"], min_width=280,
            )
            for label, hint, elem_id in (
                (ui_text.PICTURE_SOURCE, ui_text.PICTURE_SOURCE_HINT, "picture-source"),
                (ui_text.PICTURE_TARGET, ui_text.PICTURE_TARGET_HINT, "picture-target"),
            )
        )  # fmt: skip
    with gr.Row(elem_classes="ls-chips"):
        swap = fields.chip(ui_text.PICTURE_SWAP, "picture-swap")
        undo = fields.chip(ui_text.PICTURE_UNDO, "picture-bring-back", visible=False)
    with gr.Row():
        hint = ui_text.PICTURE_NAME_HINT
        name = fields.text_field(ui_text.PICTURE_NAME, "picture-name", value="", placeholder=hint, max_length=80)
        word = gr.Textbox(
            "", max_lines=1, max_length=200, elem_id="picture-word", elem_classes="ls-field", **ui_text.PICTURE_WORD
        )
    with gr.Row(elem_classes="ls-actions"):
        teach = fields.main_button(ui_text.PICTURE_TEACH, "picture-teach", scale=1)
        cancel = gr.Button(ui_text.PICTURE_CANCEL, elem_id="picture-cancel", scale=1, interactive=False)
    teach_problem = gr.HTML(elem_id="picture-teach-problem")
    with gr.Column(elem_classes="ls-card ls-lesson"):
        status = gr.HTML(elem_id="picture-status")
        with gr.Row(equal_height=True, elem_classes="ls-stack"):
            with gr.Column(scale=5, min_width=280):
                gr.HTML(html.card_title(ui_text.DISTANCE_TITLE))
                plot = gr.HTML(render.curve(None), elem_id="picture-plot")
            with gr.Column(scale=4, min_width=280):
                gr.HTML(html.card_title(ui_text.PICTURE_CHANGES))
                changes = gr.HTML(render.changes(None), elem_id="picture-changes")
    kept = collection.build()
    return PicturesPage(
        ctx=ctx, presets=presets, concept=concept, prompts=prompts, seed=seed, draw=draw, problem=problem, strip=strip,
        slider=slider, pair=pair, files=files, lists=Lists(name, word, source, target),
        replaced=gr.State(None), undo=undo, swap=swap, teach=teach, cancel=cancel,
        teach_problem=teach_problem, status=status, plot=plot, changes=changes, collection=kept, model=model,
    )  # fmt: skip


def _model_fields() -> PictureModelFields:
    with gr.Row(elem_classes="ls-actions"):
        name = gr.Textbox(
            "small",
            max_lines=1,
            max_length=300,
            scale=5,
            elem_id="picture-model",
            elem_classes="ls-field",
            **ui_text.PICTURE_MODEL,
        )
        steps = gr.Number(
            4, precision=0, elem_id="picture-steps", elem_classes="ls-field", min_width=110, **ui_text.PICTURE_STEPS
        )
        guidance = gr.Number(
            0, elem_id="picture-guidance", elem_classes="ls-field", min_width=110, **ui_text.PICTURE_GUIDANCE
        )
        load = gr.Button(ui_text.PICTURE_LOAD, elem_id="picture-load", scale=1)
    return PictureModelFields(name, steps, guidance, load, gr.HTML(elem_id="picture-model-said"))
