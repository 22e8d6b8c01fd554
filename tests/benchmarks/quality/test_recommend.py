"""The recommended strength, from curves of losses."""

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import moved
from scipy.interpolate import PchipInterpolator
from tiny import SOURCE, TARGET

from benchmarks.quality.recommend import (
    DAMAGE_WEIGHT,
    MIN_STRENGTH,
    STRENGTHS,
    pchip,
    recommend,
    recommend_in_range,
    strength_at_damage,
)
from lineas.evaluation.findings import CostPoint
from lineas.evaluation.strength_range import range_end
from lineas.methods.prompting import Instruction
from lineas.models.progress import finish


def curve(target, wiki, strengths=STRENGTHS):
    return [CostPoint(s, target(s), wiki(s)) for s in strengths]


def test_the_minimum_of_a_parabola_is_found():
    # target (s−1)², no damage on Wikipedia: the minimum is at 1
    found = recommend(curve(lambda s: 4 + (s - 1) ** 2, lambda s: 4.0))
    assert found.strength == 1.0
    assert found.gain == pytest.approx(1.0)
    assert found.damage == pytest.approx(0.0)


def test_damage_lowers_the_strength():
    # (s−1)² + c·2s² is least at s = 1/(1+2c)
    found = recommend(curve(lambda s: 4 + (s - 1) ** 2, lambda s: 4 + 2 * s**2))
    assert found.strength == pytest.approx(1 / (1 + 2 * DAMAGE_WEIGHT), abs=0.026)


def test_strengths_recommended_for_measured_curves_read_well():
    """Losses of the default model with maps of the presets pirate and cheerful, on training sentences and on Wikipedia."""
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
def test_interpolation_equals_scipys_pchip(steps, share):
    xs = list(accumulate(width for width, _ in steps))
    ys = [value for _, value in steps]
    x = xs[0] + share * (xs[-1] - xs[0])
    assert pchip(xs, ys, x) == pytest.approx(float(PchipInterpolator(xs, ys)(x)), abs=1e-9)


def test_no_gain_appears_before_a_steep_rise():
    points = [CostPoint(*p) for p in [(0, 4.0, 4.0), (0.5, 3.5, 4.1), (1, 3.6, 4.6), (1.5, 9.0, 10.0)]]
    read = [recommend(points).at(i / 20).damage for i in range(31)]
    assert read == sorted(read) and read[0] == 0
    assert recommend(points).strength <= 0.65


def test_a_map_that_only_harms_gets_the_lowest_strength():
    found = recommend(curve(lambda s: 4 + s, lambda s: 4 + s))
    assert found.strength == MIN_STRENGTH
    assert found.gain < 0


def test_points_that_are_not_finite_are_left_out():
    points = curve(lambda s: 4 - s if s < 1.5 else math.nan, lambda s: 4.0)
    assert recommend(points).strength == 1.0
    lost = recommend([CostPoint(0.0, 4.0, 4.0), CostPoint(1.0, math.nan, math.inf)])
    assert lost.damage == math.inf


def test_a_curve_runs_along_the_range_of_the_map(tiny_model) -> None:
    steering = moved(tiny_model, 1.0)
    best = finish(recommend_in_range(tiny_model, steering, SOURCE, TARGET))
    end = best.curve[-1].strength
    assert end == finish(range_end(tiny_model, steering, TARGET))
    assert 0 < best.strength <= end
    assert [point.strength for point in best.curve] == pytest.approx([0, end / 3, 2 * end / 3, end])


def test_an_instruction_has_one_strength(tiny_model) -> None:
    best = finish(recommend_in_range(tiny_model, Instruction({}, {"instruction": "the sea"}), SOURCE, TARGET))
    assert best.strength == 1.0
    assert [point.strength for point in best.curve] == [0.0, 1.0]


def test_the_strength_at_a_damage_is_interpolated() -> None:
    curve = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.5)]
    assert strength_at_damage(curve, 0.05) == pytest.approx(0.5)
    assert strength_at_damage(curve, 0.3) == pytest.approx(1.5)
    assert strength_at_damage(curve, 9.0) == 2.0
    assert strength_at_damage([(0.0, 0.0), (1.0, math.nan)], 0.1) == 0.0
