"""Double precision, for the few sums in which single precision would cancel."""

import torch
from torch import Tensor


def to_float64(tensor: Tensor) -> Tensor:
    """Convert to float64; on the CPU where the tensor's device has no such numbers (Apple's Metal)."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).to(torch.float64)
