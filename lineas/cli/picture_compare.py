"""``lineas picture compare``: the same prompts through every method, as a sheet to look at and a table."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import writable
from lineas.cli.picture_flags import (
    add_drawing_flags,
    add_example_flags,
    add_model_flags,
    asked,
    load,
    read_prompts,
    tell_unknown_words,
)
from lineas.cli.tables import layout
from lineas.cli.terminal import Terminal, WrongUse

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.steering.map import SteeringMap

HELP = "train the same prompts with every method, and compare the pictures"
EXAMPLE = """\
  lineas picture compare --source plain.txt --target night.txt --word "at night" \\
      --prompt "a red house by the sea" --out all.png

  The sheet has a row for each method and prompt, and a column for each strength. With --word a further row is the plain
  model with that word in the prompt, with --negative with that negative prompt. In the table:
  distance left     share of the distance to the concept that the map leaves at strength 1, on new noise (lower is better)
  change            how far the pictures move at strength 1, root mean square over pixels from 0 to 1"""
COLUMNS = ("method", "distance_left", "change", "seconds")


def add_flags(parser: argparse.ArgumentParser) -> None:
    add_example_flags(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="the sheet to write, a .png")
    parser.add_argument("--word", default="", metavar="TEXT", help="the concept in words, for the prompt")
    parser.add_argument("--negative", default="", metavar="TEXT",
                        help="what a negative prompt would say; needs --guidance above 1, which distilled models lack")  # fmt: skip
    add_drawing_flags(parser)
    add_model_flags(parser, steps=4)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    out = writable(flags.out)
    if out.suffix.lower() != ".png":
        raise WrongUse(f"{flags.out!r} does not end in .png")
    wanted = asked(flags)

    source, target = read_prompts(flags)
    model = load(flags, terminal)
    tell_unknown_words(model, [*source, *target, *wanted.prompts, flags.word], terminal)

    from lineas.pictures.baselines import METHODS, distance_left, fit_with
    from lineas.pictures.files import as_png, enlarged, sheet, write
    from lineas.pictures.generate import generate
    from lineas.pictures.measures import pixel_change
    from lineas.pictures.sampling import negative_inputs

    if flags.negative:
        negative_inputs(model.pipeline, flags.negative, 1, flags.guidance)  # raises now, not after the trainings

    def draw(
        prompts: list[str], steering_map: "SteeringMap | None", strengths: list[float], negative: str = ""
    ) -> list["Image"]:
        drawn = generate(model, prompts, steering_map, strengths, wanted.seeds, wanted.drawing, negative)
        return [picture.image for picture in drawn]

    plain = draw(wanted.prompts, None, [0.0])
    rows: list[dict[str, Any]] = []
    images: list[Image] = []
    with terminal.progress() as progress:
        for i, method in enumerate(METHODS):
            progress(f"{method}: training", i / len(METHODS))
            began = time.perf_counter()
            steering_map = fit_with(method, model, source, target)
            seconds = round(time.perf_counter() - began, 1)
            images += draw(wanted.prompts, steering_map, wanted.strengths)
            change = pixel_change(plain, draw(wanted.prompts, steering_map, [1.0]))
            left = round(distance_left(model, steering_map, source, target, seed=1), 4)
            rows.append({"method": method, "distance_left": left, "change": round(change, 4), "seconds": seconds})
    worded = [f"{prompt} {flags.word}" for prompt in wanted.prompts]
    for name, given, prompts, negative in (
        ("the word", flags.word, worded, ""),
        ("negative prompt", flags.negative, wanted.prompts, flags.negative),
    ):
        if given:
            told = draw(prompts, None, [0.0], negative)
            images += [image for image in told for _ in wanted.strengths]
            change = round(pixel_change(plain, told), 4)
            rows.append({"method": name, "distance_left": None, "change": change, "seconds": None})
    write(out, as_png(sheet([enlarged(image) for image in images], len(wanted.strengths))))
    terminal.result({"methods": rows, "sheet": str(out)}, f"{layout(rows, COLUMNS)}\n\nSaved: {out}")
