"""A trainer that only counts steps."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from maps import random_map

from lineas.models.fair_lock import FairLock
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.storage import RunSpec
from lineas.training.events import Checkpoint, Done, Reading, Started, Step

MODEL = SimpleNamespace(id="tiny", fingerprint="structure:weights", lock=FairLock(), sites=(Site("site", 2, 0),))
SPEC = RunSpec("pirate", ("a",) * 4, ("b",) * 4, settings={"steps": 10})


@dataclass
class FakeState:
    """A training between two steps. Its checkpoint holds the step."""

    step: int
    map: SteeringMap

    def save(self, path: Path) -> None:
        path.write_text(str(self.step))

    def steering_map(self) -> SteeringMap:
        return self.map


class FakeTrainer:
    """Counts steps, saves a checkpoint at every third one, and records its calls.

    Attributes:
        seconds: duration of a step.
        fails_at: exceptions to raise, by step, once each.
        made: (name of the run, step) for every step.
        closed: number of trainings that ended.
        steps: number of steps, whatever the recipe says; 0 for the recipe's.
        go_on: clear it to halt before step ``halt_at``, or before the next step if that has passed.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.fails_at: dict[int, Exception] = {}
        self.made: list[tuple[str, int]] = []
        self.closed = 0
        self.steps = 0
        self.halt_at = 1
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, model, source, target, recipe, *, sites, seed, name, resume_from, group=None):
        first = int(resume_from.read_text()) if resume_from else 0
        of = self.steps or recipe.steps
        steering_map = random_map(model.sites).with_metadata(name=name)
        try:
            yield Reading(4, 4)
            yield Started(of, first, 2.0)
            for step in range(first + 1, of + 1):
                assert step < self.halt_at or self.go_on.wait(120)
                time.sleep(self.seconds)
                if error := self.fails_at.pop(step, None):
                    raise error
                self.made.append((name, step))
                state = FakeState(step, steering_map)
                yield Step(step, of, 1 / step, 2 / step, 0.1 * step, 0.1 * (of - step), state)
                if step % 3 == 0:
                    yield Checkpoint(step, state)
            yield Done(steering_map, 2.0, 0.2, 1.0, of, "finished", f"All {of} steps are done.")
        finally:
            self.closed += 1
