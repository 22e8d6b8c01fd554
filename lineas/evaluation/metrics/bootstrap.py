"""How sure a mean is: confidence intervals by resampling, without assuming a distribution."""

from collections.abc import Sequence

import torch

from lineas.evaluation.findings import Interval

RESAMPLES = 2000


def mean_interval(values: Sequence[float], *, level: float = 0.95, seed: int = 0) -> Interval:
    """Mean of independent values, one for each prompt or sentence; at least one.

    Args:
        level: of confidence.
        seed: the same values and seed give the same interval.
    """
    sample = torch.tensor(values, dtype=torch.float64)
    drawn = torch.randint(len(sample), (RESAMPLES, len(sample)), generator=torch.Generator().manual_seed(seed))
    edges = torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    low, high = sample[drawn].mean(dim=1).quantile(edges).tolist()
    return Interval(float(sample.mean()), low, high)


def gain_interval(before: Sequence[float], after: Sequence[float], *, level: float = 0.95, seed: int = 0) -> Interval:
    """Mean of after − before, pair by pair: the same prompt answered twice."""
    return mean_interval([b - a for a, b in zip(before, after, strict=True)], level=level, seed=seed)
