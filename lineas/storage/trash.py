"""Deleting that can be undone: files and folders move aside, and leave for good only weeks later."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from lineas.errors import LineasError
from lineas.files import writing

KEPT_DAYS = 30


class Trash:
    """The folder ``trash`` of a home; what it holds keeps its place (``maps/x``, ``runs/y``) and its name."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / "trash"

    def put(self, path: Path) -> None:
        """Moves something below the home into the trash.

        Raises:
            LineasError: where the disk does not allow it.
        """
        place = self._folder / path.relative_to(self._root)
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            os.utime(place)  # from now on its days count

    def restore(self, path: Path) -> None:
        """Brings back what stood at ``path``.

        Raises:
            LineasError: where it is not in the trash any more.
        """
        place = self._folder / path.relative_to(self._root)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            place.replace(path)
        except OSError as error:
            raise LineasError(f"{path.name!r} is no longer in the trash and cannot be brought back.") from error

    def empty(self, older_than_days: float = KEPT_DAYS) -> None:
        """Removes for good what was deleted long ago."""
        limit = time.time() - older_than_days * 86_400
        for place in list(self._folder.glob("*/*")):
            with suppress(OSError):
                if place.stat().st_mtime < limit:
                    shutil.rmtree(place) if place.is_dir() else place.unlink()
