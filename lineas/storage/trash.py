"""The trash: what is deleted moves there, can be restored, and is removed weeks later."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from lineas.errors import LineasError, short
from lineas.files import make_folder, writing

KEPT_DAYS = 30


class Trash:
    """The folder ``trash`` of a home; files keep their names and folders in it (``maps/x``, ``runs/y``)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / "trash"

    def put(self, path: Path) -> None:
        """Move a file or folder of the home to the trash.

        Raises:
            LineasError: the disk does not allow it.
        """
        place = self._folder / path.relative_to(self._root)
        make_folder(place.parent)
        with writing(place):
            path.replace(place)
            os.utime(place)  # its days count from now on

    def restore(self, folder: Path, name: str) -> None:
        """Move back what was called ``name`` in a folder of the home.

        Raises:
            LineasError: it is not in the trash any more.
        """
        make_folder(folder)
        places = self._folder / folder.relative_to(self._root)
        try:
            if name not in {place.name for place in places.iterdir()}:  # never a path made from what a page sent
                raise FileNotFoundError(name)
            (places / name).replace(folder / name)
        except OSError as error:
            raise LineasError(f"{short(name)!r} is no longer in the trash and cannot be brought back.") from error

    def empty(self, older_than_days: float = KEPT_DAYS) -> None:
        """Remove what was deleted long ago."""
        limit = time.time() - older_than_days * 86_400
        for place in list(self._folder.glob("*/*")):
            with suppress(OSError):
                if place.stat().st_mtime < limit:
                    shutil.rmtree(place) if place.is_dir() else place.unlink()
