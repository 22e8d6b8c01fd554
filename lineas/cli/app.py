"""``lineas app``: starts the studio, as ``python app.py`` does."""

import argparse
import sys
from contextlib import nullcontext, redirect_stdout
from inspect import signature

from lineas.cli.terminal import Terminal
from lineas.ui.launch import add_flags, launch

__all__ = ["EXAMPLE", "HELP", "add_flags", "run"]

HELP = "start the studio: teach and compare in a browser"
EXAMPLE = "  lineas app --inbrowser"


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    terminal.event(event="starting", url=f"http://{flags.host}:{flags.port}/")
    with redirect_stdout(sys.stderr) if terminal.json else nullcontext():
        launch(**{name: getattr(flags, name) for name in signature(launch).parameters})
