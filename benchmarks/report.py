"""Writes what was measured into benchmarks/README.md: each suite owns the text between its two markers."""

import platform
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

README = Path(__file__).with_name("README.md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)])


def write_section(name: str, text: str, page: Path = README) -> None:
    """Replaces the section ``name`` of the page, or appends it where there is none."""
    import torch

    # a folder's name says something about one computer only
    words = ["FOLDER" if before in ("--data", "--results", "--tet") else word for before, word in pairwise(sys.argv)]
    command = " ".join(["python -m benchmarks", *words])
    threads = torch.get_num_threads()
    stamp = (
        f"Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}: {threads} thread{'s' * (threads > 1)}, "
        f"{platform.machine()}, torch {torch.__version__}."
    )
    section = f"<!-- {name}: begin -->\n{stamp}\n\n{text.strip()}\n<!-- {name}: end -->"
    content = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    pattern = re.compile(rf"<!-- {name}: begin -->.*<!-- {name}: end -->", re.DOTALL)
    found = pattern.search(content)
    content = pattern.sub(lambda _: section, content) if found else f"{content.rstrip()}\n\n{section}\n"
    page.write_text(content, encoding="utf-8")
    print(section, flush=True)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
