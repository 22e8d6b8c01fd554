"""Where LinEAS keeps runs, maps and models, and how it writes there: whole files or none."""

import errno
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from platformdirs import user_data_path

from lineas.errors import LineasError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_FILE_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST}


def home() -> Path:
    """The home folder: ``LINEAS_HOME`` where it is set, else the platform's folder for a program's data.

    It is only named here, not created: a home that cannot be written is no trouble until something is.
    """
    chosen = os.environ.get("LINEAS_HOME", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else user_data_path("lineas", appauthor=False)


def models_folder() -> Path:
    """The fetched models; it is made where it is not there."""
    folder = home() / "models"
    with disk_errors_in_plain_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def as_path(name: str) -> Path:
    """A path as a person writes it; "~somebody" whom this computer does not know stays as it is."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def atomic_write(path: Path, content: bytes | str | Callable[[Path], object]) -> None:
    """Write a file so that whoever opens ``path``, also after a crash, finds all of the old content or all of the new.

    Args:
        path: the file; its folder must exist.
        content: what to write (text as UTF-8), or a function that writes it to the path it is given, in the same folder.

    Raises:
        LineasError: where the disk is full or cannot be written; the old file is as it was.
    """
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    with disk_errors_in_plain_words(path):
        try:
            if callable(content):
                content(draft)
            else:
                draft.write_bytes(content.encode() if isinstance(content, str) else content)
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            _replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def _replace(draft: Path, path: Path) -> None:
    """On Windows nobody may be reading ``path`` in this moment; they are done in the next."""
    for _ in range(20 if os.name == "nt" else 0):
        try:
            draft.replace(path)
            return
        except PermissionError:
            time.sleep(0.05)
    draft.replace(path)


@contextmanager
def disk_errors_in_plain_words(path: Path) -> Iterator[None]:
    """Turn what goes wrong while ``path`` is written into a ``LineasError`` that names it and says what to do."""
    try:
        yield
    except LineasError:
        raise
    except Exception as error:
        number = _error_number(error)
        if number is None:
            raise
        raise LineasError(_in_plain_words(path, number)) from error


def _error_number(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    written_out = re.search(r"\(os error (\d+)\)", str(error))  # safetensors, and other libraries written in Rust
    return int(written_out[1]) if written_out else None


def _in_plain_words(path: Path, number: int) -> str:
    elsewhere = (
        "set LINEAS_HOME to a folder on another disk" if path.is_relative_to(home()) else "choose another folder"
    )
    if number in _FULL:
        return f"There is no space left on the disk for {path}. Make some room, or {elsewhere}."
    if number == errno.EROFS:
        return f"{path} cannot be written, because its disk is read-only: {elsewhere}."
    if number in _FORBIDDEN:
        return f"You are not allowed to write {path}. Change the folder's permissions, or {elsewhere}."
    if number == errno.ENOENT:
        return f"The folder {path.parent} does not exist. Make it first, or {elsewhere}."
    if number in _FILE_IN_THE_WAY:
        return (
            f"The folder of {path} cannot be made, because a file stands in its place. Move that file, or {elsewhere}."
        )
    return f"{path} could not be written ({os.strerror(number)}). Check the disk, or {elsewhere}."
