"""The header of a ``.gguf`` file, read in milliseconds; the package gguf takes seconds for a large vocabulary.

Nothing in the file is trusted: no loop is longer than ``MAX_ITEMS``, nothing is read behind the file's end, and nothing large is
copied. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
"""

import math
import struct
from mmap import ACCESS_READ, mmap
from pathlib import Path

MAX_ITEMS = 2_000_000
"""Most entries, tensors and array elements in a header; the largest tokenizers (Gemma 3) need 1.3 million."""
MAX_WEIGHTS_PER_BYTE = 8
"""Most weights in a byte of the file: no format takes less than one bit a weight."""
_NUMBER_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a number, by value type."""
_STRING, _ARRAY = 8, 9
_UINT32, _UINT64 = struct.Struct("<I"), struct.Struct("<Q")


def read_header(path: Path) -> tuple[str, int]:
    """Read the architecture ("llama", or "" if not given) and the number of weights.

    Raises:
        ValueError: not a GGUF file, another version, or damaged in any way.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("it is not a GGUF file")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            try:
                return _Cursor(data).header()
            except (struct.error, OverflowError):  # a read behind the end
                raise ValueError("it is cut short or damaged") from None


class _Cursor:
    """Position in the file, and the number of items that it claims to hold so far."""

    def __init__(self, data: mmap) -> None:
        self.data, self.at, self.items = data, 4, 0

    def header(self) -> tuple[str, int]:
        if (version := self.number(_UINT32)) not in (2, 3):
            raise ValueError(f"its GGUF version {version} is unknown")
        tensors, entries, architecture = self.number(_UINT64), self.number(_UINT64), b""
        self.count(tensors + entries)
        for _ in range(entries):
            key, kind = self.string(), self.number(_UINT32)
            if key == b"general.architecture" and kind == _STRING:
                architecture = self.string()
            else:
                self.skip(kind)
        parameters = sum(self.tensor_size() for _ in range(tensors))
        if self.at > len(self.data) or parameters > len(self.data) * MAX_WEIGHTS_PER_BYTE:
            raise ValueError("it is cut short or damaged")
        return architecture.decode("utf-8", "replace"), parameters

    def count(self, items: int) -> None:
        self.items += items
        if self.items > MAX_ITEMS:
            raise ValueError(f"its header claims to hold more than {MAX_ITEMS:,} items")

    def number(self, layout: struct.Struct) -> int:
        self.at += layout.size
        number: int = layout.unpack_from(self.data, self.at - layout.size)[0]
        return number

    def string(self) -> bytes:
        """Read a string; only its first 100 bytes are returned."""
        length = self.number(_UINT64)
        start, self.at = self.at, self.at + length
        return self.data[start : min(self.at, start + 100)]

    def skip(self, kind: int) -> None:
        """Skip a value. Arrays of arrays are refused: they are valid, but nobody writes them."""
        count = 1
        if kind == _ARRAY:
            kind, count = self.number(_UINT32), self.number(_UINT64)
            self.count(count)
        if kind == _STRING:
            for _ in range(count):
                self.at += 8 + _UINT64.unpack_from(self.data, self.at)[0]
        elif kind in _NUMBER_SIZES:
            self.at += _NUMBER_SIZES[kind] * count
        else:
            raise ValueError(f"it holds a value of the unknown type {kind}")

    def tensor_size(self) -> int:
        self.string()  # its name
        dimensions = self.number(_UINT32)
        if dimensions > 8:
            raise ValueError(f"a tensor in it claims to have {dimensions} dimensions")
        shape = [self.number(_UINT64) for _ in range(dimensions)]
        self.at += 12  # its type and offset
        return math.prod(shape)
