"""ITI-C: inference-time intervention (Li et al., arXiv 2306.03341, Eq. 2) with a classifier's direction, a + λσθ.

θ is the unit normal of a logistic classifier between source and target, pointing to the target. σ is the standard deviation of all
activations, of both sides, along θ. The strength λ is ITI's α. σ does not grow with the distance between the sides, so useful
strengths are often far above 1 (ITI: 15).

Differences from ITI: it fits one classifier for each attention head on the last token, and shifts the few dozen heads with the most
accurate classifiers before the output projection. As in LinEAS's comparison (arXiv 2503.10679), "ITI-C" fits one classifier for the
whole output of each attention, on means over tokens, and shifts all sites. Left out: the choice of heads and its held-out accuracy,
and the variants with mean differences or random directions.
"""

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from lineas.methods.fitting import default_sites, fit_sites
from lineas.training.float64 import to_float64
from lineas.training.logistic import logistic_fit


def direction_shift(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scale 1 and shift σθ of one site; shapes (n, d) and (m, d) to (d,) and (d,). The shift is 0 if the sides do not differ."""
    normal, _ = logistic_fit(source, target)
    direction = functional.normalize(normal, dim=0)
    spread = (to_float64(torch.cat([source, target])) @ direction).std(correction=0)
    return torch.ones_like(source[0]), (spread * direction).to(source)


train = partial(fit_sites, "iti_c", direction_shift, find=default_sites("attention"))
