"""Models that write better than the built-in one, known without asking anybody: what the studio may offer to download."""

from dataclasses import dataclass, replace
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING

from lineas.models.local import LocalModels

if TYPE_CHECKING:  # it imports torch
    from lineas.models.hardware import Room

TEACHING = 1.5 * 1024**3
"""Bytes that teaching takes beside the model."""
MOST_ON_CPU = 600_000_000
"""Number of weights above which a model answers more slowly on a processor than people read."""
SPARE = 1.2
"""Disk space that has to be free, relative to the download."""


@dataclass(frozen=True)
class Suggested:
    """A model on the Hugging Face hub, as its page describes it.

    Attributes:
        parameters: number of weights.
        size: bytes to download; 0 once it is on this computer.
    """

    name: str
    parameters: int
    size: int
    licence: str


# open to everybody, and with a free licence; each is of a family for which the method was published
SUGGESTED = (
    Suggested("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512, 15_200_000_000, "Apache-2.0"),
    Suggested("Qwen/Qwen2.5-1.5B-Instruct", 1_543_714_304, 3_090_000_000, "Apache-2.0"),
    Suggested("Qwen/Qwen2.5-0.5B-Instruct", 494_032_768, 988_000_000, "Apache-2.0"),
)
"""The largest first."""


def suggest(room: "Room", local_models: LocalModels) -> Suggested | None:
    """The best model that can be downloaded, loaded, taught and read at a comfortable pace here; None if there is none.

    Nobody is asked: whether the hub answers shows when the model is loaded.
    """
    from huggingface_hub import constants

    disk = _free_disk(Path(constants.HF_HUB_CACHE))
    try:
        here = {model.name for model in local_models.models()}
    except OSError:  # a folder that cannot be read is no reason to lose the model that is being loaded
        here = set()
    for model in SUGGESTED:
        if room.device == "cpu" and model.parameters > MOST_ON_CPU:
            continue
        if room.needed(model.parameters) + TEACHING > room.free:
            continue
        if model.name in here:
            return replace(model, size=0)
        if SPARE * model.size <= disk:
            return model
    return None


def _free_disk(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be; 0 where that cannot be found out."""
    try:
        return disk_usage(next(path for path in (folder, *folder.parents) if path.is_dir())).free
    except (OSError, StopIteration):
        return 0
