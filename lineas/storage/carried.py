"""What a map file carries: its example sentences, so that a copy that is given away can be taught anew, and a picture's card."""

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

KEY = "sentences"
"""Key of a map's metadata."""
MOST_CHARACTERS = 500_000
"""Sentences of more characters stay where they are: a list of concepts reads the metadata of every file."""

CARD = "card"
"""Key of the picture of a concept for pictures: before and after, side by side, as PNG in base64."""
_PNG = b"\x89PNG\r\n"

Examples = tuple[Sequence[str], Sequence[str]]
"""Source and target sentences."""


def carry(examples: Examples | None) -> dict[str, str]:
    """Metadata with the sentences; empty where there are none, or too many."""
    if examples is None or sum(map(len, [*examples[0], *examples[1]])) > MOST_CHARACTERS:
        return {}
    return {KEY: json.dumps([list(side) for side in examples], ensure_ascii=False)}


def carried(metadata: Mapping[str, str]) -> Examples | None:
    """The sentences in a map's metadata, which any program may have written; None where there are none."""
    try:
        sides = source, target = json.loads(metadata.get(KEY, ""))
        "".join([*source, *target]).encode()  # half a surrogate cannot be shown
    except (ValueError, TypeError, RecursionError):
        return None
    return (source, target) if all(isinstance(side, list) and side for side in sides) else None


def carry_card(png: bytes) -> dict[str, str]:
    """Metadata with the picture of a concept."""
    return {CARD: b64encode(png).decode()}


def carried_card(metadata: Mapping[str, str]) -> bytes | None:
    """The picture in a map's metadata; None where there is none."""
    try:
        png = b64decode(metadata.get(CARD, ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return png if png.startswith(_PNG) else None
