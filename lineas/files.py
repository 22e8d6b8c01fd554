"""Where LinEAS keeps runs, maps and models, and how it writes there: whole files or none."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

from platformdirs import user_data_path

from lineas.errors import disk_errors

_PACKAGED = Path(__file__).parent / "assets"
ASSETS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "assets"
"""Presets, ready-made maps, styles and scripts: package data of an installed LinEAS, else the checkout's top level."""


def home() -> Path:
    """The home folder: ``LINEAS_HOME`` where it is set, else the platform's folder for a program's data.

    It is only named here, not created: a home that cannot be written is no trouble until something is.
    """
    chosen = os.environ.get("LINEAS_HOME", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else user_data_path("lineas", appauthor=False)


def models_folder() -> Path:
    """The fetched models; it is made where it is not there."""
    folder = home() / "models"
    with writing(folder):
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
    with writing(path):
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


def writing(path: Path) -> AbstractContextManager[None]:
    """A block that writes ``path``: what goes wrong there becomes a ``LineasError`` that says what to do."""
    inside = path.is_relative_to(home())
    return disk_errors(path, "set LINEAS_HOME to a folder on another disk" if inside else "choose another folder")
