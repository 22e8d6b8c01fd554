"""The fingerprint of a model, stored in a map so that it is not used on another one."""

import hashlib
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from lineas.steering.site import Site

_SAMPLE = 4096
"""Number of values of each matrix whose signs are hashed."""


def fingerprint(network: nn.Module, sites: Iterable[Site]) -> str:
    """Compute "<structure>:<weights>", two short hashes that are the same in every process and on every device.

    Structure: names and widths of the sites. If it differs, a map cannot be used. Weights: names and shapes of all parameters, the
    signs of an even sample of each matrix, and the values of each vector. Signs survive rounding, so a model loaded in float32,
    bfloat16 or float16 has one fingerprint (its vectors too, if they were trained in a 16-bit format). A fine-tuned model has
    another: among a million signs, a relative change of 1e-4 flips some.
    """
    structure = hashlib.sha256("\n".join(f"{site.name}:{site.width}" for site in sites).encode())
    weights = hashlib.sha256()
    for name, parameter in network.named_parameters():
        weights.update(f"{name}:{tuple(parameter.shape)}".encode())
        values = parameter.detach()
        # spread over processes (a DTensor): all of them call this together and put it together
        values = values.full_tensor() if hasattr(values, "full_tensor") else values
        weights.update(_stable_values(values).cpu().numpy().tobytes())
    return f"{structure.hexdigest()[:12]}:{weights.hexdigest()[:12]}"


def _stable_values(parameter: Tensor) -> Tensor:
    """Values of a parameter that its 16-bit and 32-bit versions share."""
    if parameter.ndim < 2:
        return parameter.to(torch.bfloat16).to(torch.float16)
    values = parameter.reshape(-1)
    return torch.signbit(values[:: max(1, values.numel() // _SAMPLE)])
