"""Returning freed memory to the system."""

import sys

import psutil
import pytest

from lineas.models.memory import give_memory_back


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no glibc")
def test_freed_memory_is_returned_to_the_system() -> None:
    blocks = [bytes(2000) for _ in range(50_000)]
    pinned = bytes(2000)  # above them all, so that the heap does not shrink by itself
    full = psutil.Process().memory_info().rss
    del blocks
    give_memory_back()
    assert psutil.Process().memory_info().rss < full - 80_000_000
    assert len(pinned) == 2000
