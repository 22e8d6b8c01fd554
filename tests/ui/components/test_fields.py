"""Fields that pages share."""

from lineas.ui.components import fields


def test_a_strength_that_is_typed_beyond_the_ends_is_the_end() -> None:
    take = fields.strength_slider("Strength", "x", 1.0).preprocess
    assert [take(typed) for typed in (15, -3, 1.5, None)] == [2.0, 0.0, 1.5, 0.0]
