"""Advice of the library, in terms of what is on the pages."""

from lineas.models.local import CALLED_DEFAULT
from lineas.models.memory import HALF_THE_MEMORY


def for_pages(sentence: str) -> str:
    """Replace advice that only the command line or Python can follow."""
    from lineas.models.hub import BUILT_IN_WORKS

    for advice, instead in (
        (BUILT_IN_WORKS, "The models on the list work without internet."),
        (HALF_THE_MEMORY, ""),
        (CALLED_DEFAULT, "or choose a model from the list"),
    ):
        sentence = sentence.replace(advice, instead)
    return sentence
