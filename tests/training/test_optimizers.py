"""SiteAdam: one second moment for a site."""

import pytest
import torch
from torch import Tensor

from lineas.training.optimizers import SiteAdam

SLOPES = torch.tensor([3.0, -1.0, 0.5, 0.0])


def walk(optimizer: torch.optim.Optimizer, tensor: Tensor, slopes: list[Tensor]) -> Tensor:
    for slope in slopes:
        tensor.grad = slope.clone()
        optimizer.step()
    return tensor.detach()


def leaf(size: int) -> Tensor:
    return torch.ones(size, requires_grad=True)


def test_of_one_coordinate_it_is_adam() -> None:
    slopes = [torch.tensor([value]) for value in (2.0, -0.3, 0.7, 1.9)]
    mine, theirs = leaf(1), leaf(1)
    own = walk(SiteAdam([mine], lr=0.1, betas=(0.5, 0.9)), mine, slopes)
    torch.testing.assert_close(own, walk(torch.optim.Adam([theirs], lr=0.1, betas=(0.5, 0.9)), theirs, slopes))


def test_a_coordinate_moves_in_proportion_to_its_slope() -> None:
    tensor = leaf(4)
    moved = 1 - walk(SiteAdam([tensor], lr=0.1, betas=(0.5, 0.9)), tensor, [SLOPES])
    torch.testing.assert_close(moved / moved[0], SLOPES / SLOPES[0])
    assert float(moved.square().mean().sqrt()) == pytest.approx(0.1)


def test_steps_are_those_worked_out_by_hand() -> None:
    tensor = leaf(2)
    walk(SiteAdam([tensor], lr=1.0, betas=(0.5, 0.5)), tensor, [torch.tensor([1.0, 1.0]), torch.tensor([3.0, 0.0])])
    # first: m = (1, 1), v = 1. Then m = (.25 + 1.5, .25) / .75 and v = (.25·1 + .5·4.5) / .75
    expected = 1 - 1 - torch.tensor([1.75, 0.25]) / 0.75 / (2.5 / 0.75) ** 0.5
    torch.testing.assert_close(tensor.detach(), expected)


def test_tensors_do_not_share_a_moment_and_groups_keep_their_rates() -> None:
    one, other = leaf(4), leaf(4)
    optimizer = SiteAdam([{"params": [one], "lr": 0.1}, {"params": [other], "lr": 0.2}], lr=1.0, betas=(0.5, 0.9))
    one.grad, other.grad = SLOPES, 1000 * SLOPES
    optimizer.step()
    torch.testing.assert_close(2 * (1 - one.detach()), 1 - other.detach())


def test_what_has_no_slope_stays() -> None:
    tensor = leaf(4)
    SiteAdam([tensor], lr=0.1, betas=(0.5, 0.9)).step()
    assert torch.equal(tensor.detach(), torch.ones(4))
