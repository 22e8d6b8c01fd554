"""Pure functions from a snapshot of the service to what is visible, without Gradio or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.models.suggested import Suggested
    from lineas.service.snapshot import ModelState, RunState, Snapshot
    from lineas.storage import Concept

ALIVE = ("queued", "running")
RESUMABLE = ("cancelled", "interrupted", "failed")


@dataclass(frozen=True)
class Status:
    """A line about what is going on.

    Attributes:
        tone: quiet, busy, good or bad.
        fraction: share that is done, 0 to 1; None with ``moving`` for progress of unknown length.
    """

    tone: str
    sentence: str
    detail: str = ""
    fraction: float | None = None
    moving: bool = False


@dataclass(frozen=True)
class Controls:
    """Whether a page's start and end buttons can be pressed, and the sentence beside them."""

    go: bool
    end: bool
    why: str = ""


def status(snapshot: Snapshot) -> Status:
    """The banner: a training in progress, else the model's state, else how the last training ended."""
    model, run = snapshot.model, snapshot.run
    if run and run.state in ALIVE and model.phase == "ready":
        return run_status(run, snapshot.queue_length)
    if model.phase == "loading":
        return Status(
            "busy", ui_text.from_library(model.sentence) or ui_text.LOADING, fraction=model.fraction, moving=True
        )
    if model.phase in ("error", "broken"):
        return Status("bad", ui_text.from_library(model.sentence))
    if model.phase == "none":
        return Status("quiet", ui_text.NO_MODEL)
    if model.problem:
        return Status("good", ui_text.READY, ui_text.from_library(model.problem))
    if run:
        return run_status(run, snapshot.queue_length)
    return Status("good", ui_text.READY, ui_text.READY_DETAIL)


def run_status(run: RunState, queue_length: int = 0) -> Status:
    """The state of one training."""
    if run.state == "queued":
        return Status("busy", ui_text.QUEUED.format(name=run.name), ui_text.in_queue(queue_length - 1), moving=True)
    if run.state == "running":
        # before the first step and after the last one, the trainer's own sentence says what it does
        stepping = 0 < run.step < run.of and not run.stopping
        progress = ui_text.step_of(run.step, run.of, run.eta_seconds) if stepping else ""
        doing = ui_text.STOPPING if run.stopping else "" if stepping else ui_text.from_library(run.sentence)
        detail = " ".join(part for part in (doing, ui_text.in_queue(queue_length)) if part)
        fraction = run.step / run.of if run.step else None
        return Status("busy", ui_text.teaching(run.name, progress), detail, fraction, moving=True)
    known = run.distance is not None and run.distance_start is not None
    distance = ui_text.closer(run.distance_start, run.distance) if known else ""  # type: ignore[arg-type]
    if run.state == "failed":
        return Status("bad", ui_text.FAILED.format(name=run.name), run.error or run.sentence)
    ends = {"done": ui_text.DONE, "cancelled": ui_text.CANCELLED, "interrupted": ui_text.INTERRUPTED}
    sentence = ends[run.state].format(name=run.name, step=run.step)
    return Status("good" if run.state == "done" else "quiet", sentence, distance)


def teach_controls(snapshot: Snapshot) -> Controls:
    """Teach and Cancel."""
    run = snapshot.run
    alive = run is not None and run.state in ALIVE
    stopping = run is not None and run.stopping
    queues = ui_text.QUEUES.format(name=run.name) if run is not None and alive else ""
    why = _model_missing(snapshot) or (ui_text.WHY_STOPPING if stopping else queues)
    return Controls(snapshot.model.phase == "ready", alive and not stopping, why)


def compare_controls(snapshot: Snapshot, streaming: bool) -> Controls:
    """Compare and Stop, and their like on Strengths and Mix."""
    if streaming:
        return Controls(False, True)
    learning = snapshot.run is not None and snapshot.run.state == "running"
    why = _model_missing(snapshot) or (ui_text.SHARING if learning else "")
    return Controls(snapshot.model.phase == "ready", False, why)


def _model_missing(snapshot: Snapshot) -> str:
    """Why the model cannot be used now; empty if it can."""
    sentences = {
        "loading": ui_text.WHY_LOADING,
        "none": ui_text.WHY_NO_MODEL,
        "error": ui_text.WHY_MODEL_ERROR,
        "broken": ui_text.WHY_BROKEN,
    }
    return sentences.get(snapshot.model.phase, "")


def banner_action(snapshot: Snapshot) -> str:
    """The label of the banner's button; empty for no button."""
    run = snapshot.run
    if snapshot.model.phase == "broken":
        return ui_text.ACT_RESTART
    if snapshot.model.phase == "loading" and snapshot.model.name != "default":
        return ui_text.MODELS_STOP_LOADING
    if run is None or snapshot.model.phase != "ready":
        return ""
    if run.state in ALIVE:
        return "" if run.stopping else ui_text.ACT_STOP
    return ui_text.ACT_TRY if run.state == "done" else ui_text.ACT_RESUME


def better_model(snapshot: Snapshot) -> Suggested | None:
    """The model that the banner offers: not while the present one is in use and could not be replaced."""
    run = snapshot.run
    busy = snapshot.comparing or (run is not None and run.state in ALIVE)
    return None if busy or snapshot.model.phase != "ready" else snapshot.model.better


def can_resume(run: RunState | None) -> bool:
    return run is not None and run.state in RESUMABLE


def concept_choices(concepts: Sequence[Concept]) -> list[tuple[str, str]]:
    """(label, id) of each concept for a list, in the given order."""
    return [(ui_text.concept(c.name, c.kind), c.id) for c in concepts]


def first_fitting(concepts: Sequence[Concept], model: ModelState) -> Concept | None:
    """The first concept that was made for the current model."""
    return next((c for c in concepts if c.base_model in ("", model.name)), None)


def find_concept(concepts: Sequence[Concept], concept_id: str | None) -> Concept | None:
    return next((c for c in concepts if c.id == concept_id), None)


def preset_like(concept: Concept | None, presets: Sequence[Preset]) -> Preset | None:
    """The preset that a concept is or was taught from, by its name: "Pirate" and "Pirate 2" for "Pirate"."""
    if concept is None:
        return None
    return next((p for p in presets if re.fullmatch(rf"{re.escape(p.name)}( \d+)?", concept.name)), None)


def known_instruction(concept: Concept, presets: Sequence[Preset]) -> str:
    """The concept's own instruction, or that of the preset that it was taught from; empty if there is neither."""
    preset = preset_like(concept, presets)
    return concept.instruction or (preset.instruction if preset else "")
