"""ITI-C: inference-time intervention (Li et al., arXiv 2306.03341) with a classifier's direction, a + σθ at attention outputs.

θ is the unit normal of a logistic classifier that tells source from target, pointing to the target; σ is the standard
deviation of all activations, of both sides, along θ; the strength λ is ITI's α. Since σ does not grow with the distance
between the two sides, useful strengths are often far above 1 (ITI: 15).

ITI fits a classifier on the last token of every head, and shifts, before the output projection, the few dozen heads whose
classifiers are the most accurate. Here, as in LinEAS's comparison (arXiv 2503.10679), "ITI-C" means one classifier for the
whole output of each attention, on means over tokens, and all sites are shifted. Left out: the choice of heads, and with it
the held-out accuracy; the variants with mean differences or random directions.
"""

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from lineas.methods.fitting import fit_sites, own_sites


def logistic_fit(source: Tensor, target: Tensor, strictness: float = 1.0) -> tuple[Tensor, Tensor]:
    """Logistic regression, target against source: minimises ½‖w‖² + strictness · Σ log(1 + exp(−y(w·z + c))), y = ±1.

    Args:
        source: shape (n, d); target: shape (m, d).
        strictness: weight of the data against the penalty; 1 is scikit-learn's default.

    Returns:
        w of shape (d,) and c of shape (), float64: w·z + c is the log-odds that z is of the target.
    """
    points = torch.cat([source, target]).double()
    centre = points.mean(dim=0)  # c is not penalised, so shifting the points changes nothing but the arithmetic
    points = points - centre
    labels = torch.cat([-torch.ones(len(source)), torch.ones(len(target))]).to(points)
    weights = torch.zeros(points.shape[1] + 1, dtype=points.dtype, device=points.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=500, tolerance_grad=1e-9, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = points @ weights[:-1] + weights[-1]
        value = 0.5 * weights[:-1].square().sum() + strictness * functional.softplus(-labels * odds).sum()
        value.backward()
        return value

    with torch.enable_grad():
        optimizer.step(loss)
    normal = weights.detach()[:-1]
    return normal, weights.detach()[-1] - normal @ centre


def direction_shift(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """ω = 1, b = σθ; (n, d) and (m, d) to two tensors of shape (d,). Where nothing tells the sides apart, b = 0."""
    normal, _ = logistic_fit(source, target)
    direction = functional.normalize(normal, dim=0)
    spread = (torch.cat([source, target]).double() @ direction).std(correction=0)
    return torch.ones_like(source[0]), (spread * direction).to(source.dtype)


train = partial(fit_sites, "iti_c", direction_shift, find=own_sites("attention"))
