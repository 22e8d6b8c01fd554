"""Maps at norms: who reads a norm's output, found in a dry run instead of a table of families."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.export.dry_run import run_three_tokens


@dataclass(frozen=True)
class NormFold:
    """Where the map of a norm goes.

    Attributes:
        site: name of a norm, whose weight takes ω.
        has_bias: whether the norm has a bias, which then takes b.
        unit_offset: whether it multiplies by 1 + weight, as Gemma's do.
        consumers: names of the linear layers that read its output, whose biases take W b where the norm has none.
    """

    site: str
    has_bias: bool
    unit_offset: bool
    consumers: tuple[str, ...]


def is_norm(module: nn.Module) -> bool:
    """Whether a module multiplies by one weight for every coordinate."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, nn.Parameter) and weight.ndim == 1


def norm_folds(network: nn.Module, sites: Sequence[str]) -> list[NormFold]:
    """Find where the map of each norm goes.

    Raises:
        LineasError: a norm has no bias, and something else than linear layers reads it.
    """
    readers = _readers(network, sites) if sites else {}
    return [_fold(network, site, readers[site]) for site in sites]


def _fold(network: nn.Module, site: str, readers: list[str]) -> NormFold:
    norm = network.get_submodule(site)
    weight = norm.weight
    assert isinstance(weight, nn.Parameter)
    if isinstance(getattr(norm, "bias", None), nn.Parameter):
        return NormFold(site, True, False, ())
    if not readers:
        raise LineasError(
            f"what {site!r} returns goes straight into the residual stream, where no bias can hold the map's shift."
        )
    for reader in readers:
        if not isinstance(module := network.get_submodule(reader), nn.Linear):
            raise LineasError(
                f"{reader!r} ({type(module).__name__}) reads what {site!r} returns, and is no linear layer, whose "
                "bias could hold the map's shift."
            )
    return NormFold(site, False, _has_unit_offset(norm, weight), tuple(readers))


@torch.no_grad()
def _has_unit_offset(norm: nn.Module, weight: nn.Parameter) -> bool:
    """Whether a norm multiplies by 1 + weight: with a weight of 0 it then still returns something."""
    kept = weight.clone()
    try:
        weight.zero_()
        output: Tensor = norm(torch.linspace(-1, 1, len(weight), dtype=weight.dtype, device=weight.device)[None, None])
        return bool(output.abs().max() > 0)
    finally:
        weight.copy_(kept)


def _readers(network: nn.Module, sites: Sequence[str]) -> dict[str, list[str]]:
    """Innermost modules that are given the very tensor, or a view of it, that a site returned."""
    returned: dict[int, tuple[str, Tensor]] = {}  # by memory; the tensor is kept, so that its memory is not used again
    readers: dict[str, list[str]] = {site: [] for site in sites}

    def keep(site: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                returned[output.untyped_storage().data_ptr()] = site, output

        return hook

    def look(name: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
            for value in (*inputs, *named.values()):
                if isinstance(value, Tensor) and (found := returned.get(value.untyped_storage().data_ptr())):
                    readers[found[0]].append(name)

        return hook

    handles = [network.get_submodule(site).register_forward_hook(keep(site)) for site in sites]
    handles += [
        m.register_forward_pre_hook(look(name), with_kwargs=True) for name, m in network.named_modules() if name
    ]
    run_three_tokens(network, handles)
    return {
        site: [name for name in dict.fromkeys(names) if not any(other.startswith(f"{name}.") for other in names)]
        for site, names in readers.items()
    }
