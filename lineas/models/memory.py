"""Memory that this process has freed and still keeps: PyTorch's on a graphics card, the C library's on the heap."""

import ctypes
import gc
import sys


def give_memory_back() -> None:
    """Lets other programs have what a training or a model has left.

    glibc keeps gigabytes after a training with long sentences, for which the computer then seems to have no room.
    """
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch is not None and torch.backends.mps.is_available():
        torch.mps.empty_cache()
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):  # musl has none
        library.malloc_trim(0)
