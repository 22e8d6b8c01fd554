"""The Compare page: one question, the plain answer and the steered one side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.components import question as asking
from lineas.ui.context import Context, Now
from lineas.ui.events import USE, Updates
from lineas.ui.pages.compare import health as compare_health
from lineas.ui.pages.compare.render import EMPTY

if TYPE_CHECKING:
    from lineas.service.service import StudioService


@dataclass(frozen=True)
class ComparePage:
    concept: gr.Dropdown
    strength: gr.Slider
    strength_word: gr.HTML
    strengths: list[gr.Button]
    health: gr.HTML
    prompt: gr.Textbox
    prompts: list[gr.Button]
    compare: gr.Button
    stop: gr.Button
    again: gr.Button
    lock: gr.Checkbox
    live: gr.Checkbox
    live_go: gr.Button
    changed: gr.Checkbox
    difference: gr.HTML
    third: gr.Checkbox
    wish: gr.Textbox
    why: gr.HTML
    problem: gr.HTML
    plain: gr.HTML
    steered: gr.HTML
    told: gr.HTML
    mode: gr.Radio
    system: gr.Textbox
    seed: gr.Number
    length: gr.Slider
    variety: gr.Slider
    last: gr.State
    save_markdown: gr.Button
    save_json: gr.Button
    file: gr.JSON
    codes: list[gr.Button]
    code: gr.HTML

    @property
    def asked(self) -> list[Any]:
        """What decides the answers, in the order in which ``compare_answers.question`` takes it."""
        sampling = [self.seed, self.length, self.variety, self.mode]
        return [self.prompt, self.concept, self.strength, self.system, self.third, self.wish, *sampling]

    @property
    def draft(self) -> list[Any]:
        return [*self.asked, self.lock, self.changed]

    @property
    def panels(self) -> list[gr.HTML]:
        return [self.plain, self.steered, self.told]

    @property
    def controls(self) -> list[Any]:
        return [self.compare, self.again, self.stop, self.why]

    @property
    def shown(self) -> list[Any]:
        return [*self.controls, self.concept, self.strength, self.health]

    def show(self, now: Now) -> Updates:
        updates = self.show_controls(view.compare_controls(now.snapshot, now.streaming))
        ids = tuple(c.id for c in now.concepts)
        if ids != now.seen.concepts:
            choices = view.concept_choices(now.concepts)
            updates[self.concept] = gr.update(choices=choices)
            opened = now.seen.version < 0
            chosen = view.first_fitting(now.concepts, now.snapshot.model) if opened else now.arrived
            if chosen:
                updates[self.concept] = gr.update(choices=choices, value=chosen.id)
                updates[self.strength] = chosen.recommended_strength
        return updates

    def health_line(self, service: StudioService, concept_id: str | None) -> str:
        """What is known about the concept that a page has chosen."""
        return compare_health.line(view.find_concept(service.concepts(), concept_id), service.snapshot().run)

    def show_controls(self, controls: view.Controls) -> Updates:
        return {
            self.compare: gr.update(interactive=controls.go),
            self.again: gr.update(interactive=controls.go),
            self.stop: gr.update(interactive=controls.end),
            self.why: parts.hint(controls.why),
        }


def build(ctx: Context) -> ComparePage:
    with gr.Row(elem_classes="ls-head"):
        gr.HTML(parts.title(ui_text.COMPARE_TITLE, ui_text.COMPARE_LEAD))
        gr.HTML(parts.stage_button(), elem_classes="ls-head-button")
    with gr.Column(elem_classes="ls-card ls-dial"):
        with gr.Row(elem_classes="ls-steer"):
            with gr.Column(scale=2, min_width=240):
                concept = gr.Dropdown([], label=ui_text.CONCEPT, elem_id="map-choice", elem_classes="ls-select")
            with gr.Column(scale=3, min_width=280, elem_classes="ls-strength-box"):
                strength = gr.Slider(0, 2, value=1, step=0.05, label=ui_text.STRENGTH, elem_id="strength", buttons=[])
                with gr.Row(elem_classes="ls-chips ls-strengths"):
                    word = gr.HTML(parts.strength_word(1), elem_id="strength-word")
                    strengths = [
                        gr.Button(
                            label, size="sm", elem_id=f"strength-{at:g}".replace(".", "-"), elem_classes="ls-chip"
                        )
                        for label, at in ui_text.STRENGTH_BUTTONS
                    ]
        health = gr.HTML(elem_id="concept-health", js_on_load=USE)
    prompt, compare, stop = asking.question_row("prompt", "compare-button", "stop-button", ui_text.COMPARE_BUTTON)
    with gr.Row(elem_classes="ls-chips ls-prompts"):
        prompts = [
            gr.Button(p, size="sm", elem_classes="ls-chip", elem_id=f"prompt-{i}")
            for i, p in enumerate(ui_text.PROMPTS)
        ]
        why = gr.HTML(parts.hint(ui_text.WHY_LOADING), elem_id="compare-why", elem_classes="ls-grow")
    problem = gr.HTML(elem_id="compare-problem")
    headings = (ui_text.ORIGINAL, ui_text.STEERED_UNKNOWN, ui_text.INSTRUCTED)
    with gr.Row(equal_height=True, elem_classes="ls-stack ls-panels", elem_id="answers"):
        plain, steered, told = (
            gr.HTML(parts.answer(role, heading, "", empty=empty), elem_id=f"{role}-output", visible=role != "told")
            for (role, empty), heading in zip(EMPTY.items(), headings, strict=True)
        )
    difference = gr.HTML(elem_id="difference")
    with gr.Row(elem_classes="ls-chips ls-tools"):
        again = gr.Button(
            ui_text.AGAIN_BUTTON, size="sm", elem_id="again-button", elem_classes="ls-chip", interactive=False
        )
        lock = _switch(True, ui_text.LOCK, "lock")
        live = _switch(False, ui_text.LIVE, "live")
        changed = _switch(False, ui_text.CHANGED, "changed")
        third = _switch(False, ui_text.THIRD, "third")
    live_go = gr.Button(visible="hidden", elem_id="live-go")
    wish = gr.Textbox(
        "",
        label=ui_text.WISH,
        info=ui_text.WISH_INFO,
        visible=False,
        max_lines=4,
        elem_id="wish",
        elem_classes="ls-field",
    )
    with gr.Accordion(ui_text.MORE, open=False, elem_classes="ls-advanced"):
        with gr.Row():
            mode = gr.Radio(ui_text.MODES, value="chat", label=ui_text.MODE, elem_id="mode")
            system = gr.Textbox("", label=ui_text.SYSTEM, info=ui_text.SYSTEM_INFO, max_lines=4, elem_id="system")
        with gr.Row():
            seed = gr.Number(0, label=ui_text.SEED, info=ui_text.SEED_INFO, precision=0, elem_id="seed")
            length = gr.Slider(
                10, 400, value=80, step=10, label=ui_text.LENGTH, info=ui_text.LENGTH_INFO, elem_id="length"
            )
            variety = gr.Slider(
                0, 1.5, value=0.7, step=0.05, label=ui_text.VARIETY, info=ui_text.VARIETY_INFO, elem_id="variety"
            )
    with gr.Accordion(ui_text.KEEP, open=False, elem_classes="ls-advanced", elem_id="keep"):
        with gr.Row(elem_classes="ls-chips"):
            save_markdown, save_json = (
                gr.Button(label, size="sm", elem_id=f"save-{kind}", elem_classes="ls-chip")
                for label, kind in ((ui_text.SAVE_MARKDOWN, "markdown"), (ui_text.SAVE_JSON, "json"))
            )
        file = gr.JSON(visible=False)
        gr.HTML(f'<h3 class="ls-card-title">{ui_text.CODE}</h3>{parts.hint(ui_text.CODE_LEAD)}')
        with gr.Row(elem_classes="ls-chips"):
            codes = [
                gr.Button(label, size="sm", elem_id=f"code-{kind}", elem_classes="ls-chip")
                for label, kind in ui_text.CODE_KINDS
            ]
        code = gr.HTML(elem_id="code")
    return ComparePage(
        concept=concept,
        strength=strength,
        strength_word=word,
        strengths=strengths,
        health=health,
        prompt=prompt,
        prompts=prompts,
        compare=compare,
        stop=stop,
        again=again,
        lock=lock,
        live=live,
        live_go=live_go,
        changed=changed,
        difference=difference,
        third=third,
        wish=wish,
        why=why,
        problem=problem,
        plain=plain,
        steered=steered,
        told=told,
        mode=mode,
        system=system,
        seed=seed,
        length=length,
        variety=variety,
        last=gr.State(None),
        save_markdown=save_markdown,
        save_json=save_json,
        file=file,
        codes=codes,
        code=code,
    )


def _switch(value: bool, label: str, elem_id: str) -> gr.Checkbox:
    return gr.Checkbox(value, label=label, elem_id=elem_id, elem_classes="ls-switch", container=False, min_width=0)
