"""The line about the chosen concept, whatever its file says."""

from dataclasses import replace
from pathlib import Path

import pytest

from lineas.evaluation.health_card import HealthCard
from lineas.storage import Concept
from lineas.ui import text as ui_text
from lineas.ui.components.health_card import health, line
from lineas.ui.pages.strengths.render import recommended

CARD = HealthCard("works", "It is heard.", 1.0, 0.1, 0.01).to_json()


@pytest.mark.parametrize(
    "card",
    [CARD.replace('"works"', '"splendid"'), CARD.replace('"works"', "null"), CARD.replace('"It is heard."', "[7]")],
)
def test_an_unknown_verdict_counts_as_none(card: str) -> None:
    concept = Concept("map:x", "x", "imported", Path(), note="Talks like x.", health=card)
    assert "Talks like x." in line(concept, None) and "ls-verdict" not in line(concept, None)
    assert health(card) == ""
    assert "ls-verdict good" in line(Concept("map:x", "x", "imported", Path(), health=CARD), None)


def test_a_concept_without_a_health_check_has_no_best_strength() -> None:
    concept = Concept("map:x", "x", "imported", Path())
    assert ui_text.HEALTH_USE not in line(concept, None)
    assert ui_text.recommended_at(0.7, False) in line(replace(concept, recommended_strength=0.7), None)
    assert ui_text.recommended_at(1, False) in line(replace(concept, health=CARD), None)


def test_a_strength_for_both_is_not_taken_for_that_of_the_map_alone() -> None:
    concept = Concept("map:x", "x", "imported", Path(), recommended_strength=0.25, health=CARD, mode="both")
    assert ui_text.recommended_at(0.25, True) in line(concept, None)
    assert recommended(concept) is None
    assert recommended(replace(concept, mode="show")) == 0.25
