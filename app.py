"""LinEAS Studio: ``python app.py``, then open the address it prints."""

from __future__ import annotations

import argparse
import sys

from lineas.cli.terminal import print_anything
from lineas.errors import LineasError
from lineas.ui.launch import add_flags, launch


def main() -> int:
    """Start the studio. Returns the exit code: 0 ended by the user, 1 could not start (one line says why)."""
    print_anything()
    parser = argparse.ArgumentParser(prog="app.py", description="LinEAS Studio: steer a language model by example.")
    add_flags(parser)
    try:
        launch(**vars(parser.parse_args()))
    except LineasError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
