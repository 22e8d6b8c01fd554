"""Answers as they grow, decoded in a thread of their own."""

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

from lineas.generation.generate import decode
from lineas.generation.listener import Answer, Heard, Listener
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.models.hardware import ALL_BUT_ONE, threads
from lineas.models.loaded import LoadedModel


def stream(
    model: LoadedModel,
    prompt: str | Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling | None = None,
    *,
    stop: threading.Event | None = None,
    spare_core: bool = False,
) -> Iterator[list[Answer]]:
    """Yield the answers of all rows as they grow: one Answer for each row, again and again; the last list is complete.

    Decoding runs in a thread of its own, with its own grad mode and hooks, since a page's generator may be continued by any
    thread; this generator only reads a queue. Closing it, or setting ``stop``, ends decoding after the current token.

    Args:
        prompt: one for all rows, or one for each.
        spare_core: leave a processor core to the browser that shows the answers.

    Raises:
        LineasError: an empty or too long prompt, a map of another model.

    Example:
        for answers in stream(model, "Tell me about your day.", [Row(), Row(pirate, 0.75)]):
            print(answers[1].text)
    """
    sampling, stop = sampling or Sampling(), stop or threading.Event()
    prompts = [prompt] * len(rows) if isinstance(prompt, str) else prompt
    samplings = [sampling] * len(rows)
    batch = encode(model, prompts, rows, samplings)
    news: queue.SimpleQueue[list[Heard]] = queue.SimpleQueue()
    begun = [row.begun for row in rows]
    listener = Listener(model, samplings, [stop] * len(rows), lambda listener: news.put(listener.heard()), begun)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with model.lock, threads(ALL_BUT_ONE) if spare_core else nullcontext():
                if not stop.is_set():  # it may have been set while this thread waited
                    decode(model, prompts, rows, samplings, batch, listener, remember=True)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=work, name="lineas-decode", daemon=True)
    thread.start()
    try:
        shown = None
        while thread.is_alive() or not news.empty():
            newest = _newest(news)
            if newest is not None:
                shown = newest
                yield listener.answers(newest)
        if failures:
            raise failures[0]
        if shown is not None:
            yield [replace(answer, done=True) for answer in listener.answers(shown)]
    finally:
        if thread.is_alive():  # else the event stays as it is: it is the caller's, who may use it again
            stop.set()
        thread.join()


def _newest(news: "queue.SimpleQueue[list[Heard]]", seconds: float = 0.05) -> list[Heard] | None:
    """Wait a moment for news and return the newest: a slow page skips what it has no time to show."""
    try:
        newest = news.get(timeout=seconds)
        while True:
            try:
                newest = news.get_nowait()
            except queue.Empty:
                return newest
    except queue.Empty:
        return None
