"""Read maps and adapters from their files."""

from collections import defaultdict
from importlib import import_module
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from lineas.errors import LineasError
from lineas.steering import map_file
from lineas.steering.adapter import FORMAT, FORMAT_VERSION, Adapter, Steering
from lineas.steering.map import SteeringMap

ADAPTERS = {
    "lin_act_clamp": "lineas.methods.lin_act_clamp:ClampedMap",
    "prompting": "lineas.methods.prompting:Instruction",
    "reft": "lineas.methods.reft:LoReFT",
    "lora": "lineas.methods.lora:LoRA",
}
"""Module and class of each kind of adapter."""


def load_steering(path: str | Path) -> Steering:
    """Read a map or adapter that ``save`` wrote, whatever method trained it.

    Raises:
        LineasError: missing file, or not a complete, finite map or adapter that this version knows.
    """
    path = Path(path)
    if not path.is_file():
        raise LineasError(f"There is no file at {str(path)!r}. Check the name, or choose another.")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") == map_file.FORMAT:
                return SteeringMap.load(path)
            tensors = {key: file.get_tensor(key) for key in file.keys()}
    except SafetensorError as error:
        raise _unusable(path, f"it is no safetensors file, or damaged ({error})") from None
    if metadata.get("format") != FORMAT or metadata.get("kind") not in ADAPTERS:
        raise _unusable(path, "it is a safetensors file, but not one that this version of LinEAS knows")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise _unusable(path, f"its format is version {metadata.get('format_version')!r}: update LinEAS")
    module, _, name = ADAPTERS[metadata["kind"]].partition(":")
    adapter: type[Adapter] = getattr(import_module(module), name)
    return adapter(_group_by_site(path, adapter, tensors), metadata)


def _group_by_site(path: Path, adapter: type[Adapter], tensors: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    sites: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for key, tensor in tensors.items():
        site, _, part = key.rpartition(".")
        if tensor.dtype != torch.float32 or not bool(torch.isfinite(tensor).all()):
            raise _unusable(path, f"{key!r} holds something other than finite float32 numbers")
        sites[site][part] = tensor
    for site, parts in sites.items():
        if set(parts) != set(adapter.parts):
            found, expected = ", ".join(sorted(parts)), ", ".join(adapter.parts)
            raise _unusable(path, f"at {site!r} it holds {found} instead of {expected}")
    return dict(sites)


def _unusable(path: Path, reason: str) -> LineasError:
    return LineasError(f"{path.name!r} cannot be used: {reason}. Nothing was changed; choose another file.")
