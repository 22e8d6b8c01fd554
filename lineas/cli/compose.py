"""``lineas compose``: several maps, one after the other, as one."""

import argparse
import json
import math
from functools import reduce

from lineas.cli.flags import load_map, try_it, writable
from lineas.cli.terminal import Terminal
from lineas.version import __version__

HELP = "mix maps into a new one: the first at its strength, then the second on what comes out, and so on"
EXAMPLE = "  lineas compose pirate.safetensors=0.7 cheerful.safetensors=0.5 --out jolly-pirate.safetensors"


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "parts", nargs="+", type=part, metavar="MAP=STRENGTH", help="a map and how much of it (1 where left out)"
    )
    parser.add_argument("--out", required=True, metavar="MAP", help="the file to write")


def part(text: str) -> tuple[str, float]:
    """A map and its strength, from MAP=STRENGTH or MAP."""
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
    from lineas.steering.map import SteeringMap
    from lineas.storage.runs import now

    out = writable(flags.out)
    maps = [load_map(name) for name, _ in flags.parts]
    if len({steering_map.metadata.get("base_model_fingerprint") for steering_map in maps}) > 1:
        terminal.tell("These maps were made on different models; the mix may do something odd.")
    strengths = [strength for _, strength in flags.parts]
    mixed = reduce(SteeringMap.then, map(SteeringMap.at_strength, maps, strengths))
    words = " + ".join(f"{strength:g} × {m.name or 'a map'}" for m, strength in zip(maps, strengths, strict=True))
    history = {
        "method": "mix",
        "recipe": json.dumps({"parts": words}),
        "examples": "{}",
        "metrics": "{}",
        "health": "",
    }
    mixed = mixed.with_metadata(
        name=out.stem,
        description=words,
        recommended_strength="1.0",
        created=now(),
        lineas_version=__version__,
        **history,
    )
    mixed.save(out)
    parts = [{"map": name, "strength": strength} for name, strength in flags.parts]
    data = {"map": str(out), "parts": parts, "sites": len(mixed.sites), "support": mixed.support()}
    terminal.result(data, f"{words} is now {out}. Try it:\n  {try_it(out)}")
