"""``python -m lineas``: the command line."""

import sys

from lineas.cli import main

if __name__ == "__main__":
    sys.exit(main())
