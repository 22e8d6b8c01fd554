"""Markdown tables, written between two markers of a page; nothing else on the page is touched."""

import platform
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

README = Path(__file__).with_name("README.md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)])


def write_tables(name: str, text: str, page: Path = README) -> None:
    """Replace what stands between the page's markers for ``name``; append both markers where the page has none."""
    block = f"<!-- table: {name} -->\n\n{text.strip()}\n\n<!-- end -->"
    content = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    pattern = re.compile(rf"<!-- table: {re.escape(name)} -->.*?<!-- end -->", re.DOTALL)
    if pattern.search(content):
        content = pattern.sub(lambda _: block, content)
    else:
        content = f"{content.rstrip()}\n\n## {name}\n\n{block}\n"
    page.write_text(content, encoding="utf-8")
    print(block, flush=True)


def stamp(module: str = "benchmarks") -> str:
    """The command line of a module, the date and the machine that produced a table."""
    import torch

    # a folder's name means nothing on another computer
    words = ["FOLDER" if before in ("--data", "--results", "--tet") else word for before, word in pairwise(sys.argv)]
    command, threads = " ".join([f"python -m {module}", *words]), torch.get_num_threads()
    return (
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d} "
        f"({threads} thread{'s' * (threads > 1)}, {platform.machine()}, torch {torch.__version__})."
    )


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
