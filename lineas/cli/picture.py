"""``lineas picture train|generate|compare``: the same maps on text-to-image models."""

import argparse
from importlib import import_module

from lineas.cli.terminal import Terminal

HELP = "steer a text-to-image model: train, generate, compare"
EXAMPLE = """\
  lineas picture generate --map night --prompt "a red house by the sea" --strength 0 0.5 1 1.5 --out night.png
  lineas picture train --source plain.txt --target night.txt --out night.safetensors
  lineas picture compare --source plain.txt --target night.txt --word "at night" --prompt "a red house by the sea" --out all.png

  'lineas picture train --help' explains a command. Without --model the small model is used that comes with the program:
  48 × 48 pixels, and it can only draw what it has learned, such as a house, tent, car, boat, tree or balloon."""
ACTIONS = ("train", "generate", "compare")


def add_flags(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in ACTIONS:
        module = import_module(f"lineas.cli.picture_{name}")
        action = actions.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"example:\n{module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_flags(action)
        # not to undo what stands before the action
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON instead of text"
        )
        action.set_defaults(act=module.run, action_parser=action)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    flags.parser = flags.action_parser
    flags.act(flags, terminal)
