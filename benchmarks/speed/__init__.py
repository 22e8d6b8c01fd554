"""Seconds and megabytes: training, answering, starting, scaling, and other steering libraries on the same examples."""

import argparse
from importlib import import_module

from benchmarks.report import stamp, write_tables

PARTS = ("steps", "whole", "baselines", "decoding", "memory", "start", "growth", "page")
"""Modules of this package: ``measure(model name, rounds)`` returns Markdown tables."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=7, help="rounds of every comparison (default: 7)")
    parser.add_argument(
        "--part", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"some of: {', '.join(PARTS)}"
    )


def run(arguments: argparse.Namespace) -> None:
    for part in arguments.part:
        text = import_module(f"benchmarks.speed.{part}").measure(arguments.model, arguments.rounds)
        write_tables(f"speed-{part}", f"{text}\n\n{stamp()}")
