"""``lineas picture generate``: pictures with a map, at several strengths from the same noise."""

import argparse
import time

from lineas.cli.flags import writable
from lineas.cli.picture_flags import (
    MAP,
    add_drawing_flags,
    add_model_flags,
    asked,
    find_picture_map,
    load,
    tell_unknown_words,
)
from lineas.cli.terminal import Terminal
from lineas.files import as_path

HELP = "draw with a map, at several strengths from the same noise"
EXAMPLE = """\
  lineas picture generate --map night --prompt "a red house by the sea" --strength 0 0.5 1 1.5 --out night.png
  lineas picture generate --map night --prompt "a blue car in the desert" --seed 1 2 3 --out night.gif
  lineas picture generate --map "my concept" --prompt "a green tree in a meadow" --out mine/

  A name that ends in .png gets one sheet: a row for each prompt and seed, a column for each strength. With .gif it is a
  film through the strengths. Anything else is a folder, which gets one .png for each picture."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--map", required=True, help=MAP)
    parser.add_argument("--out", required=True, metavar="FILE", help="a .png, a .gif, or a folder")
    add_drawing_flags(parser)
    add_model_flags(parser, steps=4)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    path, out = find_picture_map(flags.map), as_path(flags.out)
    wanted = asked(flags)
    whole = out.suffix.lower() in (".png", ".gif")
    writable(str(out if whole else out / "1.png"))

    from lineas.pictures.files import as_gif, as_png, enlarged, sheet, write
    from lineas.pictures.generate import generate
    from lineas.steering.hooks import check_fits
    from lineas.steering.map import SteeringMap

    steering_map = SteeringMap.load(path)
    model = load(flags, terminal)
    if warning := check_fits(model, steering_map):
        terminal.message(warning)
    tell_unknown_words(model, wanted.prompts, terminal)
    began, pictures = time.perf_counter(), []
    across = len(wanted.strengths)
    count = len(wanted.prompts) * len(wanted.seeds) * across
    with terminal.bar(desc="drawing", unit="picture", total=count) as bar:
        drawn = generate(model, wanted.prompts, steering_map, wanted.strengths, wanted.seeds, wanted.drawing)
        for picture in drawn:
            pictures.append(picture)
            bar.update()
    seconds = time.perf_counter() - began
    images = [enlarged(picture.image) for picture in pictures]
    if whole:
        paper = sheet(images, across) if out.suffix.lower() == ".png" else None
        rows = [sheet(images[column::across], 1) for column in range(across)]
        files = [write(out, as_png(paper) if paper else as_gif(rows))] * len(pictures)
    else:
        numbers = {prompt: i + 1 for i, prompt in enumerate(wanted.prompts)}
        files = [
            write(out / f"{numbers[p.prompt]}-seed{p.seed}-strength{p.strength:g}.png", as_png(image))
            for p, image in zip(pictures, images, strict=True)
        ]
    results = [
        {"prompt": p.prompt, "seed": p.seed, "strength": p.strength, "file": str(file)}
        for p, file in zip(pictures, files, strict=True)
    ]
    text = f"{len(pictures)} picture{'s' if len(pictures) > 1 else ''} in {seconds:.1f} s: {out}"
    terminal.result({"results": results, "seconds": round(seconds, 3)}, text)
