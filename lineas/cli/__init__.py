"""The command line: ``lineas COMMAND …``, also as ``python -m lineas COMMAND …``.

Each command is a module of this package with ``HELP`` (one line), ``EXAMPLE`` (for its --help), ``add_flags(parser)`` and
``run(flags, terminal)``; its name is in ``COMMANDS``. No command imports torch before ``run`` has checked the names of maps, files
and models, so that help, wrong use and wrong names are answered at once.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import shtab

from lineas.cli.terminal import Terminal, WrongUse, print_anything
from lineas.errors import LineasError, describe
from lineas.service.signals import end_like_ctrl_c
from lineas.version import __version__

COMMANDS = (
    "doctor", "fetch", "draft", "train", "generate", "inspect", "compose", "evaluate", "compare", "list", "export", "push", "pull",
    "picture", "serve", "app",
)  # fmt: skip
DONE, FAILED, WRONG_USE, STOPPED = 0, 1, 2, 130

INTRODUCTION = """\
Steer a language model by example: give it sentences that sound like the model now and sentences that sound like what you
want. It learns a map from one to the other, which you apply at any strength."""
FIRST_STEPS = """\
first steps:
  lineas doctor                                                     check that everything works
  lineas train --source plain.txt --target pirate.txt --out pirate.safetensors
  lineas generate --map pirate.safetensors --prompt "Tell me about your day." --strength 0 0.5 1
  lineas app                                                        do the same in a browser

'lineas COMMAND --help' explains a command. Everything is saved in the folder that 'lineas doctor' shows; set the
environment variable LINEAS_HOME to choose another."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after ``lineas``; by default those of this process.

    Returns:
        The exit code: 0 done, 1 failed (the last line on stderr says why), 2 wrong use, 130 stopped with Ctrl-C.
    """
    print_anything()
    parser = _parser()
    try:
        return _run(parser.parse_args(argv))
    except SystemExit as end:  # raised by argparse after --help or wrong use
        return end.code if isinstance(end.code, int) else FAILED


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("lineas", description=INTRODUCTION, epilog=FIRST_STEPS, formatter_class=formatter)
    shtab.add_argument_to(
        parser, "--print-completion", help="print a script with which a shell completes commands and flags"
    )
    parser.add_argument("--version", action="version", version=f"lineas {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"lineas.cli.{name}")
        example = f"example:\n{module.EXAMPLE}"
        command = commands.add_parser(
            name, help=module.HELP, description=module.HELP, epilog=example, formatter_class=formatter
        )
        module.add_flags(command)
        command.add_argument("--json", action="store_true", help="print JSON instead of text")
        command.set_defaults(run=module.run, parser=command)
    return parser


def _run(flags: argparse.Namespace) -> int:
    terminal = Terminal(flags.json)
    try:
        end_like_ctrl_c()
        flags.run(flags, terminal)
        return DONE
    except WrongUse as error:
        flags.parser.print_usage(sys.stderr)
        terminal.message(f"{flags.parser.prog}: error: {error}")
        return WRONG_USE
    except KeyboardInterrupt as stop:
        terminal.message(str(stop) or "Stopped.")
        return STOPPED
    except BrokenPipeError:  # the reader of "lineas … | head" has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # buffered output goes there at exit
        return FAILED
    except Exception as error:
        if not isinstance(error, LineasError | OSError | MemoryError):
            traceback.print_exc()  # a bug: the traceback shows where
        reason = describe(error).removesuffix(" The details are in the log.")
        terminal.message("lineas: " + " ".join(reason.split()))
        return FAILED
