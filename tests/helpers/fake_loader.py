"""A loader of models that waits for the test, in place of ``lineas.models.load.load_model``."""

import queue
from typing import Any

from lineas.models.loaded import LoadedModel


class FakeLoader:
    """Loads nothing by itself: a test reports progress, and ends the load with a model or an error."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.options: list[dict[str, Any]] = []
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def report(self, sentence: str, fraction: float | None = None) -> None:
        self._news.put((sentence, fraction))

    def end(self, result: LoadedModel | Exception) -> None:
        self._news.put(result)

    def __call__(self, name: str, *, progress: Any, **options: Any) -> LoadedModel:
        self.names.append(name)
        self.options.append(options)
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
            if isinstance(news, Exception):
                raise news
            if not isinstance(news, tuple):
                return news
            said = news
            progress(*said)
