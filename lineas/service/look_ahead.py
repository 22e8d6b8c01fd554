"""Answers that are decoded before anybody asks for them, as long as nobody else wants the model."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lineas.errors import describe

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel

log = logging.getLogger(__name__)


class LookAhead:
    """One batch after the other, in a thread of its own. It ends after the current token when ``stop`` is called, when other
    batches begin, and when anybody waits for the model's lock."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(
        self,
        model: "LoadedModel",
        prompt: str,
        batches: "Sequence[Sequence[Row]]",
        sampling: "Sampling",
        keep: "Callable[[Sequence[Row], Sequence[Answer]], None]",
    ) -> None:
        """Decode these rows; ``keep`` takes the growing answers of a batch, again and again."""
        from lineas.generation.streaming import stream

        stop = threading.Event()

        def work() -> None:
            try:
                for rows in batches:
                    for news in stream(model, prompt, rows, sampling, stop=stop, spare_core=True):
                        keep(rows, news)
                        if model.lock.waiting:
                            stop.set()
                    if stop.is_set():
                        return
            except Exception as error:  # nobody waits for this; who asks will be told
                log.info("Nothing was decoded ahead: %s", describe(error))

        with self._guard:
            self._stop.set()
            self._stop, self._thread = stop, threading.Thread(target=work, name="lineas-ahead", daemon=True)
            self._thread.start()

    def stop(self, wait: bool = False) -> None:
        """End what is being decoded; ``wait`` until it has ended."""
        with self._guard:
            self._stop.set()
            thread = self._thread
        if wait and thread is not None:
            thread.join()
