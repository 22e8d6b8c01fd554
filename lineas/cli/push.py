"""``lineas push``: puts a map on the Hugging Face hub."""

import argparse

from lineas.cli.flags import MAP, known_examples, load_map
from lineas.cli.terminal import Terminal

HELP = "put a map on the Hugging Face hub, with a card that says what it is"
EXAMPLE = """\
  lineas push pirate.safetensors anna/pirate
  HF_TOKEN=hf_... lineas push pirate anna/pirate --private"""


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("map", metavar="MAP", help=MAP)
    add("repo", metavar="REPO", help="the repository's name, such as anna/pirate; it is made if there is none")
    add("--private", action="store_true", help="make a new repository that only you can see")


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    steering_map = load_map(flags.map)

    from lineas.export.hub import push_to_hub

    if not steering_map.metadata.get("instruction") and (words := known_examples(steering_map.metadata)[2]):
        steering_map = steering_map.with_metadata(instruction=words)
    url = push_to_hub(steering_map, flags.repo, flags.private)
    terminal.result({"url": url}, f"{steering_map.name or flags.map} is now at {url}")
