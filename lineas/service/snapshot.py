"""What a page shows of the workbench at one moment: plain values, made from memory, never from the disk."""

from dataclasses import dataclass, replace
from typing import Literal

from lineas.service.queue import Job
from lineas.storage import RunRecord
from lineas.storage.records import State


@dataclass(frozen=True)
class ModelFacts:
    """A model that is loaded.

    Attributes:
        family: transformers' ``model_type``.
        device, dtype: where its weights are and as what, "cpu" and "float32".
        sites: number of places that are steered by default.
        chats: whether it takes turns, or only continues a text.
    """

    family: str
    parameters: int
    device: str
    dtype: str
    sites: int
    chats: bool


@dataclass(frozen=True)
class ModelState:
    """The model: its name as it was asked for, what is happening to it, and how much of that is done (None: unknown).

    "broken" is the end of it in this process: the graphics card is out of reach until a restart.
    """

    name: str = ""
    phase: Literal["none", "loading", "ready", "error", "broken"] = "none"
    sentence: str = ""
    fraction: float | None = None
    facts: ModelFacts | None = None
    """Of one that is ready."""


@dataclass(frozen=True)
class RunState:
    """The run that is being taught, or else the next in line, or else the newest.

    Attributes:
        distance, distance_start: transport loss now and before the first step; None while unknown.
        eta_seconds: None while unknown or not running.
        sentence: what is happening, or how it ended; error: why it failed, else empty.
        preview: the question that is answered while it learns, else empty.
        stopping: told to stop, and busy with its last step.
        examining: what is being found out about a concept that is taught, else empty; examined: how much of it, 0 to 1.
    """

    id: str
    name: str
    state: State
    step: int = 0
    of: int = 0
    distance: float | None = None
    distance_start: float | None = None
    eta_seconds: float | None = None
    sentence: str = ""
    error: str = ""
    preview: str = ""
    stopping: bool = False
    examining: str = ""
    examined: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """One moment of the workbench; ``version`` tells two of them apart."""

    version: int
    model: ModelState
    run: RunState | None
    queue_length: int
    comparing: bool


def ended_run(record: RunRecord) -> RunState:
    """A run that nobody in this process works on."""
    return RunState(
        id=record.id,
        name=record.name,
        state=record.state,
        step=record.step,
        of=record.of,
        distance=record.distance,
        distance_start=record.distance_start,
        sentence=record.message,
        error=record.error,
        preview=record.preview,
    )


def live_run(job: Job) -> RunState:
    """A run in the worker's hands."""
    record = job.run.record
    if not record.active:
        doing = job.examining
        return (
            replace(ended_run(record), examining=doing.sentence, examined=doing.fraction)
            if doing
            else ended_run(record)
        )
    return RunState(
        id=record.id,
        name=record.name,
        state=record.state,
        step=job.step or record.step,
        of=job.of or record.of,
        distance=job.distance if job.distance is not None else record.distance,
        distance_start=job.distance_start if job.distance_start is not None else record.distance_start,
        eta_seconds=job.eta_seconds,
        sentence=_doing(job, record),
        preview=record.preview,
        stopping=bool(job.stop),
    )


def _doing(job: Job, record: RunRecord) -> str:
    if job.stop:
        return "Stopping after this step."
    if record.state == "queued":
        return "Waiting for its turn."
    if job.reading is None:
        return f"Step {job.step} of {job.of}." if job.of else "Getting ready."
    if job.of == 0:
        return f"Reading the sentences: {job.reading[0]} of {job.reading[1]}."
    return "Measuring the result."
