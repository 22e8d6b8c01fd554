"""``lineas compose``: mixes maps into one."""

import argparse
import json
import math
from functools import reduce

from lineas.cli.flags import find_map, load_map, try_it, writable
from lineas.cli.terminal import Terminal
from lineas.version import __version__

HELP = "mix maps into a new one, which applies each at its strength, in the given order"
EXAMPLE = "  lineas compose pirate.safetensors=0.7 cheerful.safetensors=0.5 --out jolly-pirate.safetensors"


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("parts", nargs="+", type=part, metavar="MAP=STRENGTH", help="a map and its strength (default: 1)")
    add("--out", required=True, metavar="MAP", help="the file to write")


def part(text: str) -> tuple[str, float]:
    """Parse "MAP=STRENGTH" or "MAP", as argparse's ``type``."""
    name, equals, number = text.rpartition("=")
    if not equals:
        return text, 1.0
    try:
        strength = float(number)
    except ValueError:
        strength = math.nan
    if not name or not math.isfinite(strength):
        raise argparse.ArgumentTypeError(f"{text!r} is not a map and a number, such as pirate.safetensors=0.7")
    return name, strength


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    out = writable(flags.out)
    for name, _ in flags.parts:
        find_map(name)

    from lineas.steering.map import SteeringMap
    from lineas.storage.runs import now

    maps = [load_map(name) for name, _ in flags.parts]
    if len({steering_map.metadata.get("base_model_fingerprint") for steering_map in maps}) > 1:
        terminal.message("These maps were made for different models, so their mix may not work as expected.")
    strengths = [strength for _, strength in flags.parts]
    words = " + ".join(f"{strength:g} × {m.name or 'a map'}" for m, strength in zip(maps, strengths, strict=True))
    mixed = reduce(SteeringMap.then, map(SteeringMap.at_strength, maps, strengths)).with_metadata(
        name=out.stem, description=words, recommended_strength="1.0", created=now(), lineas_version=__version__,
        method="mix", recipe=json.dumps({"parts": words}), examples="{}", metrics="{}", health="", planes="",
        sentences="",
        instruction="", mode="show",
    )  # fmt: skip
    mixed.save(out)
    parts = [{"map": name, "strength": strength} for name, strength in flags.parts]
    data = {"map": str(out), "parts": parts, "sites": len(mixed.sites), "support": mixed.support()}
    terminal.result(data, f"{words} is now {out}. Try it:\n  {try_it(out)}")
