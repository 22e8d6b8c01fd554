"""Weights in 8 or 4 bits by bitsandbytes, for models that would not fit into memory otherwise."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.errors import LineasError

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import BitsAndBytesConfig

QUANTIZED = {"8bit": 1.0, "4bit": 0.57}
"""Kinds, each with the bytes that a weight of a linear layer takes; 4bit (NF4) has a scale for every 64 weights."""


def can_quantize() -> bool:
    """Whether bitsandbytes is installed."""
    return find_spec("bitsandbytes") is not None


def check_quantize(kind: str | None, path: Path | None = None) -> None:
    """Check that a model can be quantised so.

    Args:
        path: the model's folder or file, where it is known.

    Raises:
        LineasError: an unknown kind, a GGUF file, or bitsandbytes is not installed.
    """
    if kind is None:
        return
    if kind not in QUANTIZED:
        raise LineasError(f"Weights cannot be quantized to {kind!r}. Choose {' or '.join(QUANTIZED)}.")
    if path is not None and path.is_file():
        raise LineasError(
            f"{path.name!r} is a GGUF file, whose weights are unpacked so that a map can be taught. Leave out the quantization, or "
            "choose the same model as a folder or by its Hugging Face id."
        )
    if not can_quantize():
        raise LineasError(
            f"Loading a model in {kind} needs the package bitsandbytes, which is not installed. Run: pip install bitsandbytes"
        )


def quantized_dtype(device: "torch.device", dtype: "str | torch.dtype | None") -> "str | torch.dtype | None":
    """The dtype of what is computed with quantised weights: bfloat16, where ``choose_dtype`` would take float32 on a CPU."""
    return "bfloat16" if dtype is None and device.type == "cpu" else dtype


def weight_share(kind: str | None, dtype: "torch.dtype") -> float:
    """Size of a quantised linear layer, as a share of its size in ``dtype``."""
    return QUANTIZED[kind] / dtype.itemsize if kind else 1.0


def quantization_config(kind: str, dtype: "torch.dtype") -> "BitsAndBytesConfig":
    """What tells transformers to quantise a network's linear layers, except the language-model head, while it reads them."""
    from transformers import BitsAndBytesConfig

    if kind == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    settings: dict[str, Any] = {"bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype}
    return BitsAndBytesConfig(load_in_4bit=True, **settings)


def keep_gradients(network: "nn.Module") -> None:
    """Let gradients pass through 4-bit layers on processors with AVX-512 in bfloat16, too.

    There bitsandbytes packs a frozen layer for inference at its first pass, and from then on drops the gradient without an error.
    """
    modules: Iterable[Any] = network.modules()
    for module in modules:
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
