"""Loading a text-to-image pipeline: the small one that comes with the program, a folder, or one of the Hugging Face hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging

from lineas.errors import LineasError, first_line
from lineas.files import ASSETS, as_path, path_exists
from lineas.models.hardware import choose_device, choose_dtype
from lineas.models.quiet import quiet
from lineas.pictures.model import PictureModel, wrap_pipeline
from lineas.pictures.small import SmallPipeline

SMALL = ASSETS / "pictures" / "small"
"""Folder of the model that comes with the program."""


def load_pipeline(name: str = "small", device: str | None = None) -> PictureModel:
    """Load a pipeline, freeze it, and find its sites.

    Args:
        name: "small", a folder, or an id of the Hugging Face hub.
        device: as for ``load_model``; the best one by default. The small model needs none but the CPU.

    Raises:
        LineasError: where there is no such pipeline, it cannot be read, or the hub cannot be reached.
    """
    if name == "small":
        return wrap_pipeline(read_small(SMALL), "small")
    place = choose_device(device)
    folder = as_path(name)
    if path_exists(folder) and not (folder / "model_index.json").is_file():
        raise LineasError(
            f"{name!r} holds no text-to-image model: a folder of one has a file model_index.json. Choose another folder."
        )
    try:
        with _quiet():
            pipeline = DiffusionPipeline.from_pretrained(
                folder if path_exists(folder) else name, dtype=choose_dtype(place)
            )
    except (OSError, ValueError) as error:
        raise LineasError(
            f"The picture model {name!r} cannot be loaded ({first_line(error)}). Check its name and the connection, or use "
            "'small', the model that comes with the program."
        ) from error
    return wrap_pipeline(pipeline.to(place), name)


def read_small(folder: Path) -> SmallPipeline:
    """Read a folder that ``scripts/make_picture_model.py`` wrote, in float32."""
    with _quiet():
        pipeline: SmallPipeline = SmallPipeline.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return pipeline


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the progress bars of both libraries, whose every part has one."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with quiet():
            yield
    finally:
        if shown:
            logging.enable_progress_bar()
