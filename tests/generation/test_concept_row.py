"""A concept that is shown, said, or both."""

import pytest
from maps import random_map
from tiny import make_model

from lineas.generation.prompts import Row, concept_row

MAP = random_map(make_model("llama").sites)


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("show", Row(MAP, 0.5, "Be brief.")),
        ("say", Row(None, 0.0, "Be brief.\n\nTalk like a pirate.")),
        ("both", Row(MAP, 0.5, "Be brief.\n\nTalk like a pirate.")),
    ],
)
def test_a_concept_is_shown_said_or_both(mode: str, row: Row) -> None:
    assert concept_row(MAP, 0.5, mode, "Talk like a pirate.", "Be brief.") == row


def test_without_an_instruction_a_concept_is_shown() -> None:
    for mode in ("show", "say", "both"):
        assert concept_row(MAP, 0.5, mode, "", None) == Row(MAP, 0.5)
