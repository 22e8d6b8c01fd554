"""The one exception of this package, and any failure in one plain sentence."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LineasError(Exception):
    """Something a person can put right: the message says what is wrong, echoes their words, and says what to do."""


DEVICE_LOST = (
    "The graphics card stopped answering, and this program cannot reach it any more. Restart the studio: your concepts are safe, "
    "and what was being taught goes on from its last saved step."
)


def describe(error: BaseException, path: Path | None = None, elsewhere: str = "choose another folder") -> str:
    """Describe any failure in one sentence for people who do not read tracebacks.

    Args:
        error: a LineasError is told verbatim; memory, disk and a lost device by name; all else as a fault with its details.
        path: the file that was being written, where known; else the one that the error names.
        elsewhere: what to do where that file cannot be written.
    """
    if isinstance(error, LineasError):
        return str(error)
    if device_lost(error):
        return DEVICE_LOST
    if is_out_of_memory(error):
        card = "cuda" in str(error).lower() or "mps" in str(error).lower()
        return (
            f"The {'graphics card' if card else 'computer'} ran out of memory. Close other programs"
            f"{' that use the card' if card else ''}, use fewer or shorter sentences, or choose a smaller model. "
            "What was saved before is not lost."
        )
    number = error_number(error)
    if number is not None and (path or getattr(error, "filename", None) or number in _FULL):
        return _describe_disk_error(number, path or getattr(error, "filename", None), elsewhere)
    first_line = next((line.strip() for line in str(error).splitlines() if line.strip()), "")[:200]
    return f"Something went wrong that should not ({type(error).__name__}: {first_line}). The details are in the log."


@contextmanager
def disk_errors(path: Path, elsewhere: str = "choose another folder") -> Iterator[None]:
    """Turn what goes wrong while ``path`` is written into a ``LineasError`` that names it; other errors pass."""
    try:
        yield
    except Exception as error:
        if isinstance(error, LineasError) or error_number(error) is None:
            raise
        raise LineasError(describe(error, path, elsewhere)) from error


@contextmanager
def memory_errors() -> Iterator[None]:
    """Turn running out of memory into a ``LineasError``; other errors pass."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise LineasError(describe(error)) from error


def device_lost(error: BaseException) -> bool:
    """Whether CUDA refuses everything from this error on, until the process ends (a device-side assert, say)."""
    signs = (
        "device-side assert", "illegal memory access", "unspecified launch failure", "cuda error: unknown error",
        "launch timed out",
    )  # fmt: skip
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in signs)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the memory of the computer or of its graphics card is full."""
    # torch.OutOfMemoryError by name, so that a page can describe an error without importing torch; on CPU it is a RuntimeError
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    signs = ("not enough memory", "out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
    return isinstance(error, RuntimeError | OSError) and any(sign in str(error).lower() for sign in signs)


def error_number(error: BaseException) -> int | None:
    """The operating system's number (``errno``) of an error, also where a library written in Rust put it into words."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    written_out = re.search(r"\(os error (\d+)\)", str(error))
    return int(written_out[1]) if written_out else errno.ENOSPC if "No space left" in str(error) else None


_FULL = {errno.ENOSPC, errno.EDQUOT}


def _describe_disk_error(number: int, path: Path | str | None, elsewhere: str) -> str:
    if number in _FULL:
        where = f": there is no space left for {path}" if path else ""
        return f"The disk is full{where}. Free some space, or {elsewhere}; what was saved before is kept."
    if number == errno.EROFS:
        return f"{path} cannot be written, because its disk is read-only: {elsewhere}."
    if number in (errno.EACCES, errno.EPERM):
        return f"You are not allowed to write {path}. Change the folder's permissions, or {elsewhere}."
    if number == errno.ENOENT:
        return f"The folder {Path(str(path)).parent} does not exist. Make it first, or {elsewhere}."
    if number in (errno.ENOTDIR, errno.EEXIST):
        return (
            f"The folder of {path} cannot be made, because a file stands in its place. Move that file, or {elsewhere}."
        )
    return f"{path} could not be written ({os.strerror(number)}). Check the disk, or {elsewhere}."
