"""Linear layers for few rows at a time, as decoding has them.

For one or two rows a product takes as long as reading the weight from memory, and some BLAS libraries stay far below that: on the
AMD EPYC of benchmarks/README.md, MKL takes four times as long for x Wᵀ as for the same product as W xᵀ with an even number of
columns.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SIZES = (2, 4, 8, 16)
"""Rows are filled up to one of these; of more, the usual product is as fast. Within one size all rows are computed alike, so that
equal rows give equal results."""


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
