"""Headers of GGUF files: read as the package gguf reads them, and refused at once if anything is odd."""

import random
import struct
import time
import tracemalloc
from pathlib import Path

import gguf
import pytest
from model_files import array, nested_arrays, put_gguf, raw_gguf

from lineas.models.gguf_header import MAX_ITEMS, read_header

HUGE = 2**62
TENSOR = struct.pack("<Q", 1) + b"t"


def test_a_header_agrees_with_the_package_gguf(tmp_path: Path) -> None:
    path = put_gguf(tmp_path / "a.gguf")
    reader = gguf.GGUFReader(str(path))
    assert read_header(path) == ("qwen2", sum(int(tensor.n_elements) for tensor in reader.tensors))


def test_a_header_that_is_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    path = put_gguf(tmp_path / "a.gguf")
    whole = path.read_bytes()
    end = whole.index(b"two") + 3 + 4 + 8 + 12
    for cut in range(0, end, 7):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError):
            read_header(path)


ODD = {
    "empty": b"",
    "another format": b"PK\x03\x04" + bytes(99),
    "a later version": b"GGUF" + struct.pack("<IQQ", 4, 0, 0),
    "huge number of entries": raw_gguf(entries=HUGE),
    "huge number of tensors": raw_gguf(tensors=HUGE),
    "huge array of texts": raw_gguf(array(8, HUGE)),
    "huge array of numbers": raw_gguf(array(4, HUGE)),
    "array of numbers beyond the end": raw_gguf(array(10, MAX_ITEMS - 9)),
    "texts beyond the end": raw_gguf(array(8, MAX_ITEMS - 9, bytes(8000))),
    "many arrays of many numbers": raw_gguf(*[array(0, 150_000, bytes(150_000))] * 20),
    "huge text": raw_gguf(struct.pack("<IQ", 8, HUGE)),
    "text larger than any number": raw_gguf(struct.pack("<IQ", 8, 2**64 - 1)),
    "nested arrays": nested_arrays(),
    "an unknown type": raw_gguf(struct.pack("<I", 13)),
    "huge number of dimensions": raw_gguf(tensors=1) + TENSOR + struct.pack("<I", 2**32 - 1) + bytes(99),
    "more weights than bytes": raw_gguf(tensors=1) + TENSOR + struct.pack("<IQQ", 2, 2**40, 2**40) + bytes(99),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_whatever_is_odd_is_refused_at_once_and_in_little_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(content)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ValueError):
        read_header(path)
    seconds = time.process_time() - began
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2  # of which tracing takes the most
    assert memory < 1_000_000


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    path, draw = put_gguf(tmp_path / "a.gguf"), random.Random(0)
    whole = path.read_bytes()
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        for place in draw.sample(range(400), 3):
            content[place : place + 8] = draw.choice([bytes([draw.randrange(256)]), struct.pack("<Q", HUGE)])
        path.write_bytes(content)
        try:
            read_header(path)
        except ValueError:
            refused += 1
    assert 0 < refused < 300
