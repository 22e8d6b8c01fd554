"""``python -m benchmarks speed|quality``: measures, and writes the tables of benchmarks/README.md."""

import argparse

from benchmarks import quality, speed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    suites = parser.add_subparsers(dest="suite", required=True)
    for module in (speed, quality):
        suite = suites.add_parser(module.__name__.rpartition(".")[2], help=(module.__doc__ or "").splitlines()[0])
        suite.add_argument("--model", default="default", help="default, a Hugging Face id, a folder or a .gguf file")
        module.add_arguments(suite)
        suite.set_defaults(run=module.run)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
