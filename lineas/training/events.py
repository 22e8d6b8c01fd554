"""What a training tells its caller while it runs, whichever method it is."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from lineas.models.progress import Result, relayed
from lineas.steering.map import SteeringMap

Update = TypeVar("Update")

Ending = Literal["finished", "plateau", "diverged"]
ENDINGS: dict[Ending, str] = {
    "finished": "All {step} steps are done.",
    "plateau": "Step {step} was the last: nothing had improved for a while.",
    "diverged": "The training diverged at step {step}; the best map until then was kept. "
    'The recipe "thorough" takes smaller steps and may help.',
}


@dataclass(frozen=True)
class Reading:
    """Sentences whose activations have been recorded, ``done`` of ``of``; no step was made meanwhile."""

    done: int
    of: int


@dataclass(frozen=True)
class Started:
    """Targets are recorded and the first distance is known.

    Attributes:
        of: number of steps, at most.
        first: number of steps that are made already (0, or where a checkpoint left off).
        distance: transport loss of the whole source side before any step (or, resumed, before the first step of the run).
    """

    of: int
    first: int
    distance: float


class State(Protocol):
    """A training between two steps."""

    def save(self, path: Path) -> None: ...

    def steering_map(self) -> SteeringMap: ...


@dataclass(frozen=True)
class Step:
    """One step is made; ``step`` counts from 1, ``elapsed`` and ``eta`` are seconds.

    Attributes:
        loss: what this step minimised, on its own few sentences (with the recipe's anchor).
        distance: transport loss of the source with the map as it was before this step. Of a step that reads a part it is an
            estimate: up to 64 sentences moved as those read did on average; of more, 64 as they were when last seen.
        state: the training after this step; None from methods that have none to show.
    """

    step: int
    of: int
    loss: float
    distance: float
    elapsed: float
    eta: float
    state: State | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Checkpoint:
    """A state to resume from: ``checkpoint.save(path)`` writes it, all or nothing."""

    step: int
    state: State = field(repr=False)

    def save(self, path: Path) -> None:
        self.state.save(path)


@dataclass(frozen=True)
class Done:
    """The end: the map, the distance of the whole source side before and after, and why it ended.

    Attributes:
        stopped: "finished" (all steps), "plateau" (no more progress) or "diverged" (the best map so far was restored).
        message: one sentence for people.
    """

    map: SteeringMap = field(repr=False)
    loss_start: float
    loss_end: float
    seconds: float
    steps: int
    stopped: Ending
    message: str


Event = Reading | Started | Step | Checkpoint | Done


def with_progress(
    work: Generator[object, None, Result], update: Callable[[float], Update]
) -> Generator[Update, None, Result]:
    """Run ``work``, replacing each of its events by ``update(fraction)``: how much of it is done, 0 to 1, never falling."""
    furthest = 0.0  # work may have several parts that each count from the beginning

    def replace(event: object) -> Update:
        nonlocal furthest
        if isinstance(event, Reading):
            furthest = max(furthest, event.done / event.of)
        if isinstance(event, Step):
            furthest = max(furthest, event.step / event.of)
        return update(furthest)

    return relayed(work, replace)
