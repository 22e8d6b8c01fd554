"""Logistic regression and AUC, against a general optimizer and by hand."""

import pytest
import torch
from scipy.optimize import minimize
from torch.nn import functional

from lineas.training.logistic import auroc, logistic_fit


def test_logistic_regression_finds_the_minimum_of_its_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(12, 3, generator=generator), torch.randn(9, 3, generator=generator) + 0.7

    def loss(parameters):
        weights, offset = torch.tensor(parameters[:3]), parameters[3]
        odds = torch.cat([-(a.double() @ weights + offset), b.double() @ weights + offset])
        return float(0.5 * weights.square().sum() + 10 * functional.softplus(-odds).sum())

    weights, offset = logistic_fit(a, b, 10.0)
    found = minimize(loss, [0.0] * 4, method="BFGS", options={"gtol": 1e-8}).x
    torch.testing.assert_close(weights, torch.tensor(found[:3]), atol=1e-4, rtol=1e-4)
    assert float(offset) == pytest.approx(found[3], abs=1e-4)


def test_auc_counts_pairs_and_half_of_the_ties() -> None:
    # 5 beats 3 and 1; 3 beats 1 and equals 3; 2 beats 1 only: (2 + 1.5 + 1) / 6
    found = auroc(torch.tensor([[5.0], [3.0], [2.0]]), torch.tensor([[3.0], [1.0]]))
    assert found.tolist() == [pytest.approx(4.5 / 6)]
