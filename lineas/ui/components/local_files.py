"""Whether a name may be that of a file on this computer: those are for people at it, not for everybody who reaches the page."""

from __future__ import annotations

import os
from pathlib import PureWindowsPath


def may_be_local(name: str) -> bool:
    """Of a data set or a model, as it was typed. True as well for what is there by chance: whether it is, is not to be told."""
    name = name.strip()
    looks_so = (
        name.startswith((".", "~", "/")) or "\\" in name or name.count("/") > 1 or name.lower().endswith(".gguf")
    )
    drive = PureWindowsPath(name).drive  # "C:x" is a path on Windows, and here nothing else either
    # a part of a data set stands behind a colon
    return looks_so or bool(drive) or any(map(os.path.exists, (name, name.partition(":")[0])))
