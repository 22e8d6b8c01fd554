"""The range of strengths of a map or an instruction, on a tiny model."""

import math

import pytest
from judging import moved
from tiny import SOURCE, TARGET

from lineas.evaluation.metrics.cost import sentence_losses, token_mean
from lineas.evaluation.strength_range import (
    MAX_DAMAGE,
    MAX_STRENGTH,
    MIN_DAMAGE,
    MIN_STRENGTH,
    range_end,
    recommend_in_range,
    strength_at_damage,
)
from lineas.methods.prompting import Instruction
from lineas.models.progress import finish
from lineas.steering.map import SteeringMap
from lineas.training.batching import tokenize


def damage(model, steering, strength: float) -> float:
    rows = tokenize(model, TARGET, 48)
    losses = [token_mean(finish(sentence_losses(model, rows, steering, s)), rows) for s in (0.0, strength)]
    return losses[1] - losses[0]


@pytest.mark.parametrize("size", [0.01, 0.3, 30.0])
def test_a_range_ends_where_the_damage_is_clear(tiny_model, size: float) -> None:
    shifted = moved(tiny_model, 1.0)
    steering = SteeringMap(shifted.scale, {s: size * 10 * b for s, b in shifted.shift.items()})
    end = finish(range_end(tiny_model, steering, TARGET))
    assert MIN_STRENGTH <= end <= MAX_STRENGTH
    enough = damage(tiny_model, steering, end) >= MIN_DAMAGE
    assert end == MAX_STRENGTH or enough or damage(tiny_model, steering, 2 * end) > MAX_DAMAGE
    assert end <= 1 or damage(tiny_model, steering, end / 2) < MIN_DAMAGE
    # ten times the map is a tenth of the strength
    best = finish(recommend_in_range(tiny_model, steering, SOURCE, TARGET))
    assert 0 < best.strength <= end
    assert [point.strength for point in best.curve] == pytest.approx([0, end / 3, 2 * end / 3, end])


def test_the_range_of_a_map_without_effect_ends_at_the_highest_strength(tiny_model) -> None:
    widths = {site.name: site.width for site in tiny_model.sites}
    assert finish(range_end(tiny_model, SteeringMap.identity(widths), TARGET)) == MAX_STRENGTH
    assert finish(range_end(tiny_model, SteeringMap.identity(widths, {"method": "aura"}), TARGET)) == 1.0


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
