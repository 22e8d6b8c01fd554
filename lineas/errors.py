"""``LineasError``, and the only place that turns any failure into a sentence for people who do not read tracebacks."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LineasError(Exception):
    """A failure that the user can fix: the message says what is wrong, quotes their input, and says what to do."""


DEVICE_LOST = (
    "The graphics card stopped answering, and this program cannot reach it any more. Restart the studio: your concepts are safe, "
    "and what was being taught goes on from its last saved step."
)


def describe(error: BaseException, path: Path | None = None, elsewhere: str = "choose another folder") -> str:
    """Describe any failure in one sentence.

    Args:
        error: a LineasError gives its own message; a lost device, full memory and disk errors have sentences of their own;
            everything else is called a fault of the program, with its type and first line.
        path: the file that was being written; without it, the one that the error names.
        elsewhere: advice where that file cannot be written.
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
    number, path = error_number(error), path or getattr(error, "filename", None)
    if number is not None and (path or number in _DISK_FULL):
        return _describe_disk_error(number, path, elsewhere)
    return f"Something went wrong that should not ({type(error).__name__}: {first_line(error)}). The details are in the log."


def first_line(error: BaseException) -> str:
    """First line of an error's message that is not blank, at most 200 characters; empty if there is none."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "")[:200]


def short(text: object, most: int = 60) -> str:
    """Beginning of a user's text, on one line, to quote in a message; half surrogates, which cannot be printed, become "?"."""
    line = " ".join(str(text)[: 2 * most].encode("utf-8", "replace").decode().split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


@contextmanager
def disk_errors(path: Path, elsewhere: str = "choose another folder") -> Iterator[None]:
    """Turn disk errors while ``path`` is written into a ``LineasError`` that names it; other errors pass."""
    try:
        yield
    except Exception as error:
        if isinstance(error, LineasError) or error_number(error) is None:
            raise
        raise LineasError(describe(error, path, elsewhere)) from error


def device_lost(error: BaseException) -> bool:
    """Return whether CUDA refuses all further work in this process, as after a device-side assert."""
    signs = (
        "device-side assert", "illegal memory access", "unspecified launch failure", "cuda error: unknown error",
        "launch timed out",
    )  # fmt: skip
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in signs)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether the memory of the computer or of its graphics card is full."""
    # torch.OutOfMemoryError by name, so that a page can describe an error without importing torch; on CPU it is a RuntimeError
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    signs = ("not enough memory", "out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
    return isinstance(error, RuntimeError | OSError) and any(sign in str(error).lower() for sign in signs)


def is_rust_panic(error: BaseException) -> bool:
    """Return whether a library written in Rust (tokenizers, safetensors) panicked: PyO3 raises that as a bare ``BaseException``."""
    return type(error).__name__ == "PanicException"


def error_number(error: BaseException) -> int | None:
    """The operating system's ``errno`` of an error, also if a library written in Rust put it into the message."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    written_out = re.search(r"\(os error (\d+)\)", str(error))
    return int(written_out[1]) if written_out else errno.ENOSPC if "No space left" in str(error) else None


_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


def _describe_disk_error(number: int, path: Path | str | None, elsewhere: str) -> str:
    if number in _DISK_FULL:
        where = f": there is no space left for {path}" if path else ""
        return f"The disk is full{where}. Free some space, or {elsewhere}; what was saved before is kept."
    if number == errno.EROFS:
        return f"{path} cannot be written, because its disk is read-only: {elsewhere}."
    if number in (errno.EACCES, errno.EPERM):
        return f"You are not allowed to write {path}. Change the folder's permissions, or {elsewhere}."
    if number == errno.ENOENT:
        folder = Path(str(path)).parent
        if folder.is_dir():  # it was to be read
            return f"{path} does not exist any more. It may have been moved or deleted."
        return f"The folder {folder} does not exist. Make it first, or {elsewhere}."
    if number in (errno.ENOTDIR, errno.EEXIST):
        return (
            f"The folder of {path} cannot be made, because a file stands in its place. Move that file, or {elsewhere}."
        )
    return f"{path} could not be written ({os.strerror(number)}). Check the disk, or {elsewhere}."
