"""The proximal step against direct numerical minimisation."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from lineas.training.proximal import largest, shrink


def objective(z: np.ndarray, x: np.ndarray, threshold: float, group: float) -> float:
    """½‖z−x‖² + t‖z‖₁ + t_G √d ‖z‖₂, what the proximal operator minimises."""
    return float(
        0.5 * ((z - x) ** 2).sum() + threshold * np.abs(z).sum() + group * math.sqrt(len(x)) * np.linalg.norm(z)
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("threshold", "group"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.2, 0.15), (0.1, 2.0)])
def test_minimises_the_sparse_group_lasso(seed: int, threshold: float, group: float) -> None:
    x = np.random.default_rng(seed).normal(size=5)
    ours = shrink(torch.from_numpy(x), threshold, group).numpy()
    starts = [x, ours, np.zeros(5), 0.5 * x]
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    best = min(
        (minimize(objective, start, (x, threshold, group), method="Nelder-Mead", options=options) for start in starts),
        key=lambda result: result.fun,
    )
    assert objective(ours, x, threshold, group) <= best.fun + 1e-9
    np.testing.assert_allclose(ours, best.x, atol=2e-4)


def test_each_coordinate_may_have_its_own_threshold() -> None:
    thresholds = torch.tensor([0.1, 0.5, 2.0])
    assert shrink(torch.tensor([1.0, -1.0, 1.0]), thresholds, 0.0).tolist() == pytest.approx([0.9, -0.5, 0.0])


def test_shrinks_to_exact_zeros() -> None:
    assert shrink(torch.tensor([0.1, -0.2, 3.0]), 0.25, 0.0).tolist() == [0.0, 0.0, 2.75]
    assert shrink(torch.tensor([0.3, -0.4]), 0.0, 1.0).tolist() == [0.0, 0.0]
    assert shrink(torch.zeros(4), 0.1, 0.1).tolist() == [0.0] * 4


def test_largest_keeps_the_wanted_share() -> None:
    mask = largest(torch.tensor([0.1, 5.0, 0.2, 3.0, 0.0]), 0.4)
    assert mask.tolist() == [False, True, False, True, False]
    assert int(largest(torch.rand(1000), 0.013).sum()) == 13
    assert int(largest(torch.rand(10), 0.0001).sum()) == 1
