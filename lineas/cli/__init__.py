"""The command line: ``lineas COMMAND …``, also as ``python -m lineas COMMAND …``.

A command is a module of this package with ``HELP`` (one line), ``EXAMPLE`` (for its --help), ``add_flags(parser)`` and
``run(flags, terminal)``; a new one is a new file and its name in ``COMMANDS``. None of them imports torch before it runs,
so that help and wrong use are answered at once.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError, describe
from lineas.version import __version__

COMMANDS = ("doctor", "fetch", "train", "generate", "inspect", "compose", "evaluate", "compare", "app")
DONE, FAILED, WRONG_USE, STOPPED = 0, 1, 2, 130

INTRODUCTION = """\
Steer a language model by example: give it sentences that sound like what you have and sentences that sound like what you
want, and it learns a map from one to the other, to be turned up and down with a strength."""
FIRST_STEPS = """\
first steps:
  lineas doctor                                                     is everything there?
  lineas train --source plain.txt --target pirate.txt --out pirate.safetensors
  lineas generate --map pirate.safetensors --prompt "Tell me about your day." --strength 0 0.5 1
  lineas app                                                        the same in a browser

'lineas COMMAND --help' explains a command. Whatever this program keeps is below the folder that 'lineas doctor' names;
set the variable LINEAS_HOME to have it elsewhere."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the words behind ``lineas``; by default those it was started with.

    Returns:
        The exit code: 0 done, 1 failed (the last line on stderr says why), 2 wrong use, 130 stopped with Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a console that lacks a character shows another one, and nothing ends there
            stream.reconfigure(errors="replace")
    parser = _parser()
    try:
        flags = parser.parse_args(argv)
        return _run(flags)
    except SystemExit as end:  # argparse's, after --help or wrong use
        return end.code if isinstance(end.code, int) else FAILED


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("lineas", description=INTRODUCTION, epilog=FIRST_STEPS, formatter_class=plain)
    parser.add_argument("--version", action="version", version=f"lineas {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"lineas.cli.{name}")
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"example:\n{module.EXAMPLE}",
            formatter_class=plain,
        )
        module.add_flags(command)
        command.add_argument("--json", action="store_true", help="print JSON for other programs instead of text")
        command.set_defaults(run=module.run, parser=command)
    return parser


def _run(flags: argparse.Namespace) -> int:
    terminal = Terminal(flags.json)
    try:
        flags.run(flags, terminal)
        return DONE
    except WrongUse as error:
        flags.parser.print_usage(sys.stderr)
        terminal.tell(f"{flags.parser.prog}: error: {error}")
        return WRONG_USE
    except KeyboardInterrupt as stop:
        terminal.tell(str(stop) or "Stopped.")
        return STOPPED
    except BrokenPipeError:  # "lineas … | head": nobody reads on, and that is no fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes there at the end
        return FAILED
    except Exception as error:
        if not isinstance(error, LineasError | OSError | MemoryError):
            traceback.print_exc()  # a fault of this program: whoever mends it needs to know where
        reason = describe(error).removesuffix(" The details are in the log.")
        terminal.tell("lineas: " + " ".join(reason.split()))
        return FAILED
