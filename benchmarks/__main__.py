"""``python -m benchmarks speed|quality``: measures, and writes the tables of benchmarks/README.md."""

import argparse
import sys

from benchmarks import quality, speed
from lineas.errors import LineasError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    suites = parser.add_subparsers(dest="kind", required=True)
    for module in (speed, quality):
        suite = suites.add_parser(module.__name__.rpartition(".")[2], help=(module.__doc__ or "").splitlines()[0])
        suite.add_argument("--model", default="default", help="default, a Hugging Face id, a folder or a .gguf file")
        module.add_arguments(suite)
        suite.set_defaults(run=module.run)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except LineasError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was measured is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
