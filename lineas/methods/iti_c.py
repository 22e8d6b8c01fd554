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
from lineas.training.float64 import to_float64
from lineas.training.logistic import logistic_fit


def direction_shift(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """ω = 1, b = σθ; (n, d) and (m, d) to two tensors of shape (d,). Where nothing tells the sides apart, b = 0."""
    normal, _ = logistic_fit(source, target)
    direction = functional.normalize(normal, dim=0)
    spread = (to_float64(torch.cat([source, target])) @ direction).std(correction=0)
    return torch.ones_like(source[0]), (spread * direction).to(source)


train = partial(fit_sites, "iti_c", direction_shift, find=own_sites("attention"))
