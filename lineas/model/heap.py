"""Memory that this process has freed and its C library still keeps."""

import ctypes
import sys


def give_back() -> None:
    """Lets the system have it: glibc keeps gigabytes after a training, for which the computer then seems to have no room.

    Where there is no glibc nothing happens.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)
