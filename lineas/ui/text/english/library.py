"""Sentences of the library that the pages show. They are English already; other languages translate those that they know."""


def from_library(sentence: str) -> str:
    """A sentence about progress, which the library wrote, in this language."""
    return sentence
