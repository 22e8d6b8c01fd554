"""The part of My concepts that writes a concept for other programs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lineas.service.exporting import Exports, zipped
from lineas.ui import text as ui_text
from lineas.ui.components import fields, html
from lineas.ui.context import Context
from lineas.ui.events import HIDDEN, Updates, error_alert
from lineas.ui.pages.concepts.render import Item

if TYPE_CHECKING:
    from lineas.export.exporting import Exported

SAVE_FILE = (
    "() => setTimeout(() => document.querySelector('#export-result [role=alert]') || "
    "document.getElementById('export-file').click(), 200)"
)
"""Presses the real, invisible download button once the page knows its file, unless there was an error."""


@dataclass(frozen=True)
class ExportPanel:
    fold: gr.Accordion
    format: gr.Dropdown
    strength: gr.Slider
    instruction: gr.Checkbox
    start: gr.Button
    result: gr.HTML
    file: gr.DownloadButton

    @property
    def details(self) -> list[Any]:
        """Components that follow the chosen item."""
        return [self.fold, self.strength, self.instruction, self.result]

    def show_item(self, item: Item | None) -> Updates:
        can_say = item is not None and bool(item.instruction)
        return {
            self.fold: gr.update(visible=item is not None and item.usable),
            self.strength: item.strength if item else 1.0,
            self.instruction: gr.update(value=False, visible=can_say),
            self.result: "",
        }


def build() -> ExportPanel:
    with gr.Accordion(
        ui_text.EXPORT, open=False, elem_id="library-export", elem_classes="ls-advanced", visible=False
    ) as fold:
        gr.HTML(html.hint(ui_text.EXPORT_LEAD))
        format = gr.Dropdown(
            [(label, name) for name, label in ui_text.EXPORT_FORMATS.items()],
            value="checkpoint",
            label=ui_text.EXPORT_FORMAT,
            elem_id="export-format",
            elem_classes="ls-select",
        )
        strength = fields.strength_slider(ui_text.EXPORT_STRENGTH, "export-strength", 1.0)
        instruction = gr.Checkbox(False, label=ui_text.EXPORT_INSTRUCTION, elem_id="export-instruction", visible=False)
        start = gr.Button(ui_text.EXPORT_START, elem_id="export-start")
        result = gr.HTML(elem_id="export-result")
        file = gr.DownloadButton(visible="hidden", elem_id="export-file")
    return ExportPanel(fold, format, strength, instruction, start, result, file)


def wire(ctx: Context, panel: ExportPanel, chosen: Any, inputs: list[Any]) -> None:
    """Connect the button.

    Args:
        chosen: finds the chosen item, given the values of ``inputs``; raises LineasError.
    """
    exports = Exports(ctx.service.model_slot, ctx.service.concept_store)

    def export_concept(format: str, strength: float, instruction: bool, *selected: str | None) -> Iterator[Updates]:
        try:
            item = chosen(*selected)
            doing = html.notice(ui_text.EXPORTING.format(name=item.name))
            yield {panel.result: doing, panel.start: gr.update(interactive=False)}
            exported = exports.export(item.id, format, strength, with_instruction=instruction)  # type: ignore[arg-type]
            yield {panel.start: gr.update(interactive=True), **_written(ctx, panel, item.name, exported)}
        except Exception as error:
            yield {panel.start: gr.update(interactive=True), panel.result: error_alert(error)}

    clicked = panel.start.click(
        export_concept,
        [panel.format, panel.strength, panel.instruction, *inputs],
        [panel.result, panel.start, panel.file],
        **{**HIDDEN, "preprocess": False},
    )
    if not ctx.local:
        clicked.success(None, None, None, js=SAVE_FILE)


def _written(ctx: Context, panel: ExportPanel, name: str, exported: Exported) -> Updates:
    """Say where an export is; people who are not at this computer get it as a zip file, and it does not stay here."""
    worst = max(exported.proofs.values(), key=lambda proof: proof.difference)
    done = ui_text.export_done(name, exported.strength, worst.difference, worst.effect)
    sentences = [done, ui_text.EXPORT_PLACE.format(folder=exported.folder) if ctx.local else ui_text.EXPORT_DOWNLOADS]
    updates: Updates = {panel.result: html.notice(" ".join([*sentences, *exported.notes]), "good")}
    if not ctx.local:
        with tempfile.TemporaryDirectory() as folder:
            archive = zipped(exported.folder, Path(folder) / f"{exported.folder.name}.zip")
            shutil.rmtree(exported.folder)
            updates[panel.file] = panel.file.move_resource_to_block_cache(archive)
    return updates
