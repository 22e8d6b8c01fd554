"""A short text by which a map knows the model it was made for."""

import hashlib
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from lineas.steering.site import Site

_SAMPLE = 4096  # values of each parameter


def fingerprint(network: nn.Module, sites: Iterable[Site]) -> str:
    """ "<structure>:<weights>", two short hashes; the same in every process and on every device.

    Structure: names and widths of the sites; where it differs, a map cannot be used. Weights: names and shapes of all
    parameters, the signs of an even sample of each matrix, the values of each vector. Signs survive any rounding, so the same
    model loaded in float32, bfloat16 or float16 has the same fingerprint (vectors too, where they were trained in one of the
    16-bit formats), while a fine-tuned one has another: with a million signs, a change of a ten-thousandth turns some.
    """
    structure = hashlib.sha256("\n".join(f"{site.name}:{site.width}" for site in sites).encode())
    weights = hashlib.sha256()
    for name, parameter in network.named_parameters():
        weights.update(f"{name}:{tuple(parameter.shape)}".encode())
        weights.update(_traits(parameter.detach()).cpu().numpy().tobytes())
    return f"{structure.hexdigest()[:12]}:{weights.hexdigest()[:12]}"


def _traits(parameter: Tensor) -> Tensor:
    """What all 16- and 32-bit versions of a parameter have in common."""
    if parameter.ndim < 2:
        return parameter.to(torch.bfloat16).to(torch.float16)
    values = parameter.reshape(-1)
    return torch.signbit(values[:: max(1, values.numel() // _SAMPLE)])
