"""AurA (Suau et al., "Whispering Experts", arXiv 2407.12824): damps the units that tell source from target, z ⊙ α.

α_k = 1 − 2(AUROC_k − ½) where AUROC_k > ½, else 1: AUROC_k is the probability that unit k responds more to a source sentence
than to a target sentence, so that a perfect detector of the source is silenced and a useless one left alone. A unit's response
to a sentence is its largest over the tokens. Units are the outputs of the linear layers in each MLP; where an MLP has none
(fused experts), of the MLP itself.

AurA has no strength of its own: here λ goes from the plain model (0) to the paper's (1). It can only take the source
away, not bring the target in. Left out: nothing else.
"""

import re
from functools import partial

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lineas.methods.fitting import fit_sites
from lineas.methods.pooling import largest, read_pooled
from lineas.models.sites import find_sites
from lineas.steering.site import Site, module_widths
from lineas.training.logistic import auroc


def damping(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """ω = α, b = 0; (n, d) and (m, d) to two tensors of shape (d,)."""
    excess = (auroc(source, target) - 0.5).clamp(min=0)
    return 1 - 2 * excess, torch.zeros_like(excess)


def mlp_linears(network: PreTrainedModel, sites: str) -> tuple[Site, ...]:
    """The linear layers in each MLP for "default", else ``find_sites``."""
    if sites != "default":
        return find_sites(network, sites)
    fired = module_widths(network)
    names = []
    for mlp in find_sites(network, "mlp"):
        inside = [
            f"{mlp.name}.{name}"
            for name, module in network.get_submodule(mlp.name).named_modules()
            if name and isinstance(module, nn.Linear | Conv1D) and f"{mlp.name}.{name}" in fired
        ]
        names += inside or [mlp.name]
    return find_sites(network, rf"^({'|'.join(map(re.escape, names))})$")


train = partial(fit_sites, "aura", damping, find=mlp_linears, read=partial(read_pooled, largest))
