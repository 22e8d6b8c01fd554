"""What a page shows of the service at one moment: plain values from memory, never from disk."""

from dataclasses import dataclass
from typing import Literal

from lineas.models.suggested import Suggested
from lineas.storage import RunRecord
from lineas.storage.records import State


@dataclass(frozen=True)
class ModelFacts:
    """A model in memory.

    Attributes:
        family: transformers' ``model_type``.
        parameters: number of weights.
        device, dtype: where its weights are and in which format, "cpu" and "float32".
        sites: number of sites that are steered by default.
        chats: whether it has a chat template; without one it only continues a text.
        notes: sentences about what is unusual in it, such as blocks that are not steered.
        quantize: "8bit" or "4bit", else empty.
    """

    family: str
    parameters: int
    device: str
    dtype: str
    sites: int
    chats: bool
    notes: tuple[str, ...] = ()
    quantize: str = ""


@dataclass(frozen=True)
class ModelState:
    """The model, and what is happening to it.

    Attributes:
        name: as it was asked for.
        phase: "broken" lasts until the program restarts, because the graphics card is out of reach.
        sentence: the phase in words, or why it failed.
        fraction: share of the loading that is done, 0 to 1; None if unknown.
        facts: set when ``phase`` is ready.
        problem: why another model was not loaded while this one stayed ready; else empty.
        better: a model that writes better and would fit here, beside the built-in one; else None.
    """

    name: str = ""
    phase: Literal["none", "loading", "ready", "error", "broken"] = "none"
    sentence: str = ""
    fraction: float | None = None
    facts: ModelFacts | None = None
    problem: str = ""
    better: Suggested | None = None


@dataclass(frozen=True)
class RunState:
    """The run in training, or else the next in the queue, or else the newest.

    Attributes:
        step, of: steps done, and steps in all.
        distance, distance_start: transport loss now and before the first step; None if unknown.
        eta_seconds: None if unknown or not running.
        sentence: what is happening, or how it ended.
        error: why it failed, else empty.
        preview: the question that is answered during training, else empty.
        stopping: whether it ends after the current step.
        checking: what the health check of the trained concept is doing, else empty.
        checked: share of the health check that is done, 0 to 1.
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
    checking: str = ""
    checked: float = 0.0

    @classmethod
    def from_record(cls, record: RunRecord) -> "RunState":
        """The state of a run that nobody works on."""
        return cls(
            record.id, record.name, record.state, record.step, record.of, record.distance, record.distance_start,
            sentence=record.message, error=record.error, preview=record.preview,
        )  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One moment of the service. ``version`` rises with every change."""

    version: int
    model: ModelState
    run: RunState | None
    queue_length: int
    comparing: bool
