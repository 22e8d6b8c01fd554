"""Linear layers that are faster than ``nn.Linear`` on the CPU in float32, chosen by timing them when a network is loaded.

PyTorch multiplies with MKL, which is slow for few rows (decoding), above all on AMD processors. Two other kinds of layer give the
same results up to rounding:

- ``NarrowLinear``, for up to 16 rows, computes W xᵀ. A product with one or two rows could take as little as reading the weight from
  memory, but on an AMD EPYC MKL takes four times as long for x Wᵀ as for W xᵀ with an even number of columns.
- ``PackedLinear``, for three rows or more, keeps a second copy of the weight in oneDNN's memory layout. MKL reorders the weight in
  every product, which for a handful of rows takes as long as the product itself.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineas.models.hardware import free_memory

LARGE = 64_000_000
"""Minimum bytes of weights for a choice; smaller networks may stay in the processor's cache, where it makes little difference."""
MIN_SPEEDUP = 1.2
"""Minimum speed-up that justifies another kind of layer."""
PACKED_SHARE = 0.25
"""Maximum share of the free memory that packed weights may take."""
TIMED_EVERY, ROUNDS = 5, 2
"""Every fifth layer is timed, in two rounds, so that weights come from memory. The output layer, by far the largest, is one."""
NARROW_SIZES = (2, 4, 8, 16)
"""Row counts that ``NarrowLinear`` pads to. Within one size all rows are computed alike, so equal rows give equal results."""
MIN_PACKED_ROWS = 3
"""Fewest rows for which a packed weight is used."""
PACKED_FOR = 16
"""Row count given to oneDNN as a hint; the layout for 16 rows is faster for 3 rows and for the hundreds of a training step, too."""


class NarrowLinear(nn.Linear):
    """Linear layer that is faster for up to 16 rows (product of all but the last dimension of the input)."""

    def forward(self, input: Tensor) -> Tensor:
        rows = input.numel() // self.in_features
        size = next((size for size in NARROW_SIZES if rows <= size), None)
        if size is None:
            return super().forward(input)
        flat = functional.pad(input.reshape(rows, self.in_features), (0, 0, 0, size - rows))
        output = torch.mm(self.weight, flat.t()).t()[:rows]
        output = output.contiguous() if self.bias is None else output + self.bias
        return output.view(*input.shape[:-1], self.out_features)


class PackedLinear(nn.Linear):
    """Linear layer that is faster from ``MIN_PACKED_ROWS`` rows on.

    The packed copy is an attribute of the weight, so a copy of the network shares it or has none; without it, or if the weight has
    changed since or is being trained, the layer computes what its next base class does.
    """

    def forward(self, input: Tensor) -> Tensor:
        packed, version = getattr(self.weight, "packed", (None, 0))
        usable = packed is not None and version == self.weight._version and not self.weight.requires_grad
        if not usable or input.numel() < MIN_PACKED_ROWS * self.in_features:
            return super().forward(input)
        output: Tensor = _PackedProduct.apply(input, packed, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return output


class PackedNarrowLinear(PackedLinear, NarrowLinear):
    """Linear layer that is packed for three rows or more, and narrow for one or two."""


class _PackedProduct(torch.autograd.Function):
    """Input times packed weight. The gradient goes to the input only, through the plain weight."""

    @staticmethod
    def forward(context: Any, input: Tensor, packed: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        context.save_for_backward(weight)
        output: Tensor = torch.ops.mkldnn._linear_pointwise(input, packed, bias, "none", [], "")
        return output

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = context.saved_tensors
        return gradients[0] @ weight, None, None, None


TIMED_ROWS: dict[type[nn.Linear], tuple[int, ...]] = {NarrowLinear: (1, 2), PackedLinear: (11,)}
"""Row counts that each kind is timed with: one answer, two side by side, and eleven strengths."""


def choose_linear_layers(network: nn.Module) -> None:
    """Change the class of a frozen network's float32 linear layers on the CPU to the fastest kind on this computer.

    They stay ``nn.Linear`` where nothing is faster, and where PyTorch's private oneDNN operators are missing or fail.
    """
    layers = [
        module
        for module in network.modules()
        if type(module) is nn.Linear and module.weight.device.type == "cpu" and module.weight.dtype == torch.float32
    ]
    size = sum(layer.weight.nbytes for layer in layers)
    if size < LARGE:
        return
    fits = can_pack() and size < PACKED_SHARE * free_memory(torch.device("cpu"))
    packed = fits and _pack_if_faster(layers)
    narrow = _is_faster(NarrowLinear, layers)
    if packed:
        _set_class(layers, PackedNarrowLinear if narrow else PackedLinear)
    else:
        _set_class(layers, NarrowLinear if narrow else nn.Linear)


def use_plain_linear_layers(network: nn.Module) -> None:
    """Undo ``choose_linear_layers``: the layers are PyTorch's own again, and their packed copies are gone."""
    layers = [module for module in network.modules() if isinstance(module, NarrowLinear | PackedLinear)]
    for layer in layers:
        vars(layer.weight).pop("packed", None)
    _set_class(layers, nn.Linear)


def can_pack() -> bool:
    """Return whether this PyTorch has oneDNN's kernels for x86 and the operators that use them."""
    return torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability().startswith("AVX")


def pack(layer: nn.Linear) -> None:
    """Add a copy in oneDNN's layout to the layer's weight (float32, on the CPU), and the version of the weight it was made from."""
    packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), PACKED_FOR)
    layer.weight.packed = packed, layer.weight._version  # type: ignore[attr-defined]


def _pack_if_faster(layers: Sequence[nn.Linear]) -> bool:
    faster = False
    try:
        for layer in layers:
            pack(layer)
        faster = _is_faster(PackedLinear, layers)
    except (AttributeError, RuntimeError, TypeError):  # private operators may be gone or different in another PyTorch
        _set_class(layers, nn.Linear)
    if not faster:
        for layer in layers:
            vars(layer.weight).pop("packed", None)
    return faster


def _is_faster(kind: type[nn.Linear], layers: Sequence[nn.Linear]) -> bool:
    layers = layers[::-TIMED_EVERY]
    best: dict[type[nn.Linear], float] = {nn.Linear: math.inf, kind: math.inf}
    with torch.inference_mode():
        for _ in range(ROUNDS):
            for each in best:
                _set_class(layers, each)
                began = time.perf_counter()
                for rows in TIMED_ROWS[kind]:
                    for layer in layers:
                        layer(layer.weight[:rows])
                best[each] = min(best[each], time.perf_counter() - began)
    return best[nn.Linear] > MIN_SPEEDUP * best[kind]


def _set_class(layers: Sequence[nn.Linear], kind: type[nn.Linear]) -> None:
    for layer in layers:
        layer.__class__ = kind
