"""Failures described in one sentence."""

import errno

import pytest
import torch
from tokenizers import models

from lineas.errors import DEVICE_LOST, LineasError, describe, is_rust_panic, short


@pytest.mark.parametrize(
    ("error", "whose"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"), "graphics card"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), "graphics card"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "computer"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried"),
            "computer",
        ),
        (MemoryError(), "computer"),
    ],
)
def test_full_memory_says_whose(error: Exception, whose: str) -> None:
    assert describe(error).startswith(f"The {whose} ran out of memory")


def test_a_lost_device_asks_for_a_restart() -> None:
    assert describe(RuntimeError("CUDA error: device-side assert triggered")) == DEVICE_LOST


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "full"), "The disk is full."),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "The disk is full."),
        (FileNotFoundError(errno.ENOENT, "gone", "/no/such/map"), "The folder /no/such does not exist."),
        (FileNotFoundError(errno.ENOENT, "gone", "/no such map"), "/no such map does not exist any more."),
        (PermissionError(errno.EACCES, "no", "/root/map"), "You are not allowed to write /root/map."),
    ],
)
def test_disk_errors_name_the_file(error: Exception, words: str) -> None:
    assert describe(error).startswith(words)


def test_a_lineas_error_says_it_itself() -> None:
    assert describe(LineasError("The disk is out of memory")) == "The disk is out of memory"


@pytest.mark.parametrize("kind", [ValueError, ConnectionError, KeyboardInterrupt])
def test_anything_else_is_a_fault_with_its_first_line(kind: type[BaseException]) -> None:
    words = f"Something went wrong that should not ({kind.__name__}: first). The details are in the log."
    assert describe(kind("\n  first\nsecond")) == words


def test_a_panic_of_a_library_in_rust_is_recognised() -> None:
    with pytest.raises(BaseException, match="out of range") as caught:
        models.BPE({"a": 0, "b": 1}, [("a", "b")])
    assert is_rust_panic(caught.value)
    assert not is_rust_panic(KeyboardInterrupt())


def test_quoted_text_is_short_and_on_one_line() -> None:
    assert short("a\n b") == "a b"
    assert short("x" * 99) == "x" * 59 + "…"
