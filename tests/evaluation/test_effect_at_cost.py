"""Effects at the same perplexity, on made-up points."""

import math
from dataclasses import replace

import pytest

from lineas.evaluation.effect_at_cost import MAX_ADDED_REPETITION, TradeOff, effect_at_cost

LINE = [TradeOff(0.1, 10.0, 0.05), TradeOff(0.5, 20.0, 0.05), TradeOff(0.9, 40.0, 0.05)]


@pytest.mark.parametrize(
    ("perplexity", "effect"),
    [
        (20.0, 0.5),
        (10.0 * math.sqrt(2), 0.3),  # half-way in the logarithm
        (100.0, 0.9),
        (9.0, None),
        (10.0, 0.1),
    ],
)
def test_the_effect_is_interpolated_in_the_logarithm(perplexity: float, effect: float | None) -> None:
    found = effect_at_cost(LINE, perplexity)
    assert found == (None if effect is None else pytest.approx(effect))


def test_a_higher_strength_with_less_effect_is_not_chosen() -> None:
    assert effect_at_cost([*LINE[:2], TradeOff(0.2, 15.0, 0.05)], 30.0) == 0.5
    assert effect_at_cost([LINE[0], TradeOff(0.9, math.nan, 0.05)], 30.0) == 0.1
    reads_worse_then_better = [TradeOff(0.5, 20.0, 0.0), TradeOff(0.7, 8.0, 0.0)]
    assert effect_at_cost(reads_worse_then_better, 10.0) == pytest.approx(0.7)


def test_text_that_repeats_itself_does_not_count() -> None:
    looping = 0.05 + MAX_ADDED_REPETITION + 0.01
    assert effect_at_cost([*LINE[:2], TradeOff(0.95, 3.0, looping)], 30.0) == 0.5
    assert effect_at_cost([LINE[0], TradeOff(0.5, 9.0, looping), LINE[2]], 10.0) == 0.1
    looping_too = [replace(point, repetition=looping) for point in LINE]
    assert effect_at_cost([*looping_too, TradeOff(0.95, 3.0, looping)], 30.0) == 0.95, "no more than the plain text"
