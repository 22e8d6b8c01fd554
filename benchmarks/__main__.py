"""``python -m benchmarks speed|quality|gpu|pictures`` measures and writes the tables of benchmarks/README.md."""

import argparse
import sys

from benchmarks import gpu, pictures, quality, speed
from lineas.errors import LineasError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="kind", required=True)
    for module in (speed, quality, gpu, pictures):
        command = commands.add_parser(module.__name__.rpartition(".")[2], help=(module.__doc__ or "").splitlines()[0])
        command.add_argument("--model", default="default", help="default, a Hugging Face id, a folder or a .gguf file")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except LineasError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Finished results are saved; the same command resumes from there.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
