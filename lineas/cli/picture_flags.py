"""Flags that the picture commands share."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.cli.flags import find_map, number, whole
from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError, short
from lineas.steering.map_file import read_metadata
from lineas.training.recipes import LARGEST_SEED

if TYPE_CHECKING:
    from lineas.pictures.model import PictureModel
    from lineas.pictures.sampling import Drawing

MAP = "a map file, or the name of a picture concept: your own, or autumn, foggy, golden, night, pencil, snow"


def add_model_flags(parser: argparse.ArgumentParser, steps: int) -> None:
    """``--model``, ``--draw-steps`` and ``--guidance``."""
    add = parser.add_argument
    add("--model", default="small", metavar="M",
        help="small (comes with the program), a Hugging Face id, or the folder of a diffusers pipeline")  # fmt: skip
    add("--draw-steps", type=whole(1, 1000), default=steps, metavar="N",
        help=f"steps of drawing a picture; distilled models need 1 to 8 (default: {steps})")  # fmt: skip
    add("--guidance", type=number(0, 100), default=0.0, metavar="G",
        help="weight of the prompt against no prompt; distilled models want none (default: 0)")  # fmt: skip


def add_drawing_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--prompt", action="append", default=[], metavar="TEXT", help="what to draw; may be repeated")
    add("--prompt-file", metavar="FILE", help="prompts from a file, one a line")
    add("--strength", nargs="+", type=number(-10, 10), default=[0.0, 0.5, 1.0, 1.5], metavar="NUMBER",
        help="0 is the plain model, 1 the map as it was trained (default: 0 0.5 1 1.5)")  # fmt: skip
    add("--seed", nargs="+", type=whole(0, LARGEST_SEED), default=[0], metavar="S",
        help="the noise that pictures are drawn from; all strengths share it (default: 0)")  # fmt: skip


def add_example_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--source", required=True, metavar="FILE", help="prompts of pictures as they are, one a line, 4 or more")
    add("--target", required=True, metavar="FILE", help="prompts of pictures as they should be, in any order")


def read_prompts(flags: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Read the files ``--source`` and ``--target``.

    Raises:
        LineasError: a file cannot be read, or nothing can be learned from them.
    """
    from lineas.data import read_file, refuse_errors

    source, target = read_file(flags.source), read_file(flags.target)
    refuse_errors(source, target)
    return source, target


def tell_unknown_words(model: "PictureModel", prompts: Iterable[str], terminal: Terminal) -> None:
    """Name the words that the small model ignores. Other models have no such list."""
    from lineas.pictures.small import SmallPipeline

    if isinstance(model.pipeline, SmallPipeline) and (unknown := model.pipeline.unknown_words(list(prompts))):
        listed = ", ".join(repr(short(word)) for word in unknown[:6]) + (", …" if len(unknown) > 6 else "")
        terminal.message(f"Note: the model does not know these words, and ignores them: {listed}.")


def load(flags: argparse.Namespace, terminal: Terminal) -> "PictureModel":
    from lineas.pictures.load import load_pipeline

    with terminal.progress() as progress:
        progress(f"loading {flags.model}", None)
        return load_pipeline(flags.model)


def find_picture_map(name: str) -> Path:
    """Return the file of a picture map, given by its path or by the name of an own or ready-made concept of the page Pictures.

    Raises:
        LineasError: there is no such map, or it is one for text.
    """
    path = find_map(name, pictures=True)
    if read_metadata(path).get("kind") != "pictures":
        raise LineasError(f"{short(name, 200)!r} is a map for text, not for pictures. 'lineas generate' uses it.")
    return path


@dataclass(frozen=True)
class Asked:
    """What is to be drawn, as ``add_drawing_flags`` and ``add_model_flags`` tell it."""

    prompts: list[str]
    strengths: list[float]
    seeds: list[int]
    drawing: "Drawing"


def asked(flags: argparse.Namespace) -> Asked:
    """The prompts of the flags, then those of the file, and how to draw them.

    Raises:
        WrongUse: there is no prompt.
    """
    from lineas.data import read_file
    from lineas.data.parsing import clean

    prompts = [*filter(None, map(clean, flags.prompt)), *(read_file(flags.prompt_file) if flags.prompt_file else [])]
    if not prompts:
        raise WrongUse("a prompt is needed: --prompt TEXT or --prompt-file FILE")

    from lineas.pictures.sampling import Drawing

    return Asked(prompts, flags.strength, flags.seed, Drawing(flags.draw_steps, flags.guidance))
