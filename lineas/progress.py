"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, float | None], None]
"""Called with a sentence, and how much of it is done (0 to 1), or None where nobody can tell."""


def silent(sentence: str, fraction: float | None) -> None:
    """Tells nobody."""
