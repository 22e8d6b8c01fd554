"""The Teach page: two lists of sentences in, a concept out, and the curve and its own words in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lineas.service.previews import PROMPT
from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates
from lineas.ui.pages.teach import files as teach_data
from lineas.ui.pages.teach import render as teach_view

FILES = [".txt", ".csv", ".tsv", ".json", ".jsonl"]


@dataclass(frozen=True)
class TeachPage:
    presets: list[gr.Button]
    undo: gr.Button
    replaced: gr.State
    name: gr.Textbox
    source: gr.Textbox
    target: gr.Textbox
    source_count: gr.HTML
    target_count: gr.HTML
    uploads: list[gr.UploadButton]
    data: teach_data.DataSet
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
    def draft(self) -> list[Any]:
        """What is kept in the browser, so that a refresh loses nothing."""
        return [*self.boxes, *self.settings.all]

    @property
    def shown(self) -> list[Any]:
        """What ``show`` may change."""
        buttons = [self.teach, self.cancel, self.resume, self.try_it]
        return [*buttons, self.why, self.plot, self.previews, self.status, self.details]

    def show(self, now: Now) -> Updates:
        run = now.snapshot.run
        controls = view.teach_controls(now.snapshot)
        return {
            self.teach: gr.update(interactive=controls.go),
            self.cancel: gr.update(interactive=controls.end),
            self.resume: gr.update(visible=view.can_resume(run)),
            self.why: parts.hint(controls.why),
            self.plot: teach_view.curve(now.points, run),
            self.previews: teach_view.previews(now.previews, run),
            self.status: parts.status(view.run_status(run, now.snapshot.queue_length)) if run else "",
            self.details: teach_view.details(*now.log) if now.log else "",
            self.try_it: gr.update(visible=run is not None and run.state == "done"),
        }


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
        """In the order in which ``asked`` takes their values."""
        return [self.recipe, self.steps, self.seed, self.support, self.sparsity, self.sites, self.preview]


def asked(
    recipe: str,
    steps: float | None,
    seed: float | None,
    support: float,
    sparsity: float | None,
    sites: str | None,
    preview: str | None,
) -> dict[str, Any]:
    """The settings as ``StudioService.teach`` takes them: what stands at its resting place is not asked for."""
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
    gr.HTML(parts.title(ui_text.TEACH_TITLE, ui_text.TEACH_LEAD))
    with gr.Row(elem_classes="ls-chips", elem_id="presets"):
        gr.HTML(f'<span class="ls-label">{ui_text.PRESETS}</span>', elem_classes="ls-chips-label")
        presets = [gr.Button(p.name, size="sm", elem_id=f"preset-{p.id}", elem_classes="ls-chip") for p in ctx.presets]
    with gr.Row(equal_height=True, elem_classes="ls-stack", elem_id="examples"):
        source, source_count, source_upload = _side(ui_text.SOURCE, ui_text.SOURCE_HINT, "source")
        target, target_count, target_upload = _side(ui_text.TARGET, ui_text.TARGET_HINT, "target")
    findings = gr.HTML(elem_id="example-findings")
    undo = gr.Button(ui_text.UNDO, size="sm", visible=False, elem_id="undo-preset", elem_classes="ls-chip ls-undo")
    data = teach_data.build(ctx)
    with gr.Row(elem_classes="ls-actions"):
        name = gr.Textbox(
            "",
            label=ui_text.CONCEPT_NAME,
            placeholder=ui_text.CONCEPT_NAME_HINT,
            max_length=80,
            elem_id="concept-name",
            elem_classes="ls-field",
            scale=3,
        )
        teach = gr.Button(ui_text.TEACH_BUTTON, variant="primary", elem_id="train-button", scale=1, interactive=False)
        cancel = gr.Button(ui_text.CANCEL_BUTTON, elem_id="cancel-button", scale=1, interactive=False)
        resume = gr.Button(ui_text.RESUME_BUTTON, elem_id="resume-button", scale=1, visible=False)
    with gr.Row(elem_classes="ls-under"):
        how_long = gr.HTML(elem_id="how-long")
        why = gr.HTML(parts.hint(ui_text.WHY_LOADING), elem_id="teach-why")
    problem = gr.HTML(elem_id="teach-problem")
    settings = _settings()
    with gr.Column(elem_classes="ls-card ls-lesson"):
        status = gr.HTML(elem_id="run-status")
        details = gr.HTML(elem_id="run-details")
        with gr.Row(equal_height=True, elem_classes="ls-stack"):
            with gr.Column(scale=5, min_width=280):
                gr.HTML(f'<h3 class="ls-card-title">{ui_text.DISTANCE_TITLE}</h3>')
                plot = gr.HTML(teach_view.curve([], None), elem_id="loss-plot")
            with gr.Column(scale=4, min_width=280):
                gr.HTML(f'<h3 class="ls-card-title">{ui_text.PREVIEW_TITLE}</h3>')
                previews = gr.HTML(teach_view.previews([], None), elem_id="previews")
        try_it = gr.Button(ui_text.TRY_BUTTON, variant="primary", size="md", visible=False, elem_id="try-button")
    return TeachPage(
        presets=presets,
        undo=undo,
        replaced=gr.State(None),
        name=name,
        source=source,
        target=target,
        source_count=source_count,
        target_count=target_count,
        uploads=[source_upload, target_upload],
        data=data,
        findings=findings,
        settings=settings,
        teach=teach,
        cancel=cancel,
        resume=resume,
        why=why,
        how_long=how_long,
        problem=problem,
        plot=plot,
        previews=previews,
        status=status,
        details=details,
        try_it=try_it,
    )


def _side(label: str, placeholder: str, side: str) -> tuple[gr.Textbox, gr.HTML, gr.UploadButton]:
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
            count = gr.HTML(parts.counter(0, 0), elem_id=f"{side}-count", elem_classes="ls-grow")
            upload = gr.UploadButton(
                ui_text.UPLOAD, file_types=FILES, size="sm", elem_id=f"{side}-upload", elem_classes="ls-chip"
            )
    return box, count, upload


def _settings() -> Settings:
    with gr.Accordion(ui_text.ADVANCED, open=False, elem_classes="ls-advanced"):
        with gr.Row():
            recipe = gr.Radio(
                ui_text.RECIPES,
                value="quick",
                label=ui_text.RECIPE,
                info=ui_text.RECIPE_INFO,
                elem_id="recipe",
                scale=2,
            )
            steps = gr.Number(0, label=ui_text.STEPS, info=ui_text.STEPS_INFO, precision=0, minimum=0, elem_id="steps")
            seed = gr.Number(
                0, label=ui_text.TEACH_SEED, info=ui_text.TEACH_SEED_INFO, precision=0, elem_id="teach-seed"
            )
        with gr.Row():
            support = gr.Slider(
                1,
                100,
                value=100,
                step=1,
                label=ui_text.SUPPORT,
                info=ui_text.SUPPORT_INFO,
                elem_id="support",
                buttons=[],
            )
            sparsity = gr.Number(0, label=ui_text.SPARSITY, info=ui_text.SPARSITY_INFO, minimum=0, elem_id="sparsity")
        with gr.Row():
            sites = gr.Dropdown(
                ui_text.SITE_CHOICES,
                value="default",
                label=ui_text.SITES,
                info=ui_text.SITES_INFO,
                allow_custom_value=True,
                elem_id="sites",
            )
            preview = gr.Textbox(
                PROMPT,
                label=ui_text.PREVIEW_ASK,
                info=ui_text.PREVIEW_ASK_INFO,
                max_lines=1,
                max_length=300,
                elem_id="preview-prompt",
            )
    return Settings(recipe, steps, seed, support, sparsity, sites, preview)
