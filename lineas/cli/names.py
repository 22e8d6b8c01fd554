"""Names that a command is given, checked before anything that takes seconds is imported."""

import argparse
from pathlib import Path

from lineas.cli.flags import find_map
from lineas.errors import LineasError, short
from lineas.files import path_exists
from lineas.models.local import check_name

FILES = ("source", "target", "prompt_file", "jobs")


def check_names(flags: argparse.Namespace) -> None:
    """Check the files, maps and models that a command is about to use.

    Raises:
        LineasError: one of them is not there.
    """
    for name in FILES:
        if (path := getattr(flags, name, None)) is not None and not path_exists(Path(path)):
            raise LineasError(f"There is no file {short(path, 200)!r}. Check the name and the folder.")
    for name in [getattr(flags, "map", None), *(part for part, _ in getattr(flags, "parts", ()))]:
        if name is not None:
            find_map(name)
    if getattr(flags, "model", None) is not None:
        check_name(flags.model)
