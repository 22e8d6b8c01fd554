"""``lineas picture compare``: the same prompts through every method, as a sheet to look at and a table."""

import argparse
import time

from lineas.cli.flags import writable
from lineas.cli.picture_flags import add_drawing_flags, add_example_flags, add_model_flags, load, prompts_of
from lineas.cli.tables import layout
from lineas.cli.terminal import Terminal, WrongUse

HELP = "train the same prompts with every method, and compare the pictures"
EXAMPLE = """\
  lineas picture compare --source plain.txt --target night.txt --word "at night" \\
      --prompt "a red house by the sea" --out all.png

  The sheet has a row for each method and prompt, and a column for each strength; with --word the last row is the plain
  model with that word in the prompt. In the table:
  distance left     share of the distance to the concept that the map leaves at strength 1, on new noise (lower is better)
  change            how far the pictures move at strength 1, root mean square over pixels from 0 to 1"""
COLUMNS = ("method", "distance_left", "change", "seconds")


def add_flags(parser: argparse.ArgumentParser) -> None:
    add_example_flags(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="the sheet to write, a .png")
    parser.add_argument("--word", default="", metavar="TEXT", help="the concept in words, for the prompt")
    add_drawing_flags(parser)
    add_model_flags(parser, steps=4)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    prompts = prompts_of(flags)
    if not prompts:
        raise WrongUse("a prompt is needed: --prompt TEXT or --prompt-file FILE")
    out = writable(flags.out)
    if out.suffix.lower() != ".png":
        raise WrongUse(f"{flags.out!r} does not end in .png")

    from lineas.data import read_file

    source, target = read_file(flags.source), read_file(flags.target)
    model = load(flags, terminal)

    from lineas.pictures.baselines import METHODS, distance_left, fit_with
    from lineas.pictures.files import as_png, enlarged, sheet, write
    from lineas.pictures.generate import generate
    from lineas.pictures.measures import pixel_change
    from lineas.pictures.sampling import Drawing

    drawing, seeds = Drawing(flags.draw_steps, flags.guidance), flags.seed
    plain = [picture.image for picture in generate(model, prompts, None, [0.0], seeds, drawing)]
    rows, images = [], []
    with terminal.progress() as progress:
        for i, method in enumerate(METHODS):
            progress(f"{method}: training", i / len(METHODS))
            began = time.perf_counter()
            steering_map = fit_with(method, model, source, target)
            seconds = time.perf_counter() - began
            images += [p.image for p in generate(model, prompts, steering_map, flags.strength, seeds, drawing)]
            full = [p.image for p in generate(model, prompts, steering_map, [1.0], seeds, drawing)]
            rows.append({
                "method": method,
                "distance_left": round(distance_left(model, steering_map, source, target, seed=1), 4),
                "change": round(pixel_change(plain, full), 4),
                "seconds": round(seconds, 1),
            })  # fmt: skip
    if flags.word:
        worded = [f"{prompt} {flags.word}" for prompt in prompts]
        told = [p.image for p in generate(model, worded, None, [0.0], seeds, drawing)]
        images += [image for image in told for _ in flags.strength]
        rows.append(
            {
                "method": "the word",
                "distance_left": None,
                "change": round(pixel_change(plain, told), 4),
                "seconds": None,
            }
        )
    write(out, as_png(sheet([enlarged(image) for image in images], len(flags.strength))))
    terminal.result({"methods": rows, "sheet": str(out)}, f"{layout(rows, COLUMNS)}\n\nSaved: {out}")
