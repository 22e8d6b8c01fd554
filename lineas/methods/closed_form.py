"""One-dimensional maps in closed form from AcT (Rodriguez et al., arXiv 2410.23054, section 3), one for each coordinate."""

import torch
from torch import Tensor

from lineas.training.wasserstein import FixedTarget


def mean_shift(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Mean-AcT (section 3.2), also CAA's difference of means (arXiv 2312.06681): ω = 1, b = mean(target) − mean(source).

    Args:
        source: shape (n, d).
        target: shape (m, d).

    Returns:
        Scale and shift, each of shape (d,).
    """
    shift = target.mean(dim=0) - source.mean(dim=0)
    return torch.ones_like(shift), shift


def linear_fit(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Lin-AcT (Eq. 5): the least-squares line through the optimally matched (sorted) samples of each coordinate.

    ω = Σ w a~ b~ / Σ w a~² over the optimal coupling w, where a~ and b~ are the centred source and target, and
    b = mean(target) − ω·mean(source). Unequal sample sizes are matched by exact quantiles. ω = 1 where the source never varies.

    Args:
        source: shape (n, d).
        target: shape (m, d).

    Returns:
        Scale and shift, each of shape (d,).
    """
    matched, _ = FixedTarget(target).quantile_means(len(source))
    centred = source.sort(dim=0).values - source.mean(dim=0)
    variance = centred.square().sum(dim=0)
    covariance = (centred * (matched - target.mean(dim=0))).sum(dim=0)
    varies = variance > torch.finfo(source.dtype).eps * source.square().sum(dim=0)
    scale = torch.where(varies, covariance / torch.where(varies, variance, 1.0), 1.0)
    return scale, target.mean(dim=0) - scale * source.mean(dim=0)
