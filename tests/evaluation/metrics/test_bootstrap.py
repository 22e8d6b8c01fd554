"""Bootstrap intervals against the normal approximation and cases computed by hand."""

import math

import pytest

from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval


def test_the_interval_of_equal_values_is_a_point():
    found = mean_interval([0.25] * 10)
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_the_interval_matches_the_normal_one():
    values = [i / 99 for i in range(100)]
    found = mean_interval(values)
    error = math.sqrt(sum((v - 0.5) ** 2 for v in values) / 99 / 100)
    assert found.mean == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(0.5 + 1.96 * error, abs=0.006)
    assert found == mean_interval(values)


def test_a_gain_is_paired():
    before, after = [0.0, 10.0, 20.0], [1.0, 11.0, 21.0]
    found = gain_interval(before, after)
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
