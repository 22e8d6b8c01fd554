"""Linear layers whose weight also lies in memory in the order in which the processor's kernels read it.

PyTorch multiplies by MKL, which puts a weight in order anew for every product; for a handful of rows that takes as long as the
product. oneDNN, which PyTorch brings along, takes a weight that was put in order once. It takes the memory of the weights once
more.
"""

from typing import Any

import torch
from torch import Tensor, nn

FEWEST = 3
"""Rows; for one or two the product takes as long as reading the weight, in whichever order."""
ROWS_PACKED_FOR = 16
"""A hint to oneDNN; the order that it chooses for so many was faster for 3 and for the hundreds of a training, too."""


class PackedLinear(nn.Linear):
    """``nn.Linear``, the same to rounding, and faster from ``FEWEST`` rows on (all but the last dimension of the input).

    The packed weight is kept with the weight, so that a copy of the network shares it, or goes without: it does what the next
    class of the layer does.
    """

    def forward(self, input: Tensor) -> Tensor:
        packed = _packed(self.weight)
        if packed is None or input.numel() < FEWEST * self.in_features or self.weight.requires_grad:
            return super().forward(input)
        output: Tensor = _Product.apply(input, packed, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return output


def can_pack() -> bool:
    """Whether this PyTorch has oneDNN's kernels for x86."""
    return torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability().startswith("AVX")


def pack(layer: nn.Linear) -> None:
    """Puts a copy of the layer's weight (float32, on the processor) in order, for ``PackedLinear`` to use."""
    ordered = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), ROWS_PACKED_FOR)
    layer.weight.packed = ordered, layer.weight._version  # type: ignore[attr-defined]


def unpack(layer: nn.Linear) -> None:
    """Gives the memory of ``pack`` back."""
    del layer.weight.packed  # type: ignore[attr-defined]


def _packed(weight: Tensor) -> Tensor | None:
    """The weight in order; None where it is not there, or the weight has been changed since."""
    ordered, version = getattr(weight, "packed", (None, 0))
    return ordered if version == weight._version else None


class _Product(torch.autograd.Function):
    """Input times packed weight; backward to the input, by the weight as it is."""

    @staticmethod
    def forward(context: Any, input: Tensor, packed: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        context.save_for_backward(weight)
        output: Tensor = torch.ops.mkldnn._linear_pointwise(input, packed, bias, "none", [], "")
        return output

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = context.saved_tensors
        return gradients[0] @ weight, None, None, None
