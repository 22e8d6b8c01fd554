"""A dry run, by which exports find out how modules of a network are connected."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


@torch.no_grad()
def run_three_tokens(network: nn.Module, hooks: Iterable[RemovableHandle]) -> None:
    """Run three tokens through the network, and remove the hooks that were watching."""
    try:
        network(input_ids=torch.tensor([[1, 2, 3]], device=next(network.parameters()).device), use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
