"""The components of the page Teach: two lists of sentences, the settings, and the training in progress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.service.previews import PROMPT
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import fields, html
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.page import Page
from lineas.ui.pages.teach import dataset, drafting, render

FILES = [".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx"]


@dataclass(frozen=True)
class Settings:
    """The fold "Advanced"."""

    recipe: gr.Radio
    steps: gr.Number
    seed: gr.Number
    support: gr.Slider
    sparsity: gr.Number
    sites: gr.Dropdown
    preview: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Components in the order in which ``service_settings`` takes their values."""
        return [self.recipe, self.steps, self.seed, self.support, self.sparsity, self.sites, self.preview]


@dataclass(frozen=True)
class TeachPage(Page):
    presets: list[gr.Button]
    wish: drafting.Wish
    undo: gr.Button
    replaced: gr.State
    name: gr.Textbox
    source: gr.Textbox
    target: gr.Textbox
    source_count: gr.HTML
    target_count: gr.HTML
    uploads: list[gr.UploadButton]
    data: dataset.DataSet
    file_note: gr.HTML
    findings: gr.HTML
    settings: Settings
    teach: gr.Button
    cancel: gr.Button
    resume: gr.Button
    why: gr.HTML
    how_long: gr.HTML
    problem: gr.HTML
    plot: gr.HTML
    previews: gr.HTML
    status: gr.HTML
    details: gr.HTML
    try_it: gr.Button

    @property
    def boxes(self) -> list[Any]:
        return [self.name, self.source, self.target]

    @property
    def filled(self) -> list[Any]:
        """Components that ``replace_text`` may change."""
        return [*self.boxes, self.wish.phrase, self.replaced, self.undo, self.file_note]

    @property
    def draft(self) -> list[Any]:
        return [*self.boxes, self.wish.phrase, self.wish.kept, *self.settings.all]

    @property
    def restored(self) -> list[Any]:
        return [self.wish.drafted]

    def restore(self, draft: Mapping[Any, Any]) -> Updates:
        return self.wish.restore(str(draft[self.wish.kept] or ""))

    @property
    def shown(self) -> list[Any]:
        buttons = [self.teach, self.cancel, self.resume, self.try_it]
        return [*buttons, *self.wish.buttons, self.why, self.plot, self.previews, self.status, self.details]

    def show(self, now: Now) -> Updates:
        run = now.snapshot.run
        controls = view_state.teach_controls(now.snapshot)
        return {
            self.teach: gr.update(interactive=controls.go),
            **self.wish.show(controls.go and drafting.TAB not in now.busy),
            self.cancel: gr.update(interactive=controls.end),
            self.resume: gr.update(visible=view_state.can_resume(run)),
            self.why: html.hint(controls.why),
            self.plot: render.curve(now.points, run),
            self.previews: render.previews(now.previews, run),
            self.status: html.status(view_state.run_status(run, now.snapshot.queue_length)) if run else "",
            self.details: render.details(*now.log) if now.log else "",
            self.try_it: gr.update(visible=run is not None and run.state == "done"),
        }

    def replace_text(self, written: list[str], *texts: str | None) -> Updates:
        """Put new texts (None: unchanged) into the boxes, with an offer to bring back what the person had written."""
        filled: Updates = {box: text for box, text in zip(self.boxes, texts, strict=True) if text is not None}
        filled[self.file_note] = ""
        if texts[0] is not None:  # another concept, which the phrase does not describe
            filled[self.wish.phrase] = ""
        if not any(text.strip() for text in written[1:]):
            return filled
        return {**filled, self.replaced: written, self.undo: gr.update(visible=True)}


def service_settings(*values: Any) -> dict[str, Any]:
    """The values of ``Settings.all`` as ``StudioService.teach`` takes them."""
    recipe, steps, seed, support, sparsity, sites, preview = values
    return {
        "recipe": recipe,
        "steps": int(steps or 0) or None,
        "seed": int(seed or 0),
        "support": support if support < 100 else None,
        "sparsity": sparsity or 0.0,
        "sites": (sites or "").strip() or "default",
        "preview": preview or "",
    }


def build(ctx: Context) -> TeachPage:
    gr.HTML(html.title(ui_text.TEACH_TITLE, ui_text.TEACH_LEAD))
    with gr.Row(elem_classes="ls-chips", elem_id="presets"):
        gr.HTML(html.label(ui_text.PRESETS), elem_classes="ls-chips-label")
        presets = [fields.chip(preset.name, f"preset-{preset.id}") for preset in ctx.presets]
    wish = drafting.build()
    with gr.Row(equal_height=True, elem_classes="ls-stack", elem_id="examples"):
        undo = fields.chip(ui_text.UNDO, "undo-preset", visible=False, render=False)
        source, source_count, source_upload = _box(ui_text.SOURCE, ui_text.SOURCE_HINT, "source", undo)
        target, target_count, target_upload = _box(ui_text.TARGET, ui_text.TARGET_HINT, "target")
    file_note = gr.HTML(elem_id="file-note")
    with gr.Row(elem_classes="ls-actions ls-teach"):
        name = fields.text_field(
            ui_text.CONCEPT_NAME,
            "concept-name",
            value="",
            placeholder=ui_text.CONCEPT_NAME_HINT,
            max_length=80,
            scale=3,
        )
        teach = fields.main_button(ui_text.TEACH_BUTTON, "train-button", scale=1, interactive=False)
        cancel = gr.Button(ui_text.CANCEL_BUTTON, elem_id="cancel-button", scale=1, interactive=False)
        resume = gr.Button(ui_text.RESUME_BUTTON, elem_id="resume-button", scale=1, visible=False)
    with gr.Row(elem_classes="ls-under"):
        how_long = gr.HTML(elem_id="how-long")
        why = fields.hint(ui_text.WHY_LOADING, "teach-why")
    problem = gr.HTML(elem_id="teach-problem")
    findings = gr.HTML(elem_id="example-findings")
    with gr.Column(elem_classes="ls-card ls-lesson"):
        status = gr.HTML(elem_id="run-status")
        details = gr.HTML(elem_id="run-details")
        with gr.Row(equal_height=True, elem_classes="ls-stack"):
            with gr.Column(scale=5, min_width=280):
                gr.HTML(html.card_title(ui_text.DISTANCE_TITLE))
                plot = gr.HTML(render.curve([], None), elem_id="loss-plot")
            with gr.Column(scale=4, min_width=280):
                gr.HTML(html.card_title(ui_text.PREVIEW_TITLE))
                previews = gr.HTML(render.previews([], None), elem_id="previews")
        try_it = gr.Button(ui_text.TRY_BUTTON, variant="primary", size="md", visible=False, elem_id="try-button")
    data = dataset.build(ctx)
    settings = _settings()
    return TeachPage(
        presets=presets, wish=wish,
        undo=undo, replaced=gr.State(None), name=name, source=source, target=target, source_count=source_count,
        target_count=target_count, uploads=[source_upload, target_upload], data=data, file_note=file_note, findings=findings,
        settings=settings,
        teach=teach, cancel=cancel, resume=resume, why=why, how_long=how_long, problem=problem, plot=plot, previews=previews,
        status=status, details=details, try_it=try_it,
    )  # fmt: skip


def _box(label: str, placeholder: str, side: str, *under: gr.Button) -> tuple[gr.Textbox, gr.HTML, gr.UploadButton]:
    """A box for sentences, and below it their number, the buttons ``under``, and the one that opens a file."""
    with gr.Column(min_width=280):
        box = gr.Textbox(
            "",
            label=label,
            placeholder=placeholder,
            lines=9,
            max_lines=9,
            elem_id=f"{side}-examples",
            elem_classes=["ls-examples", "ls-field"],
        )
        with gr.Row(elem_classes="ls-chips ls-under-box"):
            count = gr.HTML(render.counter(0, 0), elem_id=f"{side}-count", elem_classes="ls-grow")
            for button in under:
                button.render()
            upload = gr.UploadButton(
                ui_text.UPLOAD, file_types=FILES, size="sm", elem_id=f"{side}-upload", elem_classes="ls-chip"
            )
    return box, count, upload


def _settings() -> Settings:
    with gr.Accordion(ui_text.ADVANCED, open=False, elem_classes="ls-advanced"):
        with gr.Row():
            recipe = gr.Radio(ui_text.RECIPES, value="quick", elem_id="recipe", scale=2, **ui_text.RECIPE)
            steps = gr.Number(0, precision=0, minimum=0, elem_id="steps", **ui_text.STEPS)
            seed = gr.Number(0, precision=0, elem_id="teach-seed", **ui_text.TEACH_SEED)
        with gr.Row():
            support = gr.Slider(1, 100, 100, step=1, buttons=[], elem_id="support", **ui_text.SUPPORT)
            sparsity = gr.Number(0, minimum=0, elem_id="sparsity", **ui_text.SPARSITY)
        with gr.Row():
            choices = ui_text.SITE_CHOICES
            sites = gr.Dropdown(choices, value="default", allow_custom_value=True, elem_id="sites", **ui_text.SITES)
            ask = ui_text.PREVIEW_ASK
            preview = gr.Textbox(PROMPT, max_lines=1, max_length=300, elem_id="preview-prompt", **ask)
    return Settings(recipe, steps, seed, support, sparsity, sites, preview)
