"""From a snapshot of the workbench to what is visible: pure functions, no Gradio, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineas.ui import text as words

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
        return Status("busy", model.sentence or words.LOADING, fraction=model.fraction, moving=True)
    if model.phase in ("error", "broken"):
        return Status("bad", model.sentence)
    if model.phase == "none":
        return Status("quiet", words.NO_MODEL)
    if run:
        return run_status(run, snapshot.queue_length)
    return Status("good", words.READY, words.READY_DETAIL)


def run_status(run: RunState, queue_length: int = 0) -> Status:
    """One teaching in words."""
    if run.state == "queued":
        return Status("busy", words.queued(run.name), words.in_queue(queue_length - 1), moving=True)
    if run.state == "running":
        # before the first step and after the last one, the trainer says itself what it does
        stepping = 0 < run.step < run.of and not run.stopping
        progress = words.step_of(run.step, run.of, run.eta_seconds) if stepping else ""
        doing = words.STOPPING if run.stopping else "" if stepping else run.sentence
        detail = " ".join(part for part in (doing, words.in_queue(queue_length)) if part)
        fraction = run.step / run.of if run.step else None
        return Status("busy", words.teaching(run.name, progress), detail, fraction, moving=True)
    if run.state == "done":
        return Status("good", words.done(run.name), run_distance(run))
    if run.state == "cancelled":
        return Status("quiet", words.cancelled(run.name, run.step), run_distance(run))
    if run.state == "interrupted":
        return Status("quiet", words.interrupted(run.name, run.step), run_distance(run))
    return Status("bad", words.failed(run.name), run.error or run.sentence)


def run_distance(run: RunState) -> str:
    if run.distance is None or run.distance_start is None:
        return ""
    return words.closer(run.distance_start, run.distance)


def teach_controls(snapshot: Snapshot) -> Controls:
    """Teach and Cancel."""
    run = snapshot.run
    alive = run is not None and run.state in ALIVE
    stopping = run is not None and run.stopping
    go, why = _model_usable(snapshot)
    if not why:
        why = words.WHY_STOPPING if stopping else words.QUEUES if alive else words.WHY_CANCEL
    return Controls(go, alive and not stopping, why)


def compare_controls(snapshot: Snapshot, streaming: bool) -> Controls:
    """Compare and Stop."""
    if streaming:
        return Controls(False, True, words.WHY_STREAMING)
    go, why = _model_usable(snapshot)
    if not why:
        learning = snapshot.run is not None and snapshot.run.state == "running"
        why = f"{words.SHARING} {words.WHY_STOP}" if learning else words.WHY_STOP
    return Controls(go, False, why)


def _model_usable(snapshot: Snapshot) -> tuple[bool, str]:
    sentences = {
        "loading": words.WHY_LOADING,
        "none": words.WHY_NO_MODEL,
        "error": words.WHY_MODEL_ERROR,
        "broken": words.WHY_BROKEN,
    }
    return snapshot.model.phase == "ready", sentences.get(snapshot.model.phase, "")


def banner_action(snapshot: Snapshot) -> str:
    """What the button in the banner says; empty for none."""
    run = snapshot.run
    if snapshot.model.phase == "broken":
        return words.ACT_RESTART
    if run is None or snapshot.model.phase != "ready":
        return ""
    if run.state in ALIVE:
        return "" if run.stopping else words.ACT_STOP
    return words.ACT_TRY if run.state == "done" else words.ACT_RESUME


def can_resume(run: RunState | None) -> bool:
    return run is not None and run.state in RESUMABLE


def concept_choices(concepts: Sequence[Concept]) -> list[tuple[str, str]]:
    """(label, id) for the list of concepts, in the workbench's order: own ones first, the newest on top."""
    return [(words.concept(c.name, c.kind), c.id) for c in concepts]


def first_fitting(concepts: Sequence[Concept], model: ModelState) -> Concept | None:
    """The concept to begin with: the first that was made for the model there is."""
    return next((c for c in concepts if c.base_model in ("", model.name)), None)


def find_concept(concepts: Sequence[Concept], concept_id: str | None) -> Concept | None:
    return next((c for c in concepts if c.id == concept_id), None)
