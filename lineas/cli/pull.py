"""``lineas pull``: brings a map from the Hugging Face hub."""

import argparse

from lineas.cli.flags import library, try_it, writable
from lineas.cli.terminal import Terminal

HELP = "bring a map from the Hugging Face hub: into a file, or among your concepts"
EXAMPLE = """\
  lineas pull anna/pirate
  lineas pull anna/pirate --out pirate.safetensors"""


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("repo", metavar="REPO", help="the repository's name, such as anna/pirate, or a folder of the same form")
    add("--out", metavar="MAP", help="the file to write (default: add it to the studio's concepts)")
    add("--revision", metavar="NAME", help="a branch, tag or commit of the repository")


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.export.hub import from_pretrained

    out = writable(flags.out) if flags.out else None
    steering_map = from_pretrained(flags.repo, flags.revision)
    if out is not None:
        steering_map.save(out)
        terminal.result({"map": str(out)}, f"{flags.repo} is now {out}. Try it:\n  {try_it(out)}")
        return
    concept = library().add(steering_map, steering_map.name or flags.repo.rpartition("/")[2])
    path = str(concept.path)
    terminal.result(
        {"map": path, "concept": concept.id}, f"{concept.name} is now among your concepts. Its file is {path}"
    )
