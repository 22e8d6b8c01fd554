"""The strength to recommend, from made-up measures and by hand."""

import math

import pytest

from lineas.evaluation.advice import (
    MIN_RELEVANCE,
    UNREADABLE_LOSS,
    StrengthReport,
    difference,
    fluency,
    point_of,
    quality,
)
from lineas.evaluation.findings import Interval, StrengthPoint, TextReport
from lineas.evaluation.metrics.text_statistics import text_statistics


def at(
    strength: float, effect: float, relevance: float = 0.9, fluency: float = 0.9, repeated: float = 0.0
) -> StrengthPoint:
    return StrengthPoint(strength, effect, fluency, relevance, repeated)


PLAIN = at(0.0, 0.95, 1.0, 1.0)


def best(*points: StrengthPoint) -> float | None:
    found = StrengthReport((PLAIN, *points), True).best
    return found.strength if found else None


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


def test_the_lowest_strength_with_about_the_most_quality_is_recommended() -> None:
    assert best(at(0.5, 0.3), at(1.0, 0.6), at(1.5, 0.61)) == 1.0
    assert best(at(0.5, 0.3), at(1.0, 0.6), at(1.5, 0.7)) == 1.5


def test_text_that_forgets_repeats_or_falls_apart_is_not_recommended_while_another_can_be() -> None:
    good = at(0.5, 0.4)
    assert best(good, at(1.0, 0.99, relevance=MIN_RELEVANCE - 0.01)) == 0.5
    assert best(good, at(1.0, 0.99, relevance=MIN_RELEVANCE + 0.01)) == 0.5, "nothing to spare"
    assert best(at(0.5, 0.4, relevance=0.6), at(1.0, 0.5, relevance=MIN_RELEVANCE + 0.01)) == 1.0
    assert best(good, at(1.0, 0.99, repeated=0.1)) == 0.5
    assert best(good, at(1.0, 0.99, fluency=0.3)) == 0.5
    assert best(at(0.5, 0.4, relevance=0.5), at(1.0, 0.9, relevance=0.4)) == 1.0, "none is sound: the best of all"
    assert best(at(0.5, 0.9, fluency=0.3)) is None


def test_quality_is_the_product_and_no_more_than_keeping_to_the_question_as_plain() -> None:
    assert quality(at(1.0, 0.5, 0.8, 0.5)) == pytest.approx(0.2)
    assert quality(at(1.0, 0.5, 1.4, 1.0)) == pytest.approx(0.5)
    assert quality(at(1.0, 0.5, -0.4, 1.0)) == 0.0


def report(texts: tuple[str, ...], loss: float, relevance: float, score: float | None) -> TextReport:
    interval = None if score is None else Interval(score, score, score)
    return TextReport(texts, interval, None, Interval(relevance, 0, 1), loss, math.exp(loss), text_statistics(texts))


def test_a_point_is_measured_beside_the_plain_answers() -> None:
    plain = report(("the day was good", "my ship"), 2.0, 0.8, None)
    steered = report(("the sea the sea the sea the sea", "my ship"), 3.0, 0.4, None)
    found = point_of(1.0, steered, plain)
    assert found.effect == pytest.approx(difference("the day was good", "the sea the sea the sea the sea") / 2)
    assert found.relevance == pytest.approx(0.5)
    assert found.added_repetition == pytest.approx(steered.statistics.repetition)
    assert found.added_repetition > 0.2
    assert found.fluency == pytest.approx(fluency(3.0, 2.0, found.added_repetition))
    assert point_of(1.0, report(("", ""), math.nan, 0.0, 0.5), plain).fluency == 0.0
    assert point_of(1.0, report(("a", "b"), 2.0, 0.3, 0.7), report(("a", "b"), 2.0, -0.1, 0.2)).relevance == 1.0
