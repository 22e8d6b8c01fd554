"""Examples that sound like the other side: by hand, on Gaussian points, and on tiny models."""

import pytest
import torch
from tiny import SOURCE, TARGET, make_model

from lineas.evaluation.metrics.sides import WRONG_WAY, example_sides, leave_one_out_positions
from lineas.models.progress import finish


def test_a_position_is_computed_without_the_point_itself():
    own, other = torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[10.0], [12.0]])
    # without the first: rest mean 3, other 11, middle 7: (0 − 7) · (3 − 11) · 2 / 64; and the means' variances 4/2 and 2/2
    expected = (2 * (0 - 7) * (3 - 11) + 4 / 2 - 2 / 2) / 64
    assert leave_one_out_positions(own, other)[0] == pytest.approx(expected)


@pytest.mark.parametrize(("few", "many"), [(8, 64), (64, 8), (12, 12)])
def test_sides_of_unequal_length_are_not_flagged(few, many):
    """Points of two mildly different Gaussians: hardly any is flagged, however unequal the lists are."""
    flagged = []
    for seed in range(10):
        generator = torch.Generator().manual_seed(seed)
        own = torch.randn(few, 200, generator=generator)
        other = torch.randn(many, 200, generator=generator) * 1.2 + 0.2
        flagged += (leave_one_out_positions(own, other) < WRONG_WAY).tolist()
        flagged += (leave_one_out_positions(other, own) < WRONG_WAY).tolist()
    assert sum(flagged) / len(flagged) < 0.05


@pytest.mark.parametrize(("few", "many"), [(8, 64), (64, 8)])
def test_swapped_points_are_flagged(few, many):
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(few, 200, generator=generator)
    other = torch.randn(many, 200, generator=generator) + 1.0
    swapped = torch.cat([own[1:], other[:1]]), torch.cat([other[1:], own[:1]])
    for one, rest in (swapped, swapped[::-1]):
        assert (leave_one_out_positions(one, rest) < WRONG_WAY).nonzero().tolist() == [[len(one) - 1]]


def test_a_sentence_on_the_wrong_side_is_flagged():
    model = make_model("llama")
    source, target = SOURCE * 2, [*TARGET, *TARGET, SOURCE[2]]
    found = finish(example_sides(model, source, target))
    flagged = {(example.which, example.index) for example in found.wrong_way}
    assert ("target", len(target) - 1) in flagged
    positions = [example.position for example in found.wrong_way]
    assert positions == sorted(positions)
    assert positions[0] < 0
    assert all(
        example.sentence == (source, target)[example.which == "target"][example.index] for example in found.wrong_way
    )
    assert found.separability > 0.6


def test_few_examples_are_not_flagged(tiny_model):
    assert finish(example_sides(tiny_model, SOURCE[:4], [*SOURCE[4:7], TARGET[0]])).wrong_way == ()
