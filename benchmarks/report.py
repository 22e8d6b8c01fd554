"""Writes what was measured into benchmarks/README.md: each suite owns the text between its two markers."""

import platform
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

README = Path(__file__).with_name("README.md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def write_section(name: str, text: str) -> None:
    """Replaces the section ``name``, or appends it where there is none."""
    import torch

    command = "python -m benchmarks " + " ".join(sys.argv[1:])
    stamp = (
        f"Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}: {torch.get_num_threads()} threads, "
        f"{platform.machine()}, torch {torch.__version__}."
    )
    section = f"<!-- {name}: begin -->\n{stamp}\n\n{text.strip()}\n<!-- {name}: end -->"
    page = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    pattern = re.compile(rf"<!-- {name}: begin -->.*<!-- {name}: end -->", re.DOTALL)
    page = pattern.sub(lambda _: section, page) if pattern.search(page) else f"{page.rstrip()}\n\n{section}\n"
    README.write_text(page, encoding="utf-8")
    print(section)
