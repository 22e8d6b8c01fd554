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
        source, target = json.loads(metadata.get(KEY, ""))
    except (ValueError, TypeError, RecursionError):
        return None
    sides = [
        side for side in (source, target) if isinstance(side, list) and side and all(isinstance(s, str) for s in side)
    ]
    return (sides[0], sides[1]) if len(sides) == 2 else None
