"""What a page shows of the workbench at one moment: plain values, made from memory, never from the disk."""

from dataclasses import dataclass
from typing import Literal

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

    @classmethod
    def from_record(cls, record: RunRecord) -> "RunState":
        """A run as its record tells it."""
        return cls(
            record.id, record.name, record.state, record.step, record.of, record.distance, record.distance_start,
            sentence=record.message, error=record.error, preview=record.preview,
        )  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One moment of the workbench; ``version`` tells two of them apart."""

    version: int
    model: ModelState
    run: RunState | None
    queue_length: int
    comparing: bool
