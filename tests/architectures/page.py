"""The tables of docs/models.md: what was tried with which architecture, and what came of it."""

import re
from collections.abc import Mapping
from pathlib import Path

import transformers

from tests.architectures.checks import Result

BEGIN, END = "<!-- tables: python -m tests.architectures --write docs/models.md -->\n", "<!-- end of tables -->\n"


def works(result: Result) -> bool:
    return not (result.refusal or result.failure or result.untested)


def row(name: str, result: Result) -> str:
    """Line of an architecture that works."""
    blocks, with_site = result.blocks
    share = f"{blocks}" if blocks == with_site else f"{with_site} of {blocks}"
    reuses = "yes" if result.reuses else "no"
    return f"| {name} | {share} | {', '.join(result.sites)} | {reuses} | {result.together} |"


def reason(name: str, result: Result) -> str:
    """Line of an architecture that does not."""
    words = result.refusal or result.failure or result.untested
    return f"| {name} | {words.replace('|', '/')} |"


def summary(found: Mapping[str, Result]) -> str:
    good = sum(map(works, found.values()))
    refused = sum(bool(result.refusal) for result in found.values())
    untested = sum(bool(result.untested) for result in found.values())
    failed = len(found) - good - refused - untested
    return f"{good} architectures work, {refused} are refused with a reason, {untested} could not be tried, {failed} fail."


def tables(found: Mapping[str, Result]) -> str:
    """All three tables, with the sentence above them."""
    lines = [
        f"With transformers {transformers.__version__}: {summary(found)}\n",
        "| architecture | blocks with a site | sites of the set default | prompts re-used | decoded together |",
        "|---|---|---|---|---|",
        *(row(name, result) for name, result in found.items() if works(result)),
    ]
    for title, chosen in (
        ("Refused", {name: result for name, result in found.items() if result.refusal}),
        ("Not tried", {name: result for name, result in found.items() if result.untested}),
        ("Failing", {name: result for name, result in found.items() if result.failure}),
    ):
        if chosen:
            lines += [f"\n## {title}\n", "| architecture | reason |", "|---|---|"]
            lines += [reason(name, result) for name, result in chosen.items()]
    return "\n".join(lines) + "\n"


def write(page: Path, found: Mapping[str, Result]) -> None:
    """Replace the tables of a page."""
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    page.write_text(f"{head}{BEGIN}\n{tables(found)}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def listed(page: Path) -> dict[str, str]:
    """Architecture → its line in a page."""
    return {
        line.split(" | ")[0][2:]: line for line in re.findall(r"^\| .*\|$", page.read_text(encoding="utf-8"), re.M)
    }
