"""A trainer that only counts."""

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
class Saved:
    """What a checkpoint of the pretended trainer holds: the step."""

    step: int

    def save(self, path: Path) -> None:
        path.write_text(str(self.step))


class FakeTrainer:
    """Counts steps, saves a checkpoint at every third, and remembers how it was used."""

    def __init__(self, seconds: float = 0.0, fails_at: dict[int, Exception] | None = None) -> None:
        self.seconds = seconds
        self.fails_at = fails_at or {}
        self.made: list[tuple[str, int]] = []
        self.closed = 0
        self.go_on = threading.Event()  # where set before the start, nothing waits
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
                    yield Checkpoint(step, Saved(step))
            steering_map = SteeringMap({"site": torch.ones(2)}, {"site": torch.ones(2)}, {"name": name})
            yield Done(steering_map, 2.0, 0.2, 1.0, recipe.steps, "finished", f"All {recipe.steps} steps are done.")
        finally:
            self.closed += 1
