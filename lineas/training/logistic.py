"""Two classical ways to tell two samples apart: logistic regression, and the area under the ROC curve."""

import torch
from torch import Tensor
from torch.nn import functional

from lineas.training.float64 import to_float64


def logistic_fit(source: Tensor, target: Tensor, inverse_penalty: float = 1.0) -> tuple[Tensor, Tensor]:
    """Logistic regression of target against source: minimises ½‖w‖² + C · Σ log(1 + exp(−y(w·z + c))), y = ±1.

    The same as scikit-learn's ``LogisticRegression`` with its L2 penalty on w only.

    Args:
        source: shape (n, d).
        target: shape (m, d).
        inverse_penalty: C, weight of the data against the penalty; 1 is scikit-learn's default.

    Returns:
        w of shape (d,) and c of shape (), float64: w·z + c is the log-odds that z belongs to the target.
    """
    points = to_float64(torch.cat([source, target]))
    centre = points.mean(dim=0)  # c is not penalised, so shifting the points only improves the numerics
    points = points - centre
    labels = torch.cat([-torch.ones(len(source)), torch.ones(len(target))]).to(points)
    weights = torch.zeros(points.shape[1] + 1, dtype=points.dtype, device=points.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=500, tolerance_grad=1e-9, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = points @ weights[:-1] + weights[-1]
        value = 0.5 * weights[:-1].square().sum() + inverse_penalty * functional.softplus(-labels * odds).sum()
        value.backward()
        return value

    with torch.enable_grad():
        optimizer.step(loss)
    normal = weights.detach()[:-1]
    return normal, weights.detach()[-1] - normal @ centre


def auroc(source: Tensor, target: Tensor) -> Tensor:
    """Area under the ROC curve of each coordinate: the share of pairs in which the source's value is larger; ties count half.

    Equal to Mann and Whitney's U / nm (Hanley and McNeil, Radiology 1982).

    Args:
        source: shape (n, d).
        target: shape (m, d).

    Returns:
        Shape (d,), dtype of ``source``.
    """
    values, ranked = source.T.contiguous(), target.T.contiguous().sort(dim=1).values
    below = torch.searchsorted(ranked, values) + torch.searchsorted(ranked, values, right=True)
    return (below.to(source.dtype) / (2 * len(target))).mean(dim=1)
