"""Output of a command: text or JSON on stdout, messages and progress bars on stderr."""

import json
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from lineas.models.progress import Progress, Result, finish, relayed


def print_anything() -> None:
    """Print a replacement for every character that the console lacks, which must not end a program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


SECONDS_BETWEEN_LINES = 10.0


class WrongUse(Exception):
    """Options that are wrong together. The command ends with its usage and exit code 2."""


class Terminal:
    """The output of one command.

    Args:
        json: print JSON, and nothing else, to stdout.
    """

    def __init__(self, json: bool) -> None:
        self.json = json

    def result(self, data: dict[str, Any], text: str) -> None:
        """Print the result: ``data`` as one JSON document, or ``text``."""
        print(json.dumps(data) if self.json else text, flush=True)

    def event(self, **data: Any) -> None:
        """Print progress as a line of JSON; people see a progress bar instead."""
        if self.json:
            print(json.dumps(data), flush=True)

    def message(self, sentence: str) -> None:
        """Print a sentence for people to stderr."""
        print(sentence, file=sys.stderr, flush=True)

    @property
    def live(self) -> bool:
        """Whether a person watches stdout, who would rather see a text grow than wait for its end."""
        return not self.json and sys.stdout.isatty()

    def bar(self, **options: Any) -> Any:
        """A tqdm bar on stderr, removed at its end; a line every ten seconds if stderr is no terminal."""
        from tqdm import tqdm

        if sys.stderr.isatty():
            return tqdm(file=sys.stderr, leave=False, dynamic_ncols=True, **options)
        form = options.pop("bar_format", "{desc}: {n_fmt} of {total_fmt}, about {remaining} left{postfix}")
        return tqdm(file=_Lines(), leave=False, bar_format=form.removesuffix("|{bar}|"), **options)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar, as a function that takes a sentence and the share that is done."""
        with self.bar(total=1.0, bar_format="{desc} {percentage:3.0f}%|{bar}|") as bar:

            def show(sentence: str, fraction: float | None) -> None:
                bar.set_description_str(sentence, refresh=False)
                bar.n = fraction or 0.0
                bar.refresh()

            yield show

    def watch(self, work: Generator[Any, None, Result], sentence: str, progress: Progress) -> Result:
        """Run a generator to its end, show its events (``done`` of ``of``) by ``progress``, and return its result."""
        return finish(relayed(work, lambda event: progress(sentence, event.done / event.of)))


class _Lines:
    """Takes what tqdm draws, and prints some of it as lines to stderr."""

    def __init__(self) -> None:
        self._printed = time.monotonic()

    def write(self, text: str) -> None:
        line = text.strip()
        if line and time.monotonic() - self._printed >= SECONDS_BETWEEN_LINES:
            self._printed = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    def flush(self) -> None:
        pass


def printable(text: str) -> str:
    """Replace control characters, which a terminal would obey, in text from somebody else's file."""
    return "".join(character if character.isprintable() else " " for character in text)
