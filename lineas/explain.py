"""What went wrong, in a sentence for people who do not read tracebacks."""

import errno

from lineas.errors import LineasError

DEVICE_LOST = (
    "The graphics card stopped answering, and this program cannot reach it any more. Restart the studio: your concepts are safe, "
    "and what was being taught goes on from its last saved step."
)
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def explain(error: BaseException) -> str:
    """The sentence for an exception: our own errors verbatim, memory and disk by name, all else as a fault with its details."""
    text = str(error)
    if isinstance(error, LineasError):
        return text
    if device_lost(error):
        return DEVICE_LOST
    if is_out_of_memory(error):
        where = "graphics card" if "cuda" in text.lower() or "mps" in text.lower() else "computer"
        return (
            f"The {where} ran out of memory. Close other programs, use fewer or shorter sentences, or choose a smaller model. "
            "What was saved before is not lost."
        )
    if getattr(error, "errno", None) in _DISK_FULL or "os error 28" in text or "No space left" in text:
        return "The disk is full. Free some space, then continue it: all up to the last saved step is kept."
    if isinstance(error, PermissionError):
        return f"{error.filename or 'A file'!r} may not be written. Check the folder's permissions, or choose another home folder."
    first_line = text.strip().splitlines()[0][:200] if text.strip() else ""
    return f"Something went wrong that should not ({type(error).__name__}: {first_line}). The details are in the log."


def device_lost(error: BaseException) -> bool:
    """Whether this is an error after which CUDA refuses everything until the process ends (a device-side assert, say)."""
    signs = (
        "device-side assert", "illegal memory access", "unspecified launch failure", "cuda error: unknown error",
        "launch timed out",
    )  # fmt: skip
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in signs)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the memory of the computer or of its graphics card is full."""
    # torch.OutOfMemoryError by name, so that a page can explain an error without importing torch; on CPU it is a RuntimeError
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    signs = ("not enough memory", "out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
    return isinstance(error, RuntimeError | OSError) and any(sign in str(error).lower() for sign in signs)
