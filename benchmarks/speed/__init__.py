"""Seconds and megabytes: training, comparing, starting, growing, and the same beside other programs."""

import argparse
from importlib import import_module

from benchmarks.report import write_section

PARTS = ("steps", "whole", "rivals", "decoding", "memory", "start", "growth", "page")
"""Each a module with ``measure(model name, rounds) -> str``, the text of its section of benchmarks/README.md."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=7, help="rounds of every comparison (default: 7)")
    parser.add_argument(
        "--part", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"some of: {', '.join(PARTS)}"
    )


def run(arguments: argparse.Namespace) -> None:
    for part in arguments.part:
        text = import_module(f"benchmarks.speed.{part}").measure(arguments.model, arguments.rounds)
        write_section(f"speed-{part}", text)
