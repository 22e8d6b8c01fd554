"""Answers at several strengths, read by a tiny model."""

import pytest

from lineas.evaluation.advice import difference
from lineas.evaluation.strength_sweep import measure_sweep
from lineas.models.progress import finish

PROMPTS = ["the day", "my ship"]


def test_answers_are_compared_with_the_plain_ones(tiny_model) -> None:
    texts = [["the day was good .", "my ship ."], ["the sea the sea the sea the sea", "my ship ."]]
    counted = finish(measure_sweep(tiny_model, [0.0, 1.0], PROMPTS, texts))
    plain, steered = counted.points
    assert not counted.judged
    assert (plain.effect, plain.fluency) == (0.0, 1.0)
    assert plain.relevance == pytest.approx(1.0)
    assert steered.effect == pytest.approx((difference(texts[0][0], texts[1][0]) + 0) / 2)
    assert steered.fluency < 1
    judged = finish(
        measure_sweep(tiny_model, [0.0, 1.0], PROMPTS, texts, lambda found: [float("sea" in t) for t in found])
    )
    assert judged.judged
    assert [point.effect for point in judged.points] == [0.0, 0.5]


def test_a_strength_with_only_empty_answers_is_unreadable(tiny_model) -> None:
    found = finish(measure_sweep(tiny_model, [0.0, 2.0], PROMPTS[:1], [["the day was good ."], [" "]]))
    assert found.points[1].fluency == 0.0
    assert found.best is None
