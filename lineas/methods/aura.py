"""AurA (Suau et al., "Whispering Experts", arXiv 2407.12824): dampen the units that tell source from target, z ⊙ α.

α_k = 1 − 2(AUROC_k − ½) where AUROC_k > ½, else 1. AUROC_k is the probability that unit k responds more to a source sentence than
to a target sentence: a perfect detector of the source is silenced, a useless one is left alone. A unit's response to a sentence is
its maximum over the tokens. The units are the outputs of the linear layers in each MLP, or of the MLP itself where it has none
(fused experts).

AurA has no strength of its own: λ goes from the plain model (0) to the paper's α (1). It can only remove the source, not add the
target.
"""

import re
from functools import partial

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lineas.methods.fitting import fit_sites
from lineas.methods.pooling import max_pool, read_pooled
from lineas.models.sites import find_sites
from lineas.steering.site import Site, module_widths
from lineas.training.logistic import auroc


def damping(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scale α and shift 0 of each unit; shapes (n, d) and (m, d) to (d,) and (d,)."""
    excess = (auroc(source, target) - 0.5).clamp(min=0)
    return 1 - 2 * excess, torch.zeros_like(excess)


def mlp_linears(network: PreTrainedModel, sites: str) -> tuple[Site, ...]:
    """Linear layers in each MLP for "default"; otherwise the sites that ``find_sites`` finds."""
    if sites != "default":
        return find_sites(network, sites)
    fired = module_widths(network)
    names = []
    for mlp in find_sites(network, "mlp"):
        linears = [
            f"{mlp.name}.{name}"
            for name, module in network.get_submodule(mlp.name).named_modules()
            if name and isinstance(module, nn.Linear | Conv1D) and f"{mlp.name}.{name}" in fired
        ]
        names += linears or [mlp.name]
    return find_sites(network, rf"^({'|'.join(map(re.escape, names))})$")


train = partial(fit_sites, "aura", damping, find=mlp_linears, read=partial(read_pooled, max_pool))
