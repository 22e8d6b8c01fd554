"""One-dimensional transport against SciPy, brute force and closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.stats import wasserstein_distance

from lineas.methods.closed_form import linear_fit, mean_shift
from lineas.training.float64 import to_float64
from lineas.training.wasserstein import FixedTarget, quantile_weights, wasserstein2

sizes = st.integers(1, 12)


def sample(rows: int, columns: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def brute_force(u: np.ndarray, v: np.ndarray) -> float:
    """W₂² by repeating both samples to their common multiple and solving the assignment problem."""
    common = np.lcm(len(u), len(v))
    cost = (np.repeat(u, common // len(u))[:, None] - np.repeat(v, common // len(v))[None]) ** 2
    return float(cost[linear_sum_assignment(cost)].mean())


@settings(deadline=None, max_examples=60)
@given(sizes, sizes, st.integers(0, 10_000))
def test_agrees_with_the_assignment_problem(n: int, m: int, seed: int) -> None:
    u, v = sample(n, 3, seed), sample(m, 3, seed + 1)
    expected = [brute_force(u[:, k].numpy(), v[:, k].numpy()) for k in range(3)]
    np.testing.assert_allclose(wasserstein2(u, v), expected, rtol=0, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(sizes, sizes)
def test_the_coupling_is_scipys(n: int, m: int) -> None:
    """SciPy has W₁ only; the coupling is optimal for every convex cost, so it must give W₁ as well."""
    u, v = sample(n, 1, n).sort(dim=0).values[:, 0], sample(m, 1, m).sort(dim=0).values[:, 0]
    weights = quantile_weights(n, m)
    torch.testing.assert_close(weights.sum(dim=1), torch.full((n,), 1 / n, dtype=torch.float64))
    torch.testing.assert_close(weights.sum(dim=0), torch.full((m,), 1 / m, dtype=torch.float64))
    ours = float((weights * (u[:, None] - v[None]).abs()).sum())
    assert ours == pytest.approx(wasserstein_distance(u.numpy(), v.numpy()), abs=1e-9)


@pytest.mark.parametrize(("n", "m"), [(4, 4), (5, 3), (3, 7)])
def test_gradients(n: int, m: int) -> None:
    target = FixedTarget(sample(m, 2, 1))
    assert torch.autograd.gradcheck(target.distance, sample(n, 2, 2).requires_grad_())


def test_distance_to_itself_is_zero_in_any_order_and_multiplicity() -> None:
    u = sample(6, 4, 0)
    assert float(wasserstein2(u, u.flip(0)).abs().max()) < 1e-12
    assert float(wasserstein2(u, u.repeat(3, 1)).abs().max()) < 1e-12


def test_a_shift_costs_its_square_whatever_the_sizes() -> None:
    u = sample(8, 2, 0)
    np.testing.assert_allclose(wasserstein2(u + 3, u), [9, 9])
    np.testing.assert_allclose(wasserstein2(torch.zeros(5, 1).double(), torch.full((3, 1), 2.0).double()), [4])


def test_order_of_the_rows_does_not_matter() -> None:
    u, v = sample(9, 5, 0), sample(7, 5, 1)
    shuffled = wasserstein2(u[torch.randperm(9)], v[torch.randperm(7)])
    torch.testing.assert_close(shuffled, wasserstein2(u, v), rtol=0, atol=1e-12)


def test_lin_act_is_numpys_line_through_the_sorted_samples() -> None:
    u, v = sample(20, 3, 0), 2 * sample(20, 3, 1) + 5
    scale, shift = linear_fit(u, v)
    for k in range(3):
        slope, intercept = np.polyfit(np.sort(u[:, k].numpy()), np.sort(v[:, k].numpy()), 1)
        assert (float(scale[k]), float(shift[k])) == pytest.approx((slope, intercept))


def test_lin_act_of_unequal_sizes_is_the_line_through_the_repeated_samples() -> None:
    u, v = sample(4, 2, 0), sample(6, 2, 1)
    scale, shift = linear_fit(u, v)
    again, offset = linear_fit(u.repeat_interleave(3, 0), v.repeat_interleave(2, 0))
    torch.testing.assert_close((scale, shift), (again, offset))


def test_closed_forms_recover_an_affine_change_and_survive_a_constant() -> None:
    u = sample(30, 2, 0)
    scale, shift = linear_fit(u, 1.5 * u - 2)
    np.testing.assert_allclose((scale, shift), [[1.5, 1.5], [-2, -2]])
    np.testing.assert_allclose(mean_shift(u, u + 4)[1], [4, 4])
    scale, shift = linear_fit(torch.full((5, 1), 3.0), torch.full((4, 1), 7.0))
    assert (float(scale), float(shift)) == (1.0, 4.0)


class OnApple:
    """A tensor of a device without float64."""

    device = torch.device("mps")

    def __init__(self, values: torch.Tensor) -> None:
        self.values = values

    def cpu(self) -> torch.Tensor:
        return self.values


def test_a_device_without_float64_is_left_for_the_processor() -> None:
    assert to_float64(OnApple(torch.ones(3))).dtype == torch.float64  # type: ignore[arg-type]
    assert to_float64(torch.ones(3)).dtype == torch.float64
