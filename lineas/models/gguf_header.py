"""What a ``.gguf`` file says about itself, read in milliseconds.

The package gguf reads the same into NumPy arrays, one for each word of the vocabulary: seconds, for a list of models too long.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
"""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value, by the number of its type."""
_STRING, _ARRAY = 8, 9
_LONGEST = 1 << 20
"""Bytes of a string that is believed; a damaged file may claim any number."""


@dataclass(frozen=True)
class GgufHeader:
    """Attributes: architecture: such as "llama", empty where it is not told; parameters: number of weights."""

    architecture: str
    parameters: int


def read_header(path: Path) -> GgufHeader:
    """The header of a file.

    Raises:
        ValueError: where it is no such file, a damaged one, or of another version.
        OSError: where it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("no GGUF file")
        try:
            version, tensors, entries = struct.unpack("<IQQ", file.read(20))
            if version not in (2, 3):
                raise ValueError(f"version {version}")
            architecture = ""
            for _ in range(entries):
                key, kind = _string(file), _number(file, "<I")
                if key == b"general.architecture" and kind == _STRING:
                    architecture = _string(file).decode("utf-8", "replace")
                else:
                    _skip(file, kind)
            return GgufHeader(architecture, sum(_elements(file) for _ in range(tensors)))
        except struct.error:
            raise ValueError("cut short") from None


def _elements(file: BinaryIO) -> int:
    """Of the next tensor."""
    _string(file)
    dimensions = struct.unpack(f"<{count}Q", file.read(8 * count)) if (count := _number(file, "<I")) <= 8 else (0,)
    struct.unpack("<IQ", file.read(12))  # its type and place
    return math.prod(dimensions)


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _string(file)
    elif kind == _ARRAY:
        kind, count = _number(file, "<I"), _number(file, "<Q")
        if kind in _WIDTHS:
            file.seek(_WIDTHS[kind] * count, 1)
        else:
            for _ in range(count):
                _skip(file, kind)
    elif kind in _WIDTHS:
        file.seek(_WIDTHS[kind], 1)
    else:
        raise ValueError(f"a value of the unknown type {kind}")


def _string(file: BinaryIO) -> bytes:
    length = _number(file, "<Q")
    if length > _LONGEST:
        raise ValueError("damaged")
    return file.read(length)


def _number(file: BinaryIO, layout: str) -> int:
    number: int = struct.unpack(layout, file.read(struct.calcsize(layout)))[0]
    return number
