"""The Teach page: two lists of sentences in, a concept out, and the curve in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import parts, view, words
from lineas.ui.chart import distance_chart
from lineas.ui.context import Context, Now
from lineas.ui.handlers import QUIET, Updates, told

if TYPE_CHECKING:
    from lineas.examples.presets import Preset
    from lineas.ui.studio import Studio


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
    findings: gr.HTML
    recipe: gr.Radio
    steps: gr.Number
    seed: gr.Number
    teach: gr.Button
    cancel: gr.Button
    resume: gr.Button
    why: gr.HTML
    problem: gr.HTML
    plot: gr.HTML
    status: gr.HTML
    try_it: gr.Button

    @property
    def draft(self) -> list[Any]:
        """What is kept in the browser, so that a refresh loses nothing."""
        return [self.name, self.source, self.target]

    @property
    def shown(self) -> list[Any]:
        """What ``show`` may change."""
        return [self.teach, self.cancel, self.resume, self.why, self.plot, self.status, self.try_it]

    def show(self, now: Now) -> Updates:
        run = now.snapshot.run
        controls = view.teach_controls(now.snapshot)
        return {
            self.teach: gr.update(interactive=controls.go),
            self.cancel: gr.update(interactive=controls.end),
            self.resume: gr.update(visible=view.can_resume(run)),
            self.why: parts.hint(controls.why),
            self.plot: distance_chart(now.points, run.of if run else 0, run.distance_start if run else None),
            self.status: parts.status(view.run_status(run, now.snapshot.queue_length)) if run else "",
            self.try_it: gr.update(visible=run is not None and run.state == "done"),
        }


def build(ctx: Context) -> TeachPage:
    gr.HTML(parts.title(words.TEACH_TITLE, words.TEACH_LEAD))
    with gr.Row(elem_classes="ls-chips"):
        gr.HTML(f'<span class="ls-label">{words.PRESETS}</span>', elem_classes="ls-chips-label")
        presets = [gr.Button(p.name, size="sm", elem_id=f"preset-{p.id}", elem_classes="ls-chip") for p in ctx.presets]
    with gr.Row(equal_height=True, elem_classes="ls-stack"):
        with gr.Column(min_width=280):
            source = _box(words.SOURCE, words.SOURCE_HINT, "source-examples")
            source_count = gr.HTML(parts.counter(0, 0), elem_id="source-count")
        with gr.Column(min_width=280):
            target = _box(words.TARGET, words.TARGET_HINT, "target-examples")
            target_count = gr.HTML(parts.counter(0, 0), elem_id="target-count")
    findings = gr.HTML(elem_id="example-findings")
    undo = gr.Button(words.UNDO, size="sm", visible=False, elem_id="undo-preset", elem_classes="ls-chip ls-undo")
    with gr.Row(elem_classes="ls-actions"):
        name = gr.Textbox(
            label=words.CONCEPT_NAME,
            placeholder=words.CONCEPT_NAME_HINT,
            max_length=80,
            elem_id="concept-name",
            elem_classes="ls-field",
            scale=3,
        )
        teach = gr.Button(words.TEACH_BUTTON, variant="primary", elem_id="train-button", scale=1, interactive=False)
        cancel = gr.Button(words.CANCEL_BUTTON, elem_id="cancel-button", scale=1, interactive=False)
        resume = gr.Button(words.RESUME_BUTTON, elem_id="resume-button", scale=1, visible=False)
    why = gr.HTML(parts.hint(words.WHY_LOADING), elem_id="teach-why")
    problem = gr.HTML(elem_id="teach-problem")
    with gr.Accordion(words.ADVANCED, open=False), gr.Row():
        recipe = gr.Radio(words.RECIPES, value="quick", label=words.RECIPE, info=words.RECIPE_INFO, elem_id="recipe")
        steps = gr.Number(0, label=words.STEPS, info=words.STEPS_INFO, precision=0, minimum=0, elem_id="steps")
        seed = gr.Number(0, label=words.TEACH_SEED, info=words.TEACH_SEED_INFO, precision=0, elem_id="teach-seed")
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(f'<h3 class="ls-card-title">{words.DISTANCE_TITLE}</h3>')
        plot = gr.HTML(distance_chart([], 0, None), elem_id="loss-plot")
        status = gr.HTML(elem_id="run-status")
        try_it = gr.Button(words.TRY_BUTTON, variant="primary", size="md", visible=False, elem_id="try-button")
    return TeachPage(
        presets=presets,
        undo=undo,
        replaced=gr.State(None),
        name=name,
        source=source,
        target=target,
        source_count=source_count,
        target_count=target_count,
        findings=findings,
        recipe=recipe,
        steps=steps,
        seed=seed,
        teach=teach,
        cancel=cancel,
        resume=resume,
        why=why,
        problem=problem,
        plot=plot,
        status=status,
        try_it=try_it,
    )


def _box(label: str, placeholder: str, elem_id: str) -> gr.Textbox:
    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        lines=9,
        max_lines=9,
        elem_id=elem_id,
        elem_classes=["ls-examples", "ls-field"],
    )


def wire(ctx: Context, studio: Studio) -> None:
    page = studio.teach
    boxes = [page.name, page.source, page.target]
    safely = told(page.problem)

    for button, preset in zip(page.presets, ctx.presets, strict=True):
        button.click(
            partial(_fill, ctx, page, preset),
            boxes,
            [*boxes, page.replaced, page.undo],
            **QUIET,
        )

    def undo(replaced: list[str]) -> Updates:
        return {page.undo: gr.update(visible=False)} | dict(zip(boxes, replaced, strict=True))

    page.undo.click(undo, page.replaced, [*boxes, page.undo], **QUIET)

    @safely
    def count(source: str, target: str) -> Updates:
        report = ctx.bench.examples_report(source, target)
        return {
            page.source_count: parts.counter(report.source_count, report.source_repeats),
            page.target_count: parts.counter(report.target_count, report.target_repeats),
            # nothing to complain about while the second list is still to be written
            page.findings: parts.findings(report) if source.strip() and target.strip() else "",
        }

    gr.on(
        [page.source.change, page.target.change],
        count,
        [page.source, page.target],
        [page.source_count, page.target_count, page.findings, page.problem],
        trigger_mode="always_last",
        **QUIET,
    )

    @safely
    def teach(
        name: str,
        source: str,
        target: str,
        recipe: str,
        steps: float | None,
        seed: float | None,
        seen: Any,
        request: gr.Request,
    ) -> Updates:
        ctx.bench.teach(
            name.strip() or words.UNNAMED,
            source,
            target,
            recipe=recipe,
            steps=int(steps or 0) or None,
            seed=int(seed or 0),
        )
        return studio.refresh(seen, request)

    @safely
    def cancel(seen: Any, request: gr.Request) -> Updates:
        if run := ctx.bench.snapshot().run:
            ctx.bench.cancel(run.id)
        return studio.refresh(seen, request)

    @safely
    def resume(seen: Any, request: gr.Request) -> Updates:
        if run := ctx.bench.snapshot().run:
            ctx.bench.resume(run.id)
        return studio.refresh(seen, request)

    outputs = [page.problem, *studio.refreshed]
    page.teach.click(teach, [*boxes, page.recipe, page.steps, page.seed, studio.seen], outputs, **QUIET)
    page.cancel.click(cancel, studio.seen, outputs, **QUIET)
    page.resume.click(resume, studio.seen, outputs, **QUIET)
    page.try_it.click(lambda: gr.Tabs(selected="compare"), None, studio.tabs, **QUIET)


def _fill(ctx: Context, page: TeachPage, preset: Preset, *written: str) -> Updates:
    """Put a preset's sentences in the boxes; what the person wrote themselves (name, two sides) can be brought back."""
    filled = {page.name: preset.name, page.source: "\n".join(preset.source), page.target: "\n".join(preset.target)}
    shipped = {(p.name, "\n".join(p.source), "\n".join(p.target)) for p in ctx.presets}
    if written in shipped or not any(text.strip() for text in written[1:]):
        return filled
    return {**filled, page.replaced: list(written), page.undo: gr.update(visible=True)}
