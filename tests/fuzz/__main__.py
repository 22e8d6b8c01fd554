"""``python -m tests.fuzz``: looks for input that is neither used nor refused."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))  # as pytest does

COUNTS = {"maps": 10_000, "archives": 2_000, "ggufs": 2_000, "examples": 2_000, "runs": 2_000, "requests": 2_000}
"""Cases of each kind where neither a number nor a time is given."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, metavar="N", help="time for all kinds together")
    parser.add_argument(
        "--count", type=int, metavar="N", help="cases of each kind (default: 10,000 maps, 2,000 of the others)"
    )
    parser.add_argument(
        "--kinds", nargs="+", default=list(COUNTS), choices=list(COUNTS), metavar="KIND", help=", ".join(COUNTS)
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--first", type=int, default=0, metavar="I", help="number of the first case, to repeat one")
    flags = parser.parse_args()
    faults = 0
    for name in flags.kinds:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["LINEAS_HOME"] = str(Path(folder) / "own")  # nothing of the user's is touched

            from importlib import import_module

            from tests.fuzz.runner import run

            case = import_module(f"tests.fuzz.{name}").make(Path(folder))
            seconds = flags.seconds / len(flags.kinds) if flags.seconds else None
            count = flags.count or (None if seconds else COUNTS[name])
            report = run(name, case, flags.seed, flags.first, count, seconds)
        print(report, flush=True)
        for fault in report.faults[:20]:
            print(fault, flush=True)
        faults += len(report.faults)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
