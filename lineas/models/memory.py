"""Memory that this process has freed but not returned to the system."""

import ctypes
import gc
import sys


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
