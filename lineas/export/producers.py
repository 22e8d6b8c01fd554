"""Maps that only shift what a block returns: the module inside that adds to it last, found in a dry run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.export.dry_run import run_three_tokens

TOLERANCE = 1e-4
"""Largest relative difference at which what arrives still is what was added. In the built-in model rounding makes less than 1e-6,
and the MLP after a layer of the attention more than 1e-3."""


@dataclass(frozen=True)
class ShiftFold:
    """Where the shift of a site without a weight goes.

    Attributes:
        site: name of a block, or of a part of one.
        producer: name of a module inside, whose bias takes the shift.
        factor: what the block multiplies the producer's output by before it adds it; 1 in most families.
    """

    site: str
    producer: str
    factor: float


def shift_folds(network: nn.Module, sites: Sequence[str]) -> list[ShiftFold]:
    """Find the module that each site's shift goes into: whatever is added to its output is added to the site's.

    Raises:
        LineasError: a site has none, since a norm, a router or several modules stand between.
    """
    calls, fired = _dry_run(network, sites) if sites else ({}, [])
    return [_fold(network, site, calls[site], fired) for site in sites]


def _fold(network: nn.Module, site: str, call: Any, fired: list[str]) -> ShiftFold:
    block, counts = network.get_submodule(site), Counter(fired)
    plain = _output(block, call)
    for name in reversed(fired):
        if counts[name] == 1 and (name == site or name.startswith(f"{site}.")):  # a shared module adds elsewhere, too
            factor = _factor(block, network.get_submodule(name), call, plain)
            if factor is not None:
                return ShiftFold(site, name, factor)
    raise LineasError(
        f"no linear layer adds straight to what {site!r} returns (a norm or a router stands between), so no bias can hold the "
        "map's shift."
    )


@torch.no_grad()
def _factor(block: nn.Module, module: nn.Module, call: Any, plain: Tensor) -> float | None:
    """Multiple of a vector that arrives at the end of a block when it is added to a module's output; None if another one does."""
    size = plain.abs().amax((0, 1)) + plain.abs().mean()  # as large as what is there, or rounding would hide it
    signs = torch.randint(2, size.shape, generator=torch.Generator().manual_seed(0)).to(size) * 2 - 1
    added = signs * size

    def add(module: nn.Module, inputs: Any, output: Any) -> Any:
        fits = isinstance(output, Tensor) and output.shape == plain.shape
        return output + added if fits else None

    handle = module.register_forward_hook(add)
    try:
        arrived = (_output(block, call) - plain).double()
    finally:
        handle.remove()
    share = arrived / added.double()
    factor = float(share.median())
    if abs(factor) < TOLERANCE or float((share / factor - 1).abs().max()) > TOLERANCE:
        return None
    return 1.0 if abs(factor - 1) < TOLERANCE else factor


def _dry_run(network: nn.Module, sites: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Run three tokens through the network.

    Returns:
        What each site was called with, and the names of all modules that can hold a shift, in the order in which they fired.
    """
    calls: dict[str, Any] = {}
    fired: list[str] = []

    def keep(site: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
            calls[site] = inputs, named

        return hook

    def note(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            fired.append(name)

        return hook

    handles = [network.get_submodule(site).register_forward_pre_hook(keep(site), with_kwargs=True) for site in sites]
    handles += [
        module.register_forward_hook(note(name))
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) or isinstance(getattr(module, "bias", None), nn.Parameter)
    ]
    run_three_tokens(network, handles)
    return calls, fired


@torch.no_grad()
def _output(block: nn.Module, call: Any) -> Tensor:
    inputs, named = call
    output = block(*inputs, **named)
    result: Tensor = output[0] if isinstance(output, tuple) else output
    return result
