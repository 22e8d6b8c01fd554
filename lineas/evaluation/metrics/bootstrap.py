"""Bootstrap confidence intervals of a mean, without assuming a distribution."""

from collections.abc import Sequence

import torch

from lineas.evaluation.findings import Interval

RESAMPLES = 2000
LEVEL = 0.95


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean of independent values, at least one, with its percentile interval at ``LEVEL``; deterministic."""
    sample = torch.tensor(values, dtype=torch.float64)
    drawn = torch.randint(len(sample), (RESAMPLES, len(sample)), generator=torch.Generator().manual_seed(0))
    edges = torch.tensor([(1 - LEVEL) / 2, (1 + LEVEL) / 2], dtype=torch.float64)
    low, high = sample[drawn].mean(dim=1).quantile(edges).tolist()
    return Interval(float(sample.mean()), low, high)


def gain_interval(before: Sequence[float], after: Sequence[float]) -> Interval:
    """Mean of after − before, paired: the same prompt answered twice."""
    return mean_interval([b - a for a, b in zip(before, after, strict=True)])
