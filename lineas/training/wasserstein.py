"""Optimal transport in one dimension, coordinate by coordinate: exact for samples of any two sizes.

In one dimension the optimal coupling of two samples matches their quantile functions. For n and m points both are
step functions, so W₂² is a finite sum over the merged grid of their steps; no interpolation and no random subset
(which the paper's reference code draws from the larger side) is needed.
"""

from functools import lru_cache

import torch
from torch import Tensor

from lineas.training.float64 import to_float64

COLUMNS = 2048
"""Number of coordinates whose quantiles are computed at once."""


@lru_cache(maxsize=256)
def quantile_weights(n: int, m: int) -> Tensor:
    """Optimal coupling of n sorted points with m sorted points, each side uniformly weighted.

    Returns:
        float64, shape (n, m): entry (i, j) is the mass that the i-th smallest of n sends to the j-th smallest of m,
        the length of [i/n, (i+1)/n] ∩ [j/m, (j+1)/m]. Rows sum to 1/n, columns to 1/m.
    """
    # integers over the common denominator n·m, so that equal grid points meet exactly
    left = torch.maximum(torch.arange(n)[:, None] * m, torch.arange(m)[None, :] * n)
    right = torch.minimum(torch.arange(1, n + 1)[:, None] * m, torch.arange(1, m + 1)[None, :] * n)
    return (right - left).clamp(min=0).double() / (n * m)


class FixedTarget:
    """A target sample against which many source samples are compared.

    Against n source points, W₂² of one coordinate splits into (1/n) Σ_i (u_(i) − v̄_i)² + c, where v̄_i is the mean of
    the target's i-th n-quantile and c the target's spread within those quantiles: a sort and n differences, whatever
    the size of the target. Both are computed once for each n.

    Args:
        target: shape (m, d), any float dtype.
    """

    def __init__(self, target: Tensor) -> None:
        self.sorted = target.detach().sort(dim=0).values
        self._quantiles: dict[int, tuple[Tensor, Tensor]] = {}

    def quantile_means(self, n: int) -> tuple[Tensor, Tensor]:
        """v̄, shape (n, d), and c, shape (d,), for n source points."""
        if n not in self._quantiles:
            weights = quantile_weights(n, len(self.sorted))
            # few columns at a time: in float64 all of them, for thousands of points, would take a gigabyte
            parts = [_quantile_means(weights, columns) for columns in self.sorted.split(COLUMNS, dim=1)]
            means, spreads = zip(*parts, strict=True)
            self._quantiles[n] = torch.cat(means, dim=1), torch.cat(spreads)
        return self._quantiles[n]

    def distance(self, source: Tensor) -> Tensor:
        """W₂² for each coordinate between ``source`` (n, d) and the target; shape (d,), differentiable in ``source``."""
        means, spread = self.quantile_means(len(source))
        return (source.sort(dim=0).values - means).square().mean(dim=0) + spread


def _quantile_means(weights: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    target = to_float64(columns)
    means = len(weights) * (weights.to(target.device) @ target)
    # Var(v) = Σ w (v − v̄)² summed over both indices; expanded around the column means it would cancel badly
    centre = target.mean(dim=0)
    spread = ((target - centre) ** 2).mean(dim=0) - ((means - centre) ** 2).mean(dim=0)
    return means.to(columns), spread.clamp(min=0).to(columns)


def wasserstein2(source: Tensor, target: Tensor) -> Tensor:
    """Squared 1-D Wasserstein-2 distance for each coordinate (LinEAS Eq. 4).

    Args:
        source: shape (n, d).
        target: shape (m, d), taken as constant.

    Returns:
        shape (d,), dtype of ``source``; differentiable in ``source``.
    """
    return FixedTarget(target.to(source.dtype)).distance(source)
