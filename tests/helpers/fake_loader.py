"""A loader of models that waits for the test, in place of ``lineas.models.load.load_model``."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from lineas.models.loaded import LoadedModel

End = LoadedModel | BaseException | Callable[[], LoadedModel]
"""What a load returns, raises, or calls at its end."""


class FakeLoader:
    """Loads nothing by itself: a test reports progress, and ends the load.

    Attributes:
        names, options: what each load was asked for.
        ends: names of models whose load ends at once, and how; all others wait for the test.
        large: names of models for which the present one is evicted.
        evicted: set when it is.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.options: list[dict[str, Any]] = []
        self.ends: dict[str, End] = {}
        self.large: set[str] = set()
        self.evicted = threading.Event()
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def report(self, sentence: str, fraction: float | None = None) -> None:
        self._news.put((sentence, fraction))

    def end(self, result: End) -> None:
        self._news.put(result)

    def __call__(self, name: str, *, progress: Any, present: Any, **options: Any) -> LoadedModel:
        self.names.append(name)
        self.options.append(options)
        progress("Loading …")
        if name in self.large:
            present.evict()
            self.evicted.set()
        end = self.ends[name] if name in self.ends else self._wait(progress)
        if isinstance(end, BaseException):
            raise end
        return end if isinstance(end, LoadedModel) else end()

    def _wait(self, progress: Any) -> End:
        said: tuple[Any, ...] = ("Loading …",)
        while True:
            try:
                news = self._news.get(timeout=0.01)
            except queue.Empty:
                progress(*said)  # raises if the load was given up
                continue
            try:
                progress(*said)
            except BaseException:  # this load was given up: the news is for the next one
                self._news.put(news)
                raise
            if not isinstance(news, tuple):
                return news
            said = news
            progress(*said)
