"""What a command says: text or JSON on stdout, messages and progress bars on stderr."""

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from lineas.models.progress import Progress, Result, finish, relayed


class WrongUse(Exception):
    """Words on the command line that make no sense together; ends with the usage and exit code 2."""


class Terminal:
    """Where a command's output goes.

    Args:
        json: whether the reader is a program: then stdout gets JSON and nothing else.
    """

    def __init__(self, json: bool) -> None:
        self.json = json

    def result(self, data: dict[str, Any], text: str) -> None:
        """The outcome: one JSON document, or the same in words."""
        self._print(json.dumps(data) if self.json else text)

    def event(self, **data: Any) -> None:
        """A line of JSON on the way; people see a progress bar instead."""
        if self.json:
            self._print(json.dumps(data))

    def tell(self, sentence: str) -> None:
        """A message for people, whoever reads stdout."""
        print(sentence, file=sys.stderr, flush=True)

    def bar(self, **options: Any) -> Any:
        """A tqdm bar on stderr that goes when it is done; none where stderr is no terminal."""
        from tqdm import tqdm

        return tqdm(file=sys.stderr, disable=not sys.stderr.isatty(), leave=False, dynamic_ncols=True, **options)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar for work that tells a sentence and the share that is done."""
        with self.bar(total=1.0, bar_format="{desc} {percentage:3.0f}%|{bar}|") as bar:

            def show(sentence: str, fraction: float | None) -> None:
                bar.set_description_str(sentence, refresh=False)
                bar.n = fraction or 0.0
                bar.refresh()

            yield show

    def watch(self, work: Generator[Any, None, Result], sentence: str, progress: Progress) -> Result:
        """The result of work that pauses to tell how far it is, with the bar that ``progress`` draws."""
        return finish(relayed(work, lambda event: progress(sentence, event.done / event.of)))

    def _print(self, text: str) -> None:
        print(text, flush=True)


def printable(text: str) -> str:
    """A string from somebody else's file, without the control characters that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
