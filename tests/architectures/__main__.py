"""``python -m tests.architectures [--only NAME …] [--write docs/models.md]``: every architecture through every door."""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
os.environ["HF_HUB_OFFLINE"] = "1"


def main() -> int:
    """Return 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.architectures", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these architectures; by default all")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables into this page")
    flags = parser.parse_args()
    from tests.architectures.checks import Result
    from tests.architectures.configs import ARCHITECTURES
    from tests.architectures.page import summary, tables, write
    from tests.architectures.runner import run

    began, names = time.perf_counter(), flags.only or list(ARCHITECTURES)
    found: dict[str, Result] = {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(min(cores, len(names)), mp_context=get_context("spawn")) as pool:
        for part in pool.map(run, [names[i : i + 6] for i in range(0, len(names), 6)]):
            found |= part
            print(f"\r{len(found)} of {len(names)}", end="", file=sys.stderr, flush=True)
    print(f"\r{summary(found)} {time.perf_counter() - began:.0f} seconds.")
    for name, result in found.items():
        if result.failure:
            print(f"FAILED {name}: {result.failure}")
    if flags.write:
        write(flags.write, found)
    elif flags.only:
        print(tables(found))
    return int(any(result.failure for result in found.values()))


if __name__ == "__main__":
    sys.exit(main())
