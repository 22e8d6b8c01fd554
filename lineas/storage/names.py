"""Names of concepts, made unique and turned into file names."""

import re
import secrets
from collections.abc import Iterable

LONGEST = 80
"""Maximum number of characters of a name."""
LONGEST_TEXT = 2000
"""Maximum number of characters of an instruction."""


def clean_name(name: str, otherwise: str = "concept") -> str:
    """Return the name on one line, without control characters, at most 80 characters; ``otherwise`` if nothing is left."""
    text = name.encode("utf-8", "ignore").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:LONGEST].rstrip() or otherwise


def clean_text(text: str) -> str:
    """Return the text, of any number of lines, without what cannot be encoded, at most 2000 characters."""
    return text.encode("utf-8", "ignore").decode()[:LONGEST_TEXT].strip()


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """Return ``wanted``, or "wanted 2", "wanted 3" … if it is taken, ignoring case."""
    used = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in used:
        number += 1
        name = f"{wanted} {number}"
    return name


def file_stem(name: str) -> str:
    """Make a file name that every system accepts: letters and digits of the name, and six random ones."""
    slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:30].strip("-")
    return f"{slug or 'concept'}-{secrets.token_hex(3)}"
