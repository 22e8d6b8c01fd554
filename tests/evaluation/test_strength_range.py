"""The range of strengths of a map or an instruction, on a tiny model."""

import pytest
from judging import moved
from tiny import TARGET

from lineas.evaluation.metrics.cost import cost_curve
from lineas.evaluation.strength_range import (
    MAX_DAMAGE,
    MAX_STRENGTH,
    MIN_DAMAGE,
    MIN_STRENGTH,
    range_end,
)
from lineas.models.progress import finish
from lineas.steering.map import SteeringMap


def damage(model, steering, strength: float) -> float:
    before, after = finish(cost_curve(model, steering, TARGET, TARGET, (0.0, strength)))
    return after.wiki_loss - before.wiki_loss


@pytest.mark.parametrize("size", [0.01, 0.3, 30.0])
def test_a_range_ends_where_the_damage_is_clear(tiny_model, size: float) -> None:
    shifted = moved(tiny_model, 1.0)
    steering = SteeringMap(shifted.scale, {s: size * 10 * b for s, b in shifted.shift.items()})
    end = finish(range_end(tiny_model, steering, TARGET))
    assert MIN_STRENGTH <= end <= MAX_STRENGTH
    enough = damage(tiny_model, steering, end) >= MIN_DAMAGE
    assert end == MAX_STRENGTH or enough or damage(tiny_model, steering, 2 * end) > MAX_DAMAGE
    assert end <= 1 or damage(tiny_model, steering, end / 2) < MIN_DAMAGE


def test_the_range_of_a_map_without_effect_ends_at_the_highest_strength(tiny_model) -> None:
    widths = {site.name: site.width for site in tiny_model.sites}
    assert finish(range_end(tiny_model, SteeringMap.identity(widths), TARGET)) == MAX_STRENGTH
    assert finish(range_end(tiny_model, SteeringMap.identity(widths, {"method": "aura"}), TARGET)) == 1.0
