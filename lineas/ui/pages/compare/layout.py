"""The components of the page Compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import fields, health_card, html, question, stage
from lineas.ui.context import Context, Now
from lineas.ui.events import SEND_STRENGTH, Updates
from lineas.ui.page import Page
from lineas.ui.pages.compare import kept, render
from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.record import Exchange

SEND_EDIT = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-edit]');
  if (button) trigger('select', { turn: button.dataset.edit });
});"""
"""Script of a panel: a click on a question's Edit becomes a select event with its number."""


@dataclass(frozen=True)
class ComparePage(Page):
    concept: gr.Dropdown
    mode: gr.Radio
    strength: gr.Slider
    strength_word: gr.HTML
    strengths: list[gr.Button]
    health: gr.HTML
    asking: question.Asking
    again: gr.Button
    fix_seed: gr.Checkbox
    live: gr.Checkbox
    live_run: gr.Button
    tinted: gr.Checkbox
    legend: gr.HTML
    talking: gr.Checkbox
    go_on: gr.Button
    clear: gr.Button
    family_safe: gr.Checkbox
    stage_concepts: gr.HTML
    instruct: gr.Checkbox
    instruction: gr.Textbox
    plain: gr.HTML
    steered: gr.HTML
    instructed: gr.HTML
    settings: question.Settings
    talk: gr.State
    kept: gr.Textbox
    share: gr.Button
    saves: list[gr.Button]
    file: gr.JSON
    codes: list[gr.Button]
    code: gr.HTML

    @property
    def asked(self) -> list[Any]:
        """What determines the answers, in the order in which ``Question.from_page`` takes it."""
        texts = [
            self.asking.prompt,
            self.concept,
            self.strength,
            self.settings.system,
            self.instruct,
            self.instruction,
        ]
        return [*texts, *self.settings.inputs, self.mode]

    @property
    def stage_switches(self) -> list[gr.Checkbox]:
        """What is switched on for the stage view."""
        return [self.live, self.family_safe]

    @property
    def draft(self) -> list[Any]:
        return [*self.asked, self.fix_seed, self.tinted, self.talking, self.kept]

    @property
    def restored(self) -> list[Any]:
        return [self.talk, *self.panels, self.legend, self.go_on, self.clear]

    def restore(self, draft: Mapping[Any, Any]) -> Updates:
        talk = kept.load(str(draft[self.kept] or ""))
        if not draft[self.talking]:
            talk = Talk(talk.turns[-1:])
        return self.bring_back(talk, bool(draft[self.talking])) if talk.turns else {}

    def keep(self, talk: Talk) -> Updates:
        """What was said, for the next question and for the browser's draft."""
        return {self.talk: talk, self.kept: kept.dump(talk)}

    def bring_back(self, talk: Talk, talking: bool) -> Updates:
        """Show what was said before a refresh."""
        *before, last = talk.turns
        shown = self.show_exchange(
            last, [True] * len(last.answers), False, False, Talk(tuple(before)) if talking else None
        )
        return {**shown, self.talk: talk, self.go_on: can_go_on(last), self.clear: gr.update(visible=talking)}

    def show_exchange(
        self, exchange: Exchange, done: Sequence[bool], streaming: bool, tints: bool, talk: Talk | None, key: str = ""
    ) -> Updates:
        """The panels, and the legend of the tints.

        Args:
            done: for each answer, whether it is complete.
            talk: the turns before the exchange; None outside of a conversation.
            key: names the question for the page's script (``ahead``).
        """
        roles = render.headings(exchange.question, exchange.concept)
        before = {}
        if talk is not None:
            before = {role: render.earlier(talk.turns, role, exchange.question.prompt, talk.editing) for role in roles}
        pieces = render.panels(exchange, done, streaming, tints, before, key)
        panels = {"plain": self.plain, "steered": self.steered, "told": self.instructed}
        updates: Updates = {panels[role]: piece for role, piece in pieces.items()}
        if "told" not in roles:  # the panel may hold an answer to an older question
            updates[self.instructed] = html.answer("told", ui_text.INSTRUCTED, ui_text.INSTRUCTED_EMPTY)
        if not exchange.concept:
            updates[self.steered] = html.answer("steered", ui_text.STEERED, ui_text.STEERED_NO_CONCEPT)
        legend = render.legend() if exchange.concept else html.hint(ui_text.TINTS_NONE)
        return {**updates, self.legend: legend if tints and not streaming else ""}

    @property
    def panels(self) -> list[gr.HTML]:
        return [self.plain, self.steered, self.instructed]

    @property
    def shown(self) -> list[Any]:
        return [*self.asking.controls, self.concept, self.mode, self.strength, self.health, self.stage_concepts]

    def show(self, now: Now) -> Updates:
        first = view_state.first_fitting(now.concepts, now.snapshot.model)
        updates = self.asking.show(view_state.compare_controls(now.snapshot, now.streaming))
        updates |= fields.show_concepts(self.concept, now, first)
        if self.concept in updates and (chosen := now.choice(first)):
            updates |= {self.strength: chosen.recommended_strength, self.mode: chosen.mode}
        if now.listing != now.seen.listing:
            shown = now.chosen or (first.id if now.opening and first else None)
            updates[self.stage_concepts] = stage.concept_chips(now.concepts, now.snapshot.model, shown)
        if now.chosen:
            concept = view_state.find_concept(now.concepts, now.chosen)
            updates[self.health] = health_card.line(concept, now.snapshot.run)
        return updates


def can_go_on(exchange: Exchange) -> Any:
    """Continue, which is on if an answer did not end by itself."""
    return gr.update(interactive=any(answer.ending != "itself" for answer in exchange.answers))


def build(ctx: Context) -> ComparePage:
    with gr.Row(elem_classes="ls-head"):
        gr.HTML(html.title(ui_text.COMPARE_TITLE, ui_text.COMPARE_LEAD))
        gr.HTML(stage.button(), elem_classes="ls-head-button")
    stage_concepts = gr.HTML(elem_id="stage-concepts", js_on_load=stage.SEND_CONCEPT)
    with gr.Column(elem_classes="ls-card ls-dial"):
        with gr.Row(elem_classes="ls-steer"):
            with gr.Column(scale=2, min_width=240):
                concept = fields.concept_list("map-choice")
                mode = gr.Radio(
                    ui_text.SAY_SHOWS,
                    value="show",
                    elem_id="say-show",
                    show_label=False,
                    visible=False,
                    **ui_text.SAY_SHOW,
                )
            with gr.Column(scale=3, min_width=280, elem_classes="ls-strength-box"):
                strength = fields.strength_slider(ui_text.STRENGTH, "strength", value=1)
                with gr.Row(elem_classes="ls-chips ls-strengths"):
                    word = gr.HTML(render.strength_word(1), elem_id="strength-word")
                    strengths = [
                        fields.chip(label, f"strength-{at:g}".replace(".", "-"))
                        for label, at in ui_text.STRENGTH_BUTTONS
                    ]
        instruction = fields.text_field(
            ui_text.INSTRUCTION, "instruction", value="", info=ui_text.INSTRUCTION_INFO, visible=False, max_lines=4
        )
        health = gr.HTML(elem_id="concept-health", js_on_load=SEND_STRENGTH)
    ids = ("prompt", "compare-button", "stop-button")
    asking = question.asking("compare", ui_text.COMPARE_BUTTON, ids, ui_text.PROMPTS)
    with gr.Row(equal_height=True, elem_classes="ls-stack ls-panels", elem_id="answers"):
        plain, steered, instructed = (
            gr.HTML(
                panel,
                elem_id=f"{role}-output",
                visible=role != "told",
                js_on_load=SEND_EDIT,
            )
            for role, panel in render.empty_panels().items()
        )
    legend = gr.HTML(elem_id="difference")
    with gr.Row(elem_classes="ls-chips ls-tools"):
        again = fields.chip(ui_text.AGAIN_BUTTON, "again-button", interactive=False)
        go_on = fields.chip(ui_text.CONTINUE_BUTTON, "continue-button", interactive=False)
        clear = fields.chip(ui_text.NEW_CONVERSATION, "clear-button", visible=False)
        talking = _switch(False, ui_text.CONVERSATION, "conversation")
        fix_seed = _switch(True, ui_text.LOCK, "lock")
        live = _switch(False, ui_text.LIVE, "live")
        tinted = _switch(False, ui_text.TINTED, "changed")
        instruct = _switch(False, ui_text.INSTRUCT, "third")
        family_safe = _switch(False, ui_text.FAMILY_SAFE, "family-safe")
        share = fields.chip(ui_text.SHARE_BUTTON, "share-button")
    live_run = gr.Button(visible="hidden", elem_id="live-go")
    kept_talk = gr.Textbox(visible="hidden", elem_id="kept-talk", show_label=False)
    settings = question.settings("", max_new_tokens=80, most=400, system=True)
    with gr.Accordion(ui_text.KEEP, open=False, elem_classes="ls-advanced", elem_id="keep"):
        with gr.Row(elem_classes="ls-chips"):
            saves = [
                fields.chip(ui_text.SAVE_MARKDOWN, "save-markdown"),
                fields.chip(ui_text.SAVE_JSON, "save-json"),
                fields.chip(ui_text.SAVE_SVG, "save-svg"),
                fields.chip(ui_text.SAVE_PNG, "save-png"),
            ]
        file = gr.JSON(visible=False)
        gr.HTML(html.card_title(ui_text.CODE) + html.hint(ui_text.CODE_LEAD))
        with gr.Row(elem_classes="ls-chips"):
            codes = [fields.chip(label, f"code-{kind}") for label, kind in ui_text.CODE_KINDS]
        code = gr.HTML(elem_id="code")
    return ComparePage(
        concept=concept, mode=mode, strength=strength, strength_word=word, strengths=strengths, health=health,
        asking=replace(asking, go=[*asking.go, again]), again=again, fix_seed=fix_seed, live=live, live_run=live_run,
        tinted=tinted, legend=legend, talking=talking, go_on=go_on, clear=clear, family_safe=family_safe,
        stage_concepts=stage_concepts, instruct=instruct, instruction=instruction, plain=plain, steered=steered,
        instructed=instructed, settings=settings, talk=gr.State(Talk()), kept=kept_talk, share=share,
        saves=saves, file=file, codes=codes, code=code,
    )  # fmt: skip


def _switch(value: bool, label: str, elem_id: str) -> gr.Checkbox:
    return gr.Checkbox(value, label=label, elem_id=elem_id, elem_classes="ls-switch", container=False, min_width=0)
