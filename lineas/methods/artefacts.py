"""Files of maps and adapters: one function reads either."""

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

KINDS = {
    "lin_act_clamp": "lineas.methods.lin_act_clamp:Clamped",
    "prompting": "lineas.methods.prompting:Instruction",
    "reft": "lineas.methods.reft:LoReFT",
    "lora": "lineas.methods.lora:LowRank",
}
"""Where each kind of adapter is at home."""


def load_steering(path: str | Path) -> Steering:
    """Reads what any method ended in and ``save`` wrote.

    Raises:
        LineasError: where the file is missing, or is not a whole, finite map or adapter that this version knows.
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
        raise _refused(path, f"it is no safetensors file, or damaged ({error})") from None
    if metadata.get("format") != FORMAT or metadata.get("kind") not in KINDS:
        raise _refused(path, "it is a safetensors file, but not one that this version of LinEAS knows")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise _refused(path, f"its format is version {metadata.get('format_version')!r}: update LinEAS")
    module, _, name = KINDS[metadata["kind"]].partition(":")
    kind: type[Adapter] = getattr(import_module(module), name)
    return kind(_by_site(path, kind, tensors), metadata)


def _by_site(path: Path, kind: type[Adapter], tensors: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    sites: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for key, tensor in tensors.items():
        site, _, part = key.rpartition(".")
        if tensor.dtype != torch.float32 or not bool(torch.isfinite(tensor).all()):
            raise _refused(path, f"{key!r} holds something else than finite float32 numbers")
        sites[site][part] = tensor
    for site, parts in sites.items():
        if set(parts) != set(kind.parts):
            raise _refused(path, f"at {site!r} it holds {', '.join(sorted(parts))} instead of {', '.join(kind.parts)}")
    return dict(sites)


def _refused(path: Path, reason: str) -> LineasError:
    return LineasError(f"{path.name!r} cannot be used: {reason}. Nothing was changed; choose another file.")
