"""Previews: one short question, answered several times during a training, so that people see the concept take hold."""

import threading
import traceback
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.storage import Preview, Run
from lineas.training.recipes import recipe_named

if TYPE_CHECKING:  # these import torch
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap
    from lineas.training.events import Event

PROMPT = "Tell me about your day."
"""The default question."""
TOKENS = 20
"""Longest answer, in tokens."""
COUNT = 4
"""Number of answers after the plain model's, evenly spread over the steps; the last one is that of the finished map."""


def preview_steps(of: int) -> set[int]:
    """The steps, of ``of`` in all, after which the question is answered."""
    return {round(of * i / COUNT) for i in range(COUNT + 1)}


class Previews:
    """Answers a run's question between training steps and keeps the answers in its folder.

    They are decoded as Compare decodes by default, so that the plain one is the beginning of Compare's Original. Their random
    numbers are their own, so the training is the same with and without previews. An error ends the previews, not the training;
    the log says why.

    Args:
        stop: set it to end an answer at its next token; a cut answer is not kept.
    """

    def __init__(self, run: Run, model: "LoadedModel", stop: threading.Event) -> None:
        self._run = run
        self._model = model
        self._stop = stop
        self._prompt = run.record.preview
        self._answered = {preview.step for preview in run.previews()} if self._prompt else set()

    def after(self, event: "Event") -> bool:
        """Answer the question if it is time to. Returns whether there is a new answer."""
        from lineas.training.events import Done, Started, Step

        steering_map: SteeringMap | None = None
        match event:
            case Started(first=0):
                step = 0
            case Step() if event.state and event.step in preview_steps(event.of) and event.step < event.of:
                step, steering_map = event.step, event.state.steering_map()
            case Done():
                step, steering_map = event.steps, event.map
            case _:
                return False
        if not self._prompt or step in self._answered:
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

        recipe = recipe_named(self._run.record.recipe)
        row = Row(steering_map, scope="answer" if recipe.as_answer else None)  # an unfinished map does not say it
        sampling = Sampling(max_new_tokens=TOKENS)  # Compare's, so that "before" is how its Original begins
        [[answer]] = generate(self._model, [self._prompt], [row], sampling, stop=self._stop)
        if self._stop.is_set():
            return False
        self._run.add_preview(Preview(step, answer.text))
        self._answered.add(step)
        return True
