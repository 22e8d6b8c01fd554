"""What a model answered lately, so that nothing is decoded twice: a question that is asked again has its answer at once, and one
that was stopped, or may now be longer, goes on."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel
    from lineas.steering.adapter import Steering

MOST_ANSWERS = 400
"""Number of answers that are kept."""


class AnswerMemory:
    """The answers of one model. What determines an answer but its length is its key; the longest one is kept."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        # the map is kept beside its answer, so that its id is not given to another one
        self._answers: OrderedDict[Hashable, tuple[tuple[int, ...], Steering | None]] = OrderedDict()

    def recall(self, model: "LoadedModel", prompt: str, row: "Row", sampling: "Sampling") -> "Answer":
        """What is known of an answer: complete (``done``), its beginning, or nothing."""
        from threading import Event

        from lineas.generation.listener import Listener

        key = _key(prompt, row, sampling)
        with self._guard:
            ids = self._answers[key][0] if key in self._answers else ()
            if ids:
                self._answers.move_to_end(key)
        answer = Listener(model, [sampling], [Event()], begun=[ids]).answer(0)
        # an encoder reads its question, and has no place for the beginning of an answer
        usable = answer.done or not model.network.config.is_encoder_decoder
        return answer if usable else replace(answer, text="", tokens=0, ids=())

    def keep(self, prompt: str, row: "Row", sampling: "Sampling", answer: "Answer") -> None:
        key = _key(prompt, row, sampling)
        with self._guard:
            if len(answer.ids) <= len(self._answers.get(key, ((), None))[0]):
                return
            self._answers[key] = answer.ids, row.map
            self._answers.move_to_end(key)
            if len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)


def _key(prompt: str, row: "Row", sampling: "Sampling") -> Hashable:
    steered = row.map is not None and row.strength != 0
    steering = (id(row.map), row.strength, row.scope) if steered else ()
    return (prompt, steering, row.system, row.earlier, sampling.draws, sampling.chat, sampling.stop)
