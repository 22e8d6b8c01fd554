"""Which linear layers a network on the processor gets: those that are faster on this computer.

PyTorch's own are far from what the processor can do where MKL does not know it well (AMD) and rows are few, as in decoding. What
helps is measured when a network is loaded, in some tenths of a second.
"""

import math
import time
from collections.abc import Sequence

import torch
from torch import nn

from lineas.models.hardware import free_memory
from lineas.models.narrow import NarrowLinear
from lineas.models.packed import PackedLinear, can_pack, pack, unpack

LARGE = 64_000_000
"""Bytes of weights, below which they may stay in the processor's cache, where this makes little difference."""
WORTH = 1.2
"""Times as fast that another kind has to be."""
ROWS = {NarrowLinear: (1, 2), PackedLinear: (11,)}
"""With which they are tried: an answer, two side by side, and a page of strengths."""
SHARE_OF_FREE_MEMORY = 0.25
"""That packed weights may take."""
EVERY, ROUNDS = 5, 2
"""Every so many layers are timed, in turn, so that each comes from memory; the last one, by far the largest, is among them."""


class PackedNarrowLinear(PackedLinear, NarrowLinear):
    """Packed for several rows, turned for one or two."""


def choose_linear_layers(network: nn.Module) -> None:
    """Lets a frozen network's float32 linear layers on the processor be of the kind that is the fastest on this computer."""
    layers = [
        module
        for module in network.modules()
        if type(module) is nn.Linear and module.weight.device.type == "cpu" and module.weight.dtype == torch.float32
    ]
    size = sum(layer.weight.nbytes for layer in layers)
    if size < LARGE:
        return
    kinds: list[type[nn.Linear]] = []
    if can_pack() and size < SHARE_OF_FREE_MEMORY * free_memory(torch.device("cpu")):
        for layer in layers:
            pack(layer)
        if _faster(PackedLinear, layers[::-EVERY]):
            kinds.append(PackedLinear)
        else:
            for layer in layers:
                unpack(layer)
    if _faster(NarrowLinear, layers[::-EVERY]):
        kinds.append(NarrowLinear)
    _make(layers, PackedNarrowLinear if len(kinds) == 2 else kinds[0] if kinds else nn.Linear)


def _faster(kind: type[PackedLinear] | type[NarrowLinear], layers: Sequence[nn.Linear]) -> bool:
    best: dict[type[nn.Linear], float] = {nn.Linear: math.inf, kind: math.inf}
    with torch.inference_mode():
        for _ in range(ROUNDS):
            for each in best:
                _make(layers, each)
                began = time.perf_counter()
                for rows in ROWS[kind]:
                    for layer in layers:
                        layer(layer.weight[:rows])
                best[each] = min(best[each], time.perf_counter() - began)
    return best[nn.Linear] > WORTH * best[kind]


def _make(layers: Sequence[nn.Linear], kind: type[nn.Linear]) -> None:
    for layer in layers:
        layer.__class__ = kind
