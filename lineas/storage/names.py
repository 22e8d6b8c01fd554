"""Names that people give, kept apart from each other and from the names of files."""

import re
import secrets
from collections.abc import Iterable

LONGEST = 80


def clean_name(name: str, otherwise: str = "concept") -> str:
    """One line without control characters, at most 80 characters; ``otherwise`` where nothing is left."""
    text = name.encode("utf-8", "ignore").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:LONGEST].rstrip() or otherwise


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, or "wanted 2", "wanted 3" …; capitals do not make a difference."""
    used = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in used:
        number += 1
        name = f"{wanted} {number}"
    return name


def file_stem(name: str) -> str:
    """A file name for something called ``name``: its letters and digits and six random ones, fit for every system."""
    slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:30].strip("-")
    return f"{slug or 'concept'}-{secrets.token_hex(3)}"
