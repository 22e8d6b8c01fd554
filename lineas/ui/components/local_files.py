"""Whether a name may mean a file of this computer, which only people at this computer may open."""

import os
from pathlib import PureWindowsPath


def may_be_local(name: str) -> bool:
    """Whether the name of a data set or model, as typed, may be a path. Also True for an existing file of that name, so that the
    answer does not reveal whether there is one."""
    name = name.strip()
    looks_so = (
        name.startswith((".", "~", "/")) or "\\" in name or name.count("/") > 1 or name.lower().endswith(".gguf")
    )
    drive = PureWindowsPath(name).drive  # "C:x" is a path on Windows, and no name of the hub either
    # behind a colon stands the configuration of a data set
    return looks_so or bool(drive) or any(map(os.path.exists, (name, name.partition(":")[0])))
