"""Memory: a model that can leave it, and memory that this process has freed and still keeps."""

import ctypes
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

HALF_THE_MEMORY = ", or load it with the dtype bfloat16, which takes half"
"""Advice for a model that does not fit in float32."""


@dataclass(frozen=True)
class Evictable:
    """A model that may leave memory for the next one.

    Attributes:
        size_on: returns the bytes that leaving frees on a device.
        evict: removes the model from memory.
    """

    size_on: "Callable[[torch.device], int]"
    evict: Callable[[], None]


def give_memory_back() -> None:
    """Return freed memory to the system: PyTorch's caches on a graphics card, and the C library's heap.

    glibc keeps gigabytes after training on long sentences, so without this the next model may seem not to fit.
    """
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch is not None and torch.backends.mps.is_available():
        torch.mps.empty_cache()
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):  # musl has no malloc_trim
        library.malloc_trim(0)
