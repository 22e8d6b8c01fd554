"""Reading a strength from losses, and the verdict from measures."""

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from lineas.evaluation.findings import CostPoint, HeldOut, Interval, TextReport
from lineas.evaluation.metrics.held_out import split
from lineas.evaluation.metrics.text_statistics import TextStatistics
from lineas.evaluation.recommend import MIN_STRENGTH, STRENGTHS, DAMAGE_WEIGHT, Recommendation, pchip, recommend
from lineas.evaluation.verdict import best_readable, text_problem, final_verdict, first_verdict, identical


def curve(target, wiki, strengths=STRENGTHS):
    return [CostPoint(s, target(s), wiki(s)) for s in strengths]


def test_the_minimum_of_a_parabola_is_found():
    # target (s−1)², Wikipedia without harm: the minimum is at 1
    found = recommend(curve(lambda s: 4 + (s - 1) ** 2, lambda s: 4.0))
    assert found.strength == 1.0
    assert found.gain == pytest.approx(1.0)
    assert found.damage == pytest.approx(0.0)


def test_damage_lowers_the_strength():
    # (s−1)² + c·2s² is least at s = 1/(1+2c)
    found = recommend(curve(lambda s: 4 + (s - 1) ** 2, lambda s: 4 + 2 * s**2))
    assert found.strength == pytest.approx(1 / (1 + 2 * DAMAGE_WEIGHT), abs=0.026)


def test_measured_curves_of_the_default_model():
    """Steered by maps of the presets pirate and cheerful; next-token losses on taught sentences and on Wikipedia."""
    pirate = [CostPoint(*p) for p in [(0, 4.672, 4.569), (0.5, 3.680, 4.645), (1, 3.176, 5.143), (1.5, 3.113, 6.092)]]
    cheerful = [
        CostPoint(*p) for p in [(0, 4.121, 4.569), (0.5, 3.513, 4.594), (1, 3.037, 4.697), (1.5, 2.815, 4.928)]
    ]
    assert 0.7 <= recommend(pirate).strength <= 0.9
    assert 1.0 <= recommend(cheerful).strength <= 1.3
    # the curve through four points meets the fifth that was measured
    assert recommend(pirate).at(0.75).gain == pytest.approx(4.672 - 3.369, abs=0.03)
    assert recommend(pirate).at(0.75).damage == pytest.approx(4.829 - 4.569, abs=0.03)


@given(st.lists(st.tuples(st.floats(0.1, 3), st.floats(-5, 5)), min_size=2, max_size=6), st.floats(0, 1))
def test_between_points_it_is_scipy_s_pchip(steps, share):
    xs = list(accumulate(width for width, _ in steps))
    ys = [value for _, value in steps]
    x = xs[0] + share * (xs[-1] - xs[0])
    assert pchip(xs, ys, x) == pytest.approx(float(PchipInterpolator(xs, ys)(x)), abs=1e-9)


def test_a_steep_rise_is_no_gain_before_it():
    points = [CostPoint(*p) for p in [(0, 4.0, 4.0), (0.5, 3.5, 4.1), (1, 3.6, 4.6), (1.5, 9.0, 10.0)]]
    read = [recommend(points).at(i / 20).damage for i in range(31)]
    assert read == sorted(read) and read[0] == 0
    assert recommend(points).strength <= 0.65


def test_a_map_that_only_harms_gets_the_least_strength():
    found = recommend(curve(lambda s: 4 + s, lambda s: 4 + s))
    assert found.strength == MIN_STRENGTH
    assert found.gain < 0


def test_what_is_no_number_is_left_out():
    points = curve(lambda s: 4 - s if s < 1.5 else math.nan, lambda s: 4.0)
    assert recommend(points).strength == 1.0
    lost = recommend([CostPoint(0.0, 4.0, 4.0), CostPoint(1.0, math.nan, math.inf)])
    assert lost.damage == math.inf


def text(repetition=0.05, empty=0.0, perplexity=10.0, score=0.2, gain=None):
    statistics = TextStatistics(0.5, 0.8, repetition, 30.0, empty)
    interval = None if score is None else Interval(score, score - 0.05, score + 0.05)
    return TextReport(("text",), interval, gain, perplexity, statistics)


PLAIN = text()
GOOD = Recommendation(0.9, 0.8, 0.2, (CostPoint(0.0, 4.0, 4.0),))
WORKS = first_verdict(0.95, 32, GOOD)
LIKE = HeldOut(6, 1.0, 0.5, 4.0, 3.5)


def test_the_same_sentences_in_another_order_are_identical():
    assert identical(["a b", "c"], ["c", "a  b"])
    assert not identical(["a", "c"], ["c", "d"])


@pytest.mark.parametrize(
    ("separability", "fewest", "strength", "verdict"),
    [
        (0.95, 32, GOOD, "works"),
        (0.6, 32, GOOD, "same"),
        (0.6, 5, GOOD, "works"),  # five sentences cannot tell
        (0.95, 32, Recommendation(1.0, 0.02, 0.1, GOOD.curve), "weak"),
        (0.95, 32, Recommendation(1.0, 0.5, 2.0, GOOD.curve), "breaks"),
        (0.95, 32, Recommendation(1.0, 0.5, 0.2, (CostPoint(0.0, 8.4, 4.0),)), "breaks"),  # words in no order
    ],
)
def test_first_look(separability, fewest, strength, verdict):
    assert first_verdict(separability, fewest, strength).verdict == verdict


def test_final_look():
    heard = text(score=0.7, gain=Interval(0.5, 0.4, 0.6), perplexity=30.0)
    found = final_verdict(WORKS, 0.95, PLAIN, heard, 100.0, LIKE)
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


def test_alike_only_where_the_judge_agrees():
    alike = first_verdict(0.6, 32, GOOD)
    assert final_verdict(alike, 0.6, PLAIN, PLAIN, 100.0, None).verdict == "same"
    heard = text(score=0.7, gain=Interval(0.5, 0.4, 0.6))
    assert final_verdict(alike, 0.95, PLAIN, heard, 100.0, None).verdict == "works"


@pytest.mark.parametrize(
    ("steered", "word"),
    [(text(empty=0.5), "empty"), (text(repetition=0.6), "repeats"), (text(perplexity=500.0), "fall apart")],
)
def test_broken_text(steered, word):
    assert word in text_problem(PLAIN, steered, 100.0)
    assert final_verdict(WORKS, 0.95, PLAIN, steered, 100.0, None).verdict == "breaks"


def test_a_strong_style_is_not_broken():
    assert text_problem(PLAIN, text(perplexity=90.0), 150.0) == ""
    assert text_problem(PLAIN, text(perplexity=140.0), 150.0) == ""  # as odd as the examples are


def test_a_lower_strength_is_taken_where_the_text_breaks():
    good, bad = text(), text(repetition=0.9)
    assert best_readable([(1.0, bad), (0.75, good)], PLAIN, 100.0) == (0.75, good)
    assert best_readable([(1.0, good), (0.75, good)], PLAIN, 100.0) == (1.0, good)
    assert best_readable([(1.0, bad), (0.75, bad)], PLAIN, 100.0) == (0.75, bad)


def test_every_fifth_sentence_is_held_out():
    taught, left = split([str(i) for i in range(11)])
    assert left == ["4", "9"]
    assert len(taught) == 9
    assert HeldOut(2, 1.0, 0.9, 4.0, 3.9).carries_over
    assert not HeldOut(2, 1.0, 0.9, 4.0, 4.1).carries_over
