"""Verdicts and their reasons, from made-up measures."""

import pytest

from lineas.evaluation.findings import Interval, StrengthPoint
from lineas.evaluation.verdict import TITLES, identical, judgement, too_alike


def point(fluency: float = 0.9, relevance: float = 0.9, added_repetition: float = 0.0) -> StrengthPoint:
    return StrengthPoint(0.75, 0.7, fluency, relevance, added_repetition)


PLAIN, CLEAR, LITTLE = Interval(0.2, 0.15, 0.25), Interval(0.5, 0.4, 0.6), Interval(0.04, 0.01, 0.06)


def test_the_same_sentences_in_another_order_are_identical() -> None:
    assert identical(["a b", "c"], ["c", "a  b"])
    assert not identical(["a", "c"], ["c", "d"])


@pytest.mark.parametrize(
    ("separability", "fewest", "judge_auc", "alike"),
    [
        (0.95, 32, None, False),
        (0.6, 32, None, True),
        (0.6, 5, None, False),  # five sentences are too few to judge
        (0.6, 32, 0.6, True),
        (0.6, 32, 0.95, False),  # sides are alike only if the judge agrees
    ],
)
def test_sides_are_alike_if_nobody_can_tell_them_apart(
    separability: float, fewest: int, judge_auc: float | None, alike: bool
) -> None:
    found = too_alike(separability, fewest, judge_auc)
    assert (found is not None) == alike
    if found:
        assert found.verdict == "same"
        assert "60%" in found.reason


@pytest.mark.parametrize(
    ("measured", "empty", "gain", "verdict", "number"),
    [
        (point(), 0.0, CLEAR, "works", "from 20% to 70%"),
        (point(), 0.5, CLEAR, "breaks", "50% of the answers are empty"),
        (point(fluency=0.4), 0.0, CLEAR, "breaks", "40%"),
        (point(), 0.0, LITTLE, "weak", "from 20% to 24%"),
        (point(), 0.0, Interval(0.3, -0.01, 0.6), "weak", "from 20% to 50%"),
        (point(added_repetition=0.2), 0.0, CLEAR, "repeats", "20% more"),
        (point(relevance=0.5), 0.0, CLEAR, "forgets", "50% as well"),
        (point(relevance=-0.1), 0.0, CLEAR, "forgets", "only 0% as well"),
        (point(relevance=0.5, added_repetition=0.2), 0.0, LITTLE, "weak", "little of your style"),
    ],
)
def test_each_verdict_has_its_number(
    measured: StrengthPoint, empty: float, gain: Interval, verdict: str, number: str
) -> None:
    found = judgement(measured, empty, PLAIN, gain, 0.5)
    assert found.verdict == verdict
    assert number in found.reason
    assert found.reason.startswith("At strength 0.75")
    assert verdict in TITLES


def test_without_a_reliable_judge_the_loss_on_the_examples_decides() -> None:
    assert judgement(point(), 0.0, None, None, 0.5).verdict == "works"
    assert "0.50 nats a token easier" in judgement(point(), 0.0, None, None, 0.5).reason
    assert judgement(point(), 0.0, None, None, 0.02).verdict == "weak"


def test_the_reason_says_where_an_instruction_was_beside_the_map() -> None:
    assert judgement(point(), 0.0, PLAIN, CLEAR, 0.5, told=True).reason.startswith(
        "With its instruction and at strength 0.75"
    )
