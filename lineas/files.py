"""The home folder, and how files are written: completely or not at all, and at home readable by their owner only."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

from platformdirs import user_data_path

from lineas.errors import LineasError, disk_errors

_PACKAGED = Path(__file__).parent / "assets"
ASSETS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "assets"
"""Folder of presets, ready-made maps, styles and scripts: package data if LinEAS is installed, else the checkout's ``assets``."""


def home() -> Path:
    """Path of the home folder: ``LINEAS_HOME`` if set, else the platform's user data folder. It need not exist.

    Raises:
        LineasError: this account has no folder of its own, as some containers and services have none.
    """
    chosen = os.environ.get("LINEAS_HOME", "").strip()
    folder = as_path(chosen) if chosen else user_data_path("lineas", appauthor=False)
    if folder.parts[:1] and folder.parts[0].startswith("~"):
        raise LineasError(NO_HOME)
    return folder.absolute()


NO_HOME = (
    "This account has no folder of its own in which concepts could be kept. Set the environment variable LINEAS_HOME to a folder "
    "that can be written, such as LINEAS_HOME=/data/lineas."
)


def models_folder() -> Path:
    """The home's folder of downloaded models, created if missing; it may raise as ``make_folder``."""
    return make_folder(home() / "models", private=False)


def make_folder(path: Path, private: bool = True) -> Path:
    """Create a folder and its missing parents with mode 0700, since the home holds people's own sentences; return it.

    Args:
        private: if False, the folder itself gets the usual mode, so that accounts can share it in a home that they share.

    Raises:
        LineasError: the disk does not allow it.
    """
    with writing(path):
        for folder in reversed(path.parents):
            folder.mkdir(0o700, exist_ok=True)
        path.mkdir(0o700 if private else 0o777, exist_ok=True)
    return path


def check_writable(folder: Path) -> Path:
    """Create a private folder if it is missing, try to write into it, and return it.

    Raises:
        LineasError: the disk does not allow it.
    """
    make_folder(folder)
    probe = folder / f".probe-{uuid4().hex[:8]}"
    with writing(folder):
        probe.touch()
        probe.unlink()
    return folder


def as_path(name: str) -> Path:
    """Convert what a person typed to a path: "~" is their home folder, an unknown "~somebody" stays as it is."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def path_exists(path: Path) -> bool:
    """Return whether a path exists; False for a name that no path can have (too long, or with a NUL in it)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def atomic_write(path: Path, content: bytes | str | Callable[[Path], object]) -> None:
    """Replace a file so that readers, and a crash, see either the old content or the new. In a private folder its mode is 0600.

    Args:
        path: the file; its folder must exist.
        content: bytes, text (written as UTF-8), or a function that writes to the path it is given, in the same folder.

    Raises:
        LineasError: where the disk is full or cannot be written; the old file stays.
    """
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    with writing(path):
        try:
            if callable(content):
                content(draft)
            else:
                draft.write_bytes(content.encode() if isinstance(content, str) else content)
            if _is_private(path.parent):
                draft.chmod(0o600)
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            _replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Add text to the end of a file in UTF-8; a new file in a private folder gets mode 0600. Raises OSError."""
    path.touch(0o600 if _is_private(path.parent) else 0o666)
    with path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(text)


def _is_private(folder: Path) -> bool:
    """Return whether only its owner may open a folder; never on Windows, whose modes say nothing."""
    return not folder.stat().st_mode & 0o077


def _replace(draft: Path, path: Path) -> None:
    # Windows refuses to replace a file while someone reads it, which is over in a moment
    for _ in range(20 if os.name == "nt" else 0):
        try:
            draft.replace(path)
            return
        except PermissionError:
            time.sleep(0.05)
    draft.replace(path)


def writing(path: Path) -> AbstractContextManager[None]:
    """Return a context in which disk errors while ``path`` is written become a ``LineasError`` that says what to do."""
    inside = path.is_relative_to(home())
    return disk_errors(path, "set LINEAS_HOME to a folder on another disk" if inside else "choose another folder")
