"""Verdicts and their reasons, from made-up measures."""

import pytest

from lineas.evaluation.findings import CostPoint, HeldOut, Interval, TextReport
from lineas.evaluation.metrics.text_statistics import TextStatistics
from lineas.evaluation.recommend import Recommendation
from lineas.evaluation.verdict import best_readable, final_verdict, first_verdict, identical, text_problem


def text(repetition=0.05, empty=0.0, perplexity=10.0, score=0.2, gain=None):
    statistics = TextStatistics(0.5, 0.8, repetition, 30.0, empty)
    interval = None if score is None else Interval(score, score - 0.05, score + 0.05)
    return TextReport(("text",), interval, gain, perplexity, statistics)


PLAIN = text()
GOOD = Recommendation(0.9, 0.8, 0.2, (CostPoint(0.0, 4.0, 4.0),))
WORKS = first_verdict(0.95, 32, GOOD)
CARRIED = HeldOut(6, 1.0, 0.5, 4.0, 3.5)


def test_the_same_sentences_in_another_order_are_identical():
    assert identical(["a b", "c"], ["c", "a  b"])
    assert not identical(["a", "c"], ["c", "d"])


@pytest.mark.parametrize(
    ("separability", "fewest", "strength", "verdict"),
    [
        (0.95, 32, GOOD, "works"),
        (0.6, 32, GOOD, "same"),
        (0.6, 5, GOOD, "works"),  # five sentences are too few to judge
        (0.95, 32, Recommendation(1.0, 0.02, 0.1, GOOD.curve), "weak"),
        (0.95, 32, Recommendation(1.0, 0.5, 2.0, GOOD.curve), "breaks"),
        (0.95, 32, Recommendation(1.0, 0.5, 0.2, (CostPoint(0.0, 8.4, 4.0),)), "breaks"),  # words in no order
    ],
)
def test_the_first_verdict_comes_from_losses(separability, fewest, strength, verdict):
    assert first_verdict(separability, fewest, strength).verdict == verdict


def test_the_final_verdict_comes_from_the_judge():
    clear = text(score=0.7, gain=Interval(0.5, 0.4, 0.6), perplexity=30.0)
    found = final_verdict(WORKS, 0.95, PLAIN, clear, 100.0, CARRIED)
    assert found.verdict == "works"
    assert "from 20% to 70%" in found.reason
    assert "not used for teaching" in found.reason
    assert final_verdict(WORKS, 0.95, PLAIN, text(gain=Interval(0.04, 0.01, 0.06)), 100.0, None).verdict == "weak"
    assert final_verdict(WORKS, 0.95, PLAIN, text(gain=Interval(0.2, -0.01, 0.4)), 100.0, None).verdict == "weak"


def test_without_a_reliable_judge_the_losses_decide():
    little = text(gain=Interval(0.0, -0.1, 0.1))
    assert final_verdict(WORKS, 0.6, PLAIN, little, 100.0, None).verdict == "works"
    assert final_verdict(WORKS, None, PLAIN, text(score=None), 100.0, None).verdict == "works"
    weak = first_verdict(0.95, 32, Recommendation(1.0, 0.02, 0.1, GOOD.curve))
    assert final_verdict(weak, None, PLAIN, text(score=None), 100.0, None).verdict == "weak"


def test_sides_are_alike_only_if_the_judge_agrees():
    alike = first_verdict(0.6, 32, GOOD)
    assert final_verdict(alike, 0.6, PLAIN, PLAIN, 100.0, None).verdict == "same"
    clear = text(score=0.7, gain=Interval(0.5, 0.4, 0.6))
    assert final_verdict(alike, 0.95, PLAIN, clear, 100.0, None).verdict == "works"


@pytest.mark.parametrize(
    ("steered", "word"),
    [(text(empty=0.5), "empty"), (text(repetition=0.6), "repeats"), (text(perplexity=500.0), "fall apart")],
)
def test_broken_text_is_named(steered, word):
    assert word in text_problem(PLAIN, steered, 100.0)
    assert final_verdict(WORKS, 0.95, PLAIN, steered, 100.0, None).verdict == "breaks"


def test_a_strong_style_is_not_broken():
    assert text_problem(PLAIN, text(perplexity=90.0), 150.0) == ""
    assert text_problem(PLAIN, text(perplexity=140.0), 150.0) == ""  # as unusual as the examples are


def test_a_lower_strength_is_chosen_when_the_text_breaks():
    good, bad = text(), text(repetition=0.9)
    assert best_readable([(1.0, bad), (0.75, good)], PLAIN, 100.0) == (0.75, good)
    assert best_readable([(1.0, good), (0.75, good)], PLAIN, 100.0) == (1.0, good)
    assert best_readable([(1.0, bad), (0.75, bad)], PLAIN, 100.0) == (0.75, bad)
