"""Linear layers for few rows at a time, as decoding has them.

For one or two rows a product takes as long as reading the weight from memory, and some BLAS libraries stay far below that: on the
AMD EPYC of benchmarks/README.md, MKL takes four times as long for x Wᵀ as for the same product as W xᵀ with an even number of
columns. Whether that is so here is measured when a network is loaded, in some hundredths of a second.
"""

import time
from collections.abc import Sequence
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

SIZES = (2, 4, 8, 16)
"""Rows are filled up to one of these; of more, the usual product is as fast. Within one size all rows are computed alike, so that
equal rows give equal results."""
WORTH = 1.5
"""Times as fast that it has to be."""
LARGE = 64_000_000
"""Bytes of weights, below which they may stay in the processor's cache, where this makes no difference."""
TRIED, ROUNDS = 70, 3
"""Layers that are timed, in turn, so that each comes from memory."""


class NarrowLinear(nn.Linear):
    """``nn.Linear``, the same to rounding, and faster for up to 16 rows (all but the last dimension of the input)."""

    def forward(self, input: Tensor) -> Tensor:
        rows = input.numel() // self.in_features
        size = next((size for size in SIZES if rows <= size), None)
        if size is None:
            return super().forward(input)
        flat = functional.pad(input.reshape(rows, self.in_features), (0, 0, 0, size - rows))
        output = torch.mm(self.weight, flat.t()).t()[:rows]
        output = output.contiguous() if self.bias is None else output + self.bias
        return output.view(*input.shape[:-1], self.out_features)


def make_narrow(network: nn.Module) -> None:
    """Lets the network's linear layers on the processor be ``NarrowLinear``, where that is faster on this computer."""
    layers = [
        module
        for module in network.modules()
        if type(module) is nn.Linear and module.weight.device.type == "cpu" and module.weight.dtype == torch.float32
    ]
    if sum(layer.weight.nbytes for layer in layers) >= LARGE and _faster(layers[:TRIED]):
        for layer in layers:
            layer.__class__ = NarrowLinear


def _faster(layers: Sequence[nn.Linear]) -> bool:
    """Whether it is for one row, which is what decoding has most of."""
    seconds: dict[type[nn.Linear], list[float]] = {nn.Linear: [], NarrowLinear: []}
    with torch.inference_mode():
        for _ in range(ROUNDS):
            for kind, taken in seconds.items():
                began = time.perf_counter()
                for layer in layers:
                    kind.forward(layer, layer.weight[:1])
                taken.append(time.perf_counter() - began)
    return median(seconds[nn.Linear]) > WORTH * median(seconds[NarrowLinear])
