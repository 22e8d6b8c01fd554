"""Example sentences inside a map file, so that a copy that is given away or duplicated can be taught anew."""

import json
from collections.abc import Mapping, Sequence

KEY = "sentences"
"""Key of a map's metadata."""
MOST_CHARACTERS = 500_000
"""Sentences of more characters stay where they are: a list of concepts reads the metadata of every file."""

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
