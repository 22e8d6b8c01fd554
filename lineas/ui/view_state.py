"""From a snapshot of the workbench to what is visible: pure functions, no Gradio, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text

if TYPE_CHECKING:
    from lineas.service.snapshot import ModelState, RunState, Snapshot
    from lineas.storage import Concept

ALIVE = ("queued", "running")
RESUMABLE = ("cancelled", "interrupted", "failed")


@dataclass(frozen=True)
class Status:
    """A line about what is going on. ``tone`` is quiet, busy, good or bad; ``fraction`` None with ``moving`` is
    progress of unknown length."""

    tone: str
    sentence: str
    detail: str = ""
    fraction: float | None = None
    moving: bool = False


@dataclass(frozen=True)
class Controls:
    """Whether a page's two buttons can be pressed, and the sentence beside them that says why not (or what to expect)."""

    go: bool
    end: bool
    why: str


def status(snapshot: Snapshot) -> Status:
    """The banner over the pages: what is being taught, else how the model is, else how the last teaching ended."""
    model, run = snapshot.model, snapshot.run
    if run and run.state in ALIVE and model.phase == "ready":
        return run_status(run, snapshot.queue_length)
    if model.phase == "loading":
        return Status("busy", model.sentence or ui_text.LOADING, fraction=model.fraction, moving=True)
    if model.phase in ("error", "broken"):
        return Status("bad", model.sentence)
    if model.phase == "none":
        return Status("quiet", ui_text.NO_MODEL)
    if run:
        return run_status(run, snapshot.queue_length)
    return Status("good", ui_text.READY, model.problem or ui_text.READY_DETAIL)


def run_status(run: RunState, queue_length: int = 0) -> Status:
    """One teaching in words."""
    if run.state == "queued":
        return Status("busy", ui_text.queued(run.name), ui_text.in_queue(queue_length - 1), moving=True)
    if run.state == "running":
        # before the first step and after the last one, the trainer says itself what it does
        stepping = 0 < run.step < run.of and not run.stopping
        progress = ui_text.step_of(run.step, run.of, run.eta_seconds) if stepping else ""
        doing = ui_text.STOPPING if run.stopping else "" if stepping else run.sentence
        detail = " ".join(part for part in (doing, ui_text.in_queue(queue_length)) if part)
        fraction = run.step / run.of if run.step else None
        return Status("busy", ui_text.teaching(run.name, progress), detail, fraction, moving=True)
    if run.state == "done":
        return Status("good", ui_text.done(run.name), run_distance(run))
    if run.state == "cancelled":
        return Status("quiet", ui_text.cancelled(run.name, run.step), run_distance(run))
    if run.state == "interrupted":
        return Status("quiet", ui_text.interrupted(run.name, run.step), run_distance(run))
    return Status("bad", ui_text.failed(run.name), run.error or run.sentence)


def run_distance(run: RunState) -> str:
    if run.distance is None or run.distance_start is None:
        return ""
    return ui_text.closer(run.distance_start, run.distance)


def teach_controls(snapshot: Snapshot) -> Controls:
    """Teach and Cancel."""
    run = snapshot.run
    alive = run is not None and run.state in ALIVE
    stopping = run is not None and run.stopping
    go, why = _model_usable(snapshot)
    if not why:
        why = ui_text.WHY_STOPPING if stopping else ui_text.QUEUES if alive else ui_text.WHY_CANCEL
    return Controls(go, alive and not stopping, why)


def compare_controls(snapshot: Snapshot, streaming: bool) -> Controls:
    """Compare and Stop."""
    if streaming:
        return Controls(False, True, ui_text.WHY_STREAMING)
    go, why = _model_usable(snapshot)
    if not why:
        learning = snapshot.run is not None and snapshot.run.state == "running"
        why = f"{ui_text.SHARING} {ui_text.WHY_STOP}" if learning else ui_text.WHY_STOP
    return Controls(go, False, why)


def _model_usable(snapshot: Snapshot) -> tuple[bool, str]:
    sentences = {
        "loading": ui_text.WHY_LOADING,
        "none": ui_text.WHY_NO_MODEL,
        "error": ui_text.WHY_MODEL_ERROR,
        "broken": ui_text.WHY_BROKEN,
    }
    return snapshot.model.phase == "ready", sentences.get(snapshot.model.phase, "")


def banner_action(snapshot: Snapshot) -> str:
    """What the button in the banner says; empty for none."""
    run = snapshot.run
    if snapshot.model.phase == "broken":
        return ui_text.ACT_RESTART
    if run is None or snapshot.model.phase != "ready":
        return ""
    if run.state in ALIVE:
        return "" if run.stopping else ui_text.ACT_STOP
    return ui_text.ACT_TRY if run.state == "done" else ui_text.ACT_RESUME


def can_resume(run: RunState | None) -> bool:
    return run is not None and run.state in RESUMABLE


def concept_choices(concepts: Sequence[Concept]) -> list[tuple[str, str]]:
    """(label, id) for the list of concepts, in the workbench's order: own ones first, the newest on top."""
    return [(ui_text.concept(c.name, c.kind), c.id) for c in concepts]


def first_fitting(concepts: Sequence[Concept], model: ModelState) -> Concept | None:
    """The concept to begin with: the first that was made for the model there is."""
    return next((c for c in concepts if c.base_model in ("", model.name)), None)


def find_concept(concepts: Sequence[Concept], concept_id: str | None) -> Concept | None:
    return next((c for c in concepts if c.id == concept_id), None)
