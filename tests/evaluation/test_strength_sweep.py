"""Effect and fluency over the strength: pure functions by hand, and texts read by a tiny model."""

import pytest

from lineas.evaluation.strength_sweep import StrengthPoint, StrengthReport, difference, fluency, measure_sweep
from lineas.evaluation.verdict import UNREADABLE_LOSS
from lineas.models.progress import finish


def test_fluency_falls_with_the_loss_and_with_repetition() -> None:
    assert fluency(3.0, 3.0, 0.0) == 1.0
    assert fluency(2.0, 3.0, -0.1) == 1.0, "reading better than the plain answers is no more than reading well"
    assert fluency((3.0 + UNREADABLE_LOSS) / 2, 3.0, 0.0) == pytest.approx(0.5)
    assert fluency(UNREADABLE_LOSS + 1, 3.0, 0.0) == 0.0
    assert fluency(3.0, 3.0, 0.25) == pytest.approx(0.75)


def test_difference_is_the_share_of_words_not_in_common() -> None:
    assert difference("the sea is grey", "The sea is grey!") == 0.0
    assert difference("the sea", "a ship") == 1.0
    assert difference("a b c d", "a b x y") == 0.5
    assert difference("", "") == 0.0


def test_the_best_strength_is_the_lowest_with_about_the_most_effect_that_reads_well() -> None:
    plain, weak, good, same = (StrengthPoint(s, e, 0.9) for s, e in ((0.0, 0.9), (0.5, 0.3), (1.0, 0.6), (1.5, 0.62)))
    broken = StrengthPoint(2.0, 0.99, 0.1)
    assert StrengthReport((plain, weak, good, same, broken), True).best == 1.0
    assert StrengthReport((plain, broken), True).best is None


def test_answers_are_compared_with_the_plain_ones(tiny_model) -> None:
    texts = [["the day was good .", "my ship ."], ["the sea the sea the sea the sea", "my ship ."]]
    counted = finish(measure_sweep(tiny_model, [0.0, 1.0], texts))
    plain, steered = counted.points
    assert not counted.judged
    assert (plain.effect, plain.fluency) == (0.0, 1.0)
    assert steered.effect == pytest.approx((difference(texts[0][0], texts[1][0]) + 0) / 2)
    assert steered.fluency < 1
    judged = finish(measure_sweep(tiny_model, [0.0, 1.0], texts, lambda found: [float("sea" in t) for t in found]))
    assert judged.judged
    assert [point.effect for point in judged.points] == [0.0, 0.5]


def test_a_strength_with_only_empty_answers_is_unreadable(tiny_model) -> None:
    report = finish(measure_sweep(tiny_model, [0.0, 2.0], [["the day was good ."], [" … "]]))
    assert report.points[1].fluency == 0.0
    assert report.best is None
