"""A concept as lists show it."""

from pathlib import Path

from lineas.storage.concept import Concept, from_header


def test_each_way_of_use_has_the_strength_of_its_own() -> None:
    def concept(card: str) -> Concept:
        return from_header("map:one", "imported", Path("one"), {"health": card, "recommended_strength": "0.5"})

    card = concept('{"strengths": {"show": 1.25, "both": 0.5, "say": 9}}')
    assert [card.strength_for(mode) for mode in ("show", "both")] == [1.25, 0.5]
    assert card.strength_for("say") == 2.0, "as far as the slider goes"
    for odd in (
        "",
        "{",
        "[1]",
        '{"strengths": {"show": "strong"}}',
        '{"strengths": 3}',
        "{}",
        '{"strengths": {"show": NaN}}',
    ):
        assert concept(odd).strength_for("show") == 0.5
