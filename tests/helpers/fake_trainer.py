"""A trainer that only counts steps."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import torch

from lineas.models.fair_lock import FairLock
from lineas.steering.map import SteeringMap
from lineas.storage import RunSpec
from lineas.training.events import Checkpoint, Done, Reading, Started, Step

MODEL = SimpleNamespace(id="tiny", fingerprint="structure:weights", lock=FairLock())
SPEC = RunSpec("pirate", ("a",) * 4, ("b",) * 4, settings={"steps": 10})


@dataclass
class FakeState:
    """The content of a checkpoint: the step."""

    step: int

    def save(self, path: Path) -> None:
        path.write_text(str(self.step))


class FakeTrainer:
    """Counts steps, saves a checkpoint at every third one, and records its calls.

    Attributes:
        seconds: duration of a step.
        fails_at: exceptions to raise, by step, once each.
        made: (name of the run, step) for every step.
        closed: number of trainings that ended.
        go_on: clear it to halt before the next step.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.fails_at: dict[int, Exception] = {}
        self.made: list[tuple[str, int]] = []
        self.closed = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, model, source, target, recipe, *, sites, seed, name, resume_from):
        first = int(resume_from.read_text()) if resume_from else 0
        try:
            yield Reading(4, 4)
            yield Started(recipe.steps, first, 2.0)
            for step in range(first + 1, recipe.steps + 1):
                assert self.go_on.wait(10)
                time.sleep(self.seconds)
                if error := self.fails_at.pop(step, None):
                    raise error
                self.made.append((name, step))
                yield Step(step, recipe.steps, 1 / step, 2 / step, 0.1 * step, 0.1 * (recipe.steps - step))
                if step % 3 == 0:
                    yield Checkpoint(step, FakeState(step))
            steering_map = SteeringMap({"site": torch.ones(2)}, {"site": torch.ones(2)}, {"name": name})
            yield Done(steering_map, 2.0, 0.2, 1.0, recipe.steps, "finished", f"All {recipe.steps} steps are done.")
        finally:
            self.closed += 1
