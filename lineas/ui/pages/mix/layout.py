"""The Mix page: two to four concepts at once, in an order, each at its strength; how they get along; try it, keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui import view_state as view
from lineas.ui.components import html as parts
from lineas.ui.components import question as asking
from lineas.ui.context import Context, Now
from lineas.ui.events import Updates

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.storage import Concept

TAB = "mix"
SLOTS = 4
SLOT, VACANT = ("ls-slot", "ls-steer"), "vacant"

Parts = list[tuple[str, float]]
"""Concept ids with their strengths, in the order in which they act."""


@dataclass(frozen=True)
class MixPage:
    rows: list[gr.Row]
    concepts: list[gr.Dropdown]
    strengths: list[gr.Slider]
    ups: list[gr.Button]
    downs: list[gr.Button]
    overlap: gr.HTML
    draw: gr.Button
    prompt: gr.Textbox
    settings: asking.Settings
    run: gr.Button
    stop: gr.Button
    why: gr.HTML
    problem: gr.HTML
    plain: gr.HTML
    mixed: gr.HTML
    name: gr.Textbox
    save: gr.Button
    saved: gr.HTML

    @property
    def draft(self) -> list[Any]:
        return [*self.slots, self.prompt, self.name, *self.settings.inputs]

    @property
    def slots(self) -> list[Any]:
        """What is chosen, as ``chosen`` takes it."""
        return [*self.concepts, *self.strengths]

    @property
    def controls(self) -> list[Any]:
        return [self.run, self.stop, self.why]

    @property
    def shown(self) -> list[Any]:
        return [*self.controls, *self.concepts]

    def show(self, now: Now) -> Updates:
        updates = self.show_controls(view.compare_controls(now.snapshot, TAB in now.busy))
        if now.listing != now.seen.listing:
            choices = [(ui_text.MIX_NONE, ""), *view.concept_choices(now.concepts)]
            first = [concept_id for _, concept_id in choices[1:3]]
            for number, dropdown in enumerate(self.concepts):
                updates[dropdown] = gr.update(choices=choices)
                if now.seen.version < 0:
                    updates[dropdown]["value"] = first[number] if number < len(first) else ""
        return updates

    def show_controls(self, controls: view.Controls) -> Updates:
        return {
            self.run: gr.update(interactive=controls.go),
            self.stop: gr.update(interactive=controls.end),
            self.why: parts.hint(controls.why),
        }

    def show_rows(self, slots: Sequence[Any]) -> Updates:
        """A row without a concept has no strength and no place in the order."""
        ids = slots[:SLOTS]
        return {
            row: gr.update(elem_classes=[*SLOT] if concept_id else [*SLOT, VACANT])
            for row, concept_id in zip(self.rows, ids, strict=True)
        }

    def show_answers(self, answers: Sequence[Answer], streaming: bool) -> Updates:
        return {
            panel: parts.answer(
                role,
                heading,
                answers[row].text if answers else "",
                tokens=answers[row].tokens if answers else None,
                streaming=streaming and not (answers and answers[row].done),
                empty=ui_text.NOTHING_SAID if answers else rests,
            )
            for row, (panel, role, heading, rests) in enumerate(
                [
                    (self.plain, "plain", ui_text.ORIGINAL, ui_text.ORIGINAL_EMPTY),
                    (self.mixed, "steered", ui_text.MIXED, ui_text.MIXED_EMPTY),
                ]
            )
        }


def chosen(slots: Sequence[Any]) -> Parts:
    """What the sliders say: the concepts that take part, from top to bottom."""
    ids, strengths = slots[:SLOTS], slots[SLOTS:]
    return [(i, float(at)) for i, at in zip(ids, strengths, strict=True) if i and at]


def overlap_picture(ctx: Context, picked: Parts) -> str:
    """The heat map and what it means."""
    if len(picked) < 2:
        return parts.empty(ui_text.MIX_OVERLAP_EMPTY)
    known = ctx.service.concepts()
    names = [concept.name if (concept := view.find_concept(known, i)) else i for i, _ in picked]
    pairs, push = ctx.service.overlaps(picked)
    verdict = ui_text.mix_verdict([(names[i], names[j], found.relation) for (i, j), found in pairs.items()], push)
    rows = [(ui_text.mix_pair(names[i], names[j]), found) for (i, j), found in pairs.items()]
    return parts.verdict(verdict) + parts.overlap_map(rows) + parts.hint(ui_text.MIX_OVERLAP_EXPLAINED)


def default_name(picked: Parts, concepts: Sequence[Concept]) -> str:
    return " + ".join(concept.name for i, _ in picked if (concept := view.find_concept(concepts, i)))


def build(ctx: Context) -> MixPage:
    gr.HTML(parts.title(ui_text.MIX_TITLE, ui_text.MIX_LEAD))
    slots, concepts, strengths, ups, downs = [], [], [], [], []
    with gr.Column(elem_classes="ls-card ls-slots"):
        for number in range(1, SLOTS + 1):
            with gr.Row(elem_classes=[*SLOT, VACANT]) as slot:
                gr.HTML(parts.slot(number), elem_classes="ls-slot-number")
                concepts.append(
                    gr.Dropdown(
                        [(ui_text.MIX_NONE, "")],
                        value="",
                        label=ui_text.mix_slot(number),
                        elem_id=f"mix-concept-{number}",
                        elem_classes="ls-select",
                        scale=4,
                        min_width=180,
                    )
                )
                strengths.append(
                    gr.Slider(
                        0,
                        2,
                        value=0.75,
                        step=0.05,
                        label=ui_text.mix_strength(number),
                        elem_id=f"mix-strength-{number}",
                        buttons=[],
                        scale=5,
                        min_width=180,
                    )
                )
                with gr.Row(elem_classes="ls-movers"):
                    if number > 1:
                        ups.append(_mover(number, up=True))
                    if number < SLOTS:
                        downs.append(_mover(number, up=False))
            slots.append(slot)
    with gr.Column(elem_classes="ls-card"):
        gr.HTML(f'<h3 class="ls-card-title">{ui_text.MIX_OVERLAP_TITLE}</h3>')
        overlap = gr.HTML(parts.empty(ui_text.MIX_OVERLAP_EMPTY), elem_id="mix-overlap")
    prompt, run, stop = asking.question_row("mix-prompt", "mix-run", "mix-stop", ui_text.MIX_BUTTON)
    why = gr.HTML(parts.hint(ui_text.WHY_LOADING), elem_id="mix-why")
    problem = gr.HTML(elem_id="mix-problem")
    with gr.Row(equal_height=True, elem_classes="ls-stack ls-panels"):
        plain = gr.HTML(parts.answer("plain", ui_text.ORIGINAL, "", empty=ui_text.ORIGINAL_EMPTY), elem_id="mix-plain")
        mixed = gr.HTML(parts.answer("steered", ui_text.MIXED, "", empty=ui_text.MIXED_EMPTY), elem_id="mix-output")
    with gr.Row(elem_classes="ls-actions"):
        name = gr.Textbox(
            label=ui_text.MIX_NAME,
            placeholder=ui_text.MIX_NAME_HINT,
            max_length=80,
            elem_id="mix-name",
            elem_classes="ls-field",
            scale=4,
        )
        save = gr.Button(ui_text.MIX_SAVE_BUTTON, elem_id="mix-save", scale=1)
    saved = gr.HTML(elem_id="mix-saved")
    settings = asking.settings(TAB, length=80)
    draw = gr.Button("", visible="hidden", elem_id="mix-draw")  # pressed by a script, see mix_acts.py
    return MixPage(
        rows=slots,
        concepts=concepts,
        strengths=strengths,
        ups=ups,
        downs=downs,
        overlap=overlap,
        draw=draw,
        prompt=prompt,
        settings=settings,
        run=run,
        stop=stop,
        why=why,
        problem=problem,
        plain=plain,
        mixed=mixed,
        name=name,
        save=save,
        saved=saved,
    )


def _mover(number: int, up: bool) -> gr.Button:
    """An arrow; its words are for people who listen, the stylesheet draws the arrow."""
    return gr.Button(
        ui_text.mix_move(number, up),
        size="sm",
        elem_id=f"mix-{'up' if up else 'down'}-{number}",
        elem_classes=["ls-arrow", "up" if up else "down"],
        min_width=44,
        scale=0,
    )
