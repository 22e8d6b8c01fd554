"""Requests of many clients in shared batches: whatever waits when the model is free is decoded together, row by row its own.

The model's fair lock is the queue. A batch takes turns with trainings, with the studio's pages and with the batch that came before
it, so that a short answer need not wait for the end of a long one.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lineas.errors import LineasError, describe, device_lost

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.generation.listener import Answer, Listener
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel

log = logging.getLogger(__name__)

MOST_WAITING = 64
"""Number of answers that may wait; as many may on the pages."""
BATCHES_AT_ONCE = 4
"""Number of batches that take turns on the model."""
TOKENS_AT_ONCE = 16_384
"""Rows of a batch times its longest prompt and answer: 750 MB of keys and values on the default model."""
GATHERING = 0.02
"""Seconds in which requests that come together find each other."""
SECONDS_BETWEEN_NEWS = 0.1
"""The text of an answer is decoded anew for each piece of news about it."""


@dataclass(eq=False)
class Request:
    """One answer that is wanted.

    Attributes:
        ids: the prompt's tokens (``tokenize``).
        tell: called, from any thread, with the growing answer if ``growing``, with the complete one, or with the failure.
        stop: set it when nobody waits for the answer any more.
    """

    model: "LoadedModel"
    ids: list[int]
    prompt: str
    row: "Row"
    sampling: "Sampling"
    tell: "Callable[[Answer | LineasError], None]"
    growing: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    answered: bool = False

    @property
    def length(self) -> int:
        """Tokens of the prompt and of the longest possible answer."""
        return len(self.ids) + self.sampling.max_new_tokens

    def answer(self, news: "Answer | LineasError") -> None:
        self.answered = self.answered or isinstance(news, LineasError) or news.done
        self.tell(news)


class SharedBatches:
    """Decodes requests in the order of their arrival, as many at once as there are.

    Args:
        count: called with the number of requests that came, or went (negative).
        lose: called when the device is lost.
    """

    def __init__(self, count: Callable[[int], None], lose: Callable[[], None]) -> None:
        self._count = count
        self._lose = lose
        self._guard = threading.Lock()
        self._waiting: list[Request] = []
        self._in_line = False  # whether a thread waits for the model, to take what waits by then
        self._running = 0

    def submit(self, requests: Sequence[Request]) -> None:
        """Put requests in line, all or none.

        Raises:
            queue.Full: too many wait already; its argument is their number.
        """
        with self._guard:
            if len(self._waiting) + len(requests) > MOST_WAITING:
                raise queue.Full(len(self._waiting))
            self._waiting += requests
            self._count(len(requests))
            self._line_up()

    def _line_up(self) -> None:
        """Send a thread into the line for the model if one is needed; the caller holds the guard."""
        if self._waiting and not self._in_line and self._running < BATCHES_AT_ONCE:
            self._in_line = True
            threading.Thread(target=self._work, name="lineas-batch", daemon=True).start()

    def _work(self) -> None:
        from lineas.models.hardware import ALL_BUT_ONE, threads

        time.sleep(GATHERING)
        model = self._waiting[0].model  # only the thread in line takes requests away
        with model.lock, threads(ALL_BUT_ONE):
            with self._guard:
                batch = self._take(model)
                self._in_line, self._running = False, self._running + 1
                self._line_up()
            try:
                if batch:
                    _decode(model, batch)
            except Exception as error:
                self._fail(batch, error)
            finally:
                with self._guard:
                    self._running -= 1
                    self._count(-len(batch))
                    self._line_up()

    def _take(self, model: "LoadedModel") -> list[Request]:
        """Take the next batch: the oldest requests, in their order, as many as fit together."""
        from lineas.generation.generate import ROWS_AT_ONCE

        batch: list[Request] = []
        while self._waiting and self._waiting[0].model is model and len(batch) < ROWS_AT_ONCE:
            longest = max(request.length for request in [*batch, self._waiting[0]])
            if batch and longest * (len(batch) + 1) > TOKENS_AT_ONCE:
                break
            request = self._waiting.pop(0)
            if request.stop.is_set():
                self._count(-1)
            else:
                batch.append(request)
        return batch

    def _fail(self, batch: Sequence[Request], error: Exception) -> None:
        if not isinstance(error, LineasError):
            log.error("A batch of requests failed.", exc_info=error)
        if device_lost(error):
            self._lose()
        for request in batch:
            if not request.answered:
                request.answer(LineasError(describe(error)))


def _decode(model: "LoadedModel", batch: Sequence[Request]) -> None:
    """Decode a batch, and tell everyone of their own answer; the caller holds the model's lock."""
    from lineas.generation.generate import decode
    from lineas.generation.listener import Listener
    from lineas.generation.prompts import pad

    told = time.monotonic()

    def tell(listener: "Listener", over: bool = False) -> None:
        nonlocal told
        due = time.monotonic() - told >= SECONDS_BETWEEN_NEWS
        told = time.monotonic() if due else told
        for row, request in enumerate(batch):
            ended = over or bool(listener.endings[row])
            if not request.answered and (ended or (due and request.growing)):
                request.answer(replace(listener.answer(row), done=ended))

    samplings = [request.sampling for request in batch]
    listener = Listener(model, samplings, [request.stop for request in batch], tell)
    prompts, rows = [request.prompt for request in batch], [request.row for request in batch]
    decode(model, prompts, rows, samplings, pad(model, [request.ids for request in batch]), listener)
    tell(listener, over=True)
