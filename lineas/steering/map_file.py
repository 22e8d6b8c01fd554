"""Map files: one safetensors file with two float32 vectors for each site and string metadata, checked before it is used."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from lineas.errors import LineasError, short
from lineas.files import atomic_write

if TYPE_CHECKING:  # a list of maps needs their metadata only, not torch
    from torch import Tensor

FORMAT = "lineas-map"
FORMAT_VERSION = "1"
LARGEST_FILE = 256 * 1024**2
"""Largest file in bytes. A map of a 70B model (80 sites of 8192) takes 5 MB."""
LARGEST_HEADER = 8 * 1024**2
MOST_SITES = 10_000
"""Most sites of a map. Every norm of a network of 126 blocks is 504."""


def save(
    path: Path, scale: "Mapping[str, Tensor]", shift: "Mapping[str, Tensor]", metadata: Mapping[str, str]
) -> None:
    """Write a map file, all or nothing.

    Args:
        scale, shift: ω and b of each site, float32, shape (width,); the same sites.
        metadata: strings; ``format`` and ``format_version`` are added.
    """
    from safetensors.torch import save as to_safetensors

    tensors = {f"{site}.scale": scale[site].contiguous() for site in scale}
    tensors |= {f"{site}.shift": shift[site].contiguous() for site in shift}
    own = {"format": FORMAT, "format_version": FORMAT_VERSION}
    atomic_write(path, to_safetensors(tensors, {**metadata, **own}))


def load(path: Path) -> "tuple[dict[str, Tensor], dict[str, Tensor], dict[str, str]]":
    """Read a map file: ω and b of each site, float32 and finite, and the metadata.

    Raises:
        LineasError: as ``read_metadata``, or where a tensor is not a finite row of float32 of a site.
    """
    import torch
    from safetensors.torch import load as read_safetensors

    metadata = read_metadata(path)
    try:
        tensors = read_safetensors(path.read_bytes())
    except (SafetensorError, KeyError, ValueError) as error:  # KeyError: a dtype that torch does not have
        raise refused(path, f"it is damaged or cut short ({short(error, 200)})") from None
    scale: dict[str, Tensor] = {}
    shift: dict[str, Tensor] = {}
    # tensors come in the file's own (alphabetical) order: sites are sorted as people count, layer 2 before layer 10
    for key in sorted(tensors, key=_natural):
        tensor = tensors[key]
        site, _, part = key.rpartition(".")
        if part not in ("scale", "shift") or not site:
            raise refused(path, f"it holds {short(key)!r}, which is neither a scale nor a shift of a site")
        if tensor.dtype != torch.float32 or tensor.ndim != 1:
            raise refused(
                path, f"{short(key)!r} is {tensor.dtype} of shape {tuple(tensor.shape)} instead of one row of float32"
            )
        if not len(tensor):
            raise refused(path, f"{short(key)!r} is empty")
        if not bool(torch.isfinite(tensor).all()):
            raise refused(path, f"{short(key)!r} holds values that are not numbers (NaN or infinity)")
        (scale if part == "scale" else shift)[site] = tensor
    if not scale:
        raise refused(path, "it holds no site at all")
    return scale, shift, metadata


def read_metadata(path: Path) -> dict[str, str]:
    """Read the metadata of a map file, without its tensors.

    Raises:
        LineasError: where the file is missing, too large, no safetensors file, no map, or of a newer format.
    """
    if not path.is_file():
        raise LineasError(f"There is no map file at {str(path)!r}. Check the name, or choose another map.")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise refused(path, f"it is {size / 1e6:.0f} MB; a map is never larger than {LARGEST_FILE / 1e6:.0f} MB")
    metadata = _header(path, size).get("__metadata__", {})
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise refused(path, "it is a safetensors file, but not one that LinEAS made")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        raise refused(
            path,
            f"its format is version {short(version)!r}, and this program reads version {FORMAT_VERSION}: update LinEAS",
        )
    words = {str(key): str(value) for key, value in metadata.items()}
    try:
        "".join([*words, *words.values()]).encode()
    except UnicodeEncodeError:
        raise refused(path, "its words are damaged") from None
    return words


def _header(path: Path, size: int) -> dict[str, object]:
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > min(size, LARGEST_HEADER):
            raise refused(path, "it is not a safetensors file, or it is cut short")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError):
            raise refused(path, "it is not a safetensors file") from None
    if isinstance(header, dict) and len(header) > 2 * MOST_SITES + 1:
        raise refused(path, f"it claims to have {len(header) // 2:,} sites; at most {MOST_SITES:,} can be steered")
    try:
        end = max((entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"), default=0)
        whole = bool(8 + length + end == size)
    except (AttributeError, TypeError, KeyError, IndexError):
        raise refused(path, "it is not a safetensors file") from None
    if not whole:
        raise refused(path, "it is cut short")
    return dict(header)


def _natural(key: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() and len(part) < 10 else (-1, part) for part in key.split(".")]


def refused(path: Path, reason: str) -> LineasError:
    return LineasError(f"{path.name!r} cannot be used as a map: {reason}. Nothing was changed; choose another file.")
