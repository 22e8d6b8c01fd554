"""The page Model as pure functions of the snapshot and of the models on this computer."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.view_state import ALIVE, Controls

if TYPE_CHECKING:
    from lineas.models.hardware import Room
    from lineas.models.hub import HubModel
    from lineas.models.local import LocalModel
    from lineas.service.snapshot import ModelState, Snapshot

TIGHT = 0.8
"""Share of the free memory above which a model leaves little for teaching."""


def model_controls(snapshot: Snapshot) -> Controls:
    """Load and Free memory. A model that is teaching or answering cannot be replaced."""
    run, phase = snapshot.run, snapshot.model.phase
    if phase == "broken":
        return Controls(False, False, ui_text.WHY_BROKEN)
    if run is not None and run.state in ALIVE and phase != "loading":
        return Controls(False, False, ui_text.WHY_TAUGHT.format(name=run.name))
    if snapshot.comparing:
        return Controls(False, False, ui_text.WHY_ANSWERING)
    why = {"ready": ui_text.WHY_REPLACED, "loading": ui_text.WHY_LOADING_ANOTHER}
    return Controls(True, phase in why, why.get(phase, ""))


def now(model: ModelState) -> str:
    """The model in memory, or what is happening instead."""
    if model.phase == "none":
        return _now("quiet", ui_text.MODELS_NONE, f"<p>{ui_text.MODELS_NONE_DETAIL}</p>")
    name = ui_text.model(model.name)
    if model.phase in ("error", "broken"):
        return _now("bad", name, f"<p>{escape(ui_text.from_library(model.sentence))}</p>", ui_text.MODELS_FAILED)
    if model.phase == "loading":
        bar = html.bar(model.fraction, ui_text.LOADING)
        sentence = ui_text.from_library(model.sentence) or ui_text.LOADING
        return _now("busy", name, f"<p>{escape(sentence)}</p>{bar}", ui_text.MODELS_LOADING)
    problem = html.notice(ui_text.from_library(model.problem))
    if (found := model.facts) is None:
        return _now("good", name, problem)
    facts = (
        ui_text.weights(found.parameters),
        ui_text.RUNS_ON.format(device=ui_text.device(found.device), dtype=found.dtype),
        ui_text.MODELS_QUANTIZED.get(found.quantize, ""),
        ui_text.places(found.sites),
        ui_text.MODELS_CHATS if found.chats else ui_text.MODELS_CONTINUES,
    )
    items = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
    notes = "".join(f"<p>{escape(note)}</p>" for note in found.notes)
    return _now("good", name, f'<ul class="ls-line">{items}</ul>{notes}{problem}')


def _now(tone: str, name: str, body: str, label: str = "") -> str:
    return (
        f'<div class="ls-now {tone}"><p class="ls-label">{label or ui_text.MODELS_NOW}</p>'
        f'<h3 dir="auto"><span class="ls-dot"></span>{escape(name)}</h3>{body}</div>'
    )


def choices(models: Iterable[LocalModel]) -> list[tuple[str, str]]:
    """(label, name) for the list. A label's first line is the model's name, its second line the small print."""
    return [(_label(model), model.name) for model in models]


def _label(model: LocalModel) -> str:
    small = (ui_text.MODELS_KINDS[model.kind], ui_text.weights(model.parameters))
    return f"{ui_text.model_name(model.name, model.kind)}\n{' · '.join(filter(None, small))}"


def about(model: LocalModel, room: Room, hub: HubModel | None = None) -> str:
    """The card of a chosen model, with the memory that it needs.

    Args:
        hub: what the hub says about a model that is to be downloaded, once it was asked.
    """
    judged = model.path is None and model.kind == "hub" and (hub is None or hub.parameters is None)
    guessed = f" {ui_text.MODELS_FROM_NAME}" if judged else ""
    size = ui_text.weights(model.parameters)
    rows = [
        (ui_text.FACT_SIZE, f"{size}{guessed}" if size else ""),
        *(
            [(ui_text.FACT_DOWNLOAD, ui_text.megabytes(hub.size)), (ui_text.FACT_LICENCE, _licence(hub))]
            if hub
            else ()
        ),
        (ui_text.FACT_WHERE, ui_text.device(room.device)),
        (ui_text.FACT_PLACE, str(model.path or "") if model.kind in ("folder", "gguf") else ""),
    ]
    fetch = ""
    if model.path is None:
        fetch = html.hint(ui_text.MODELS_TO_FETCH if model.kind == "hub" else ui_text.MODELS_FETCH_BUILT_IN)
    head = html.item_head(ui_text.model_name(model.name, model.kind), ui_text.MODELS_KINDS[model.kind])
    title, sentence = ui_text.family(model.family)
    tones = {ui_text.STEERS: "good", ui_text.STEERS_WITH_CARE: "warn", ui_text.STEERS_UNTRIED: "quiet"}
    family = f'<p class="ls-family {tones[title]}"><b>{escape(title)}</b> {escape(sentence)}</p>'
    return f'<div class="ls-about">{head}{html.facts(rows)}{_memory(model, room)}{family}{fetch}</div>'


def _licence(hub: HubModel) -> str:
    named = hub.licence or ui_text.MODELS_NO_LICENCE
    return f"{named}. {ui_text.MODELS_GATED}" if hub.gated else named


def _memory(model: LocalModel, room: Room) -> str:
    """Memory needed and memory free, as a meter and in words."""
    if model.parameters is None:
        return html.hint(ui_text.MODELS_MEMORY_UNKNOWN)
    needed = room.needed(model.parameters, packed=model.kind == "gguf")
    share = needed / max(room.free, 1)
    tone = "bad" if share > 1 else "warn" if share > TIGHT else "good"
    sentence = ui_text.MEMORY.format(needed=ui_text.gigabytes(needed), free=ui_text.gigabytes(room.free))
    return (
        f'<div class="ls-memory {tone}"><p><b>{ui_text.MODELS_MEMORY}</b> {escape(sentence)}</p>'
        f'<div class="ls-meter" role="meter" aria-label="{ui_text.MODELS_MEMORY}: {escape(sentence)}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{min(100, 100 * share):.0f}"><span style="width:{min(1, share):.1%}"></span></div>'
        f"{html.hint(ui_text.MODELS_TEACHING_TAKES)}</div>"
    )
