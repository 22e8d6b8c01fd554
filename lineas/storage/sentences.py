"""Example sentences on disk: one a line, readable by people, and read back exactly as they were."""

import re
from collections.abc import Sequence
from pathlib import Path

from lineas.files import atomic_write

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_BACK = {written: meant for meant, written in _ESCAPES.items()}


def write_sentences(path: Path, sentences: Sequence[str]) -> None:
    """A line break inside a sentence (a verse, say) is written as ``\\n``."""
    lines = [re.sub(r"[\\\n\r]", lambda match: _ESCAPES[match[0]], sentence) for sentence in sentences]
    # surrogatepass: what a page sent must come back, even half an emoji
    atomic_write(path, "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))


def read_sentences(path: Path) -> list[str]:
    """What ``write_sentences`` wrote."""
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    return [re.sub(r"\\[\\nr]", lambda match: _BACK[match[0]], line) for line in text.split("\n")[:-1]]
