"""The same short question, answered several times while a concept is taught, so that people see it arriving."""

import threading
import traceback
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.storage import Preview, Run

if TYPE_CHECKING:  # torch comes with them
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap
    from lineas.training.events import Event

PROMPT = "Tell me about your day."
TOKENS = 20
LOOKS = 4
"""Answers after the plain model's, evenly spread over the steps; the last one is that of the finished map."""


def moments(of: int) -> set[int]:
    """The steps, of ``of``, after which the question is asked."""
    return {round(of * look / LOOKS) for look in range(LOOKS + 1)}


class Previews:
    """Answers a run's question between two steps and keeps what was said in its folder.

    The likeliest word is taken each time: no random number is drawn, and the training goes on as if nothing had been asked.
    What goes wrong ends the previews, not the training; the log says why.

    Args:
        stop: ends an answer at once.
    """

    def __init__(self, run: Run, model: "LoadedModel", stop: threading.Event) -> None:
        self._run = run
        self._model = model
        self._stop = stop
        self._prompt = run.record.preview
        self._made = {preview.step for preview in run.previews()} if self._prompt else set()

    def after(self, event: "Event") -> bool:
        """Whether this was one of the moments, and there is an answer more."""
        from lineas.training.events import Done, Started, Step

        steering_map: SteeringMap | None = None
        match event:
            case Started(first=0):
                step = 0
            case Step() if event.state and event.step in moments(event.of) and event.step < event.of:
                step, steering_map = event.step, event.state.steering_map()
            case Done():
                step, steering_map = event.steps, event.map
            case _:
                return False
        if not self._prompt or step in self._made:
            return False
        try:
            return self._answer(step, steering_map)
        except Exception as error:
            self._prompt = ""
            self._run.log(f"no more previews: {error if isinstance(error, LineasError) else traceback.format_exc()}")
            return False

    def _answer(self, step: int, steering_map: "SteeringMap | None") -> bool:
        from lineas.generation.generate import generate
        from lineas.generation.prompts import Row
        from lineas.generation.sampling import Sampling

        sampling = Sampling(max_new_tokens=TOKENS, temperature=0)
        [[answer]] = generate(self._model, [self._prompt], [Row(steering_map)], sampling, stop=self._stop)
        if self._stop.is_set():  # cut off in the middle
            return False
        self._run.add_preview(Preview(step, answer.text))
        self._made.add(step)
        return True
