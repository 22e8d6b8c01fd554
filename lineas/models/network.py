"""Reading networks and tokenizers from disk: folders in transformers' format, and ``.gguf`` files."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from lineas.errors import LineasError, describe, first_line, is_out_of_memory, is_rust_panic, short
from lineas.models.kinds import writes_text
from lineas.models.quantize import keep_gradients, quantization_config

_INDEX = "model.safetensors.index.json"
MAX_LAYERS = 10_000
"""Most layers that a config may ask for; building more than any model has would take hours."""


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk.

    Attributes:
        path: a folder, or a ``.gguf`` file.
        name: the model, as the user wrote it.
        remedy: what to do if it is damaged.
    """

    path: Path
    name: str
    remedy: str = "Fetch it again, or choose another model."

    @property
    def source(self) -> dict[str, Any]:
        """Arguments that tell transformers where to read."""
        if self.path.is_file():
            return {"pretrained_model_name_or_path": self.path.parent, "gguf_file": self.path.name}
        return {"pretrained_model_name_or_path": self.path, "trust_remote_code": False}


def read_config(checkpoint: Checkpoint) -> PretrainedConfig:
    """Read the config of a network that writes text.

    Raises:
        Exception: no config, a damaged one, an unknown kind of network, or one that does not write text; see ``loading_errors``.
    """
    if not checkpoint.path.is_file() and not (checkpoint.path / "config.json").is_file():
        raise LineasError(
            f"{checkpoint.name!r} holds no model that can be loaded: a file config.json is missing. {checkpoint.remedy}"
        )
    config: PretrainedConfig = AutoConfig.from_pretrained(**checkpoint.source)
    kinds = config.architectures or []
    # a GGUF file names no class; what its reader does not know it refuses itself
    if not checkpoint.path.is_file() and not writes_text(json.loads((checkpoint.path / "config.json").read_bytes())):
        if hasattr(config, "auto_map"):
            raise LineasError(_brings_code(checkpoint.name))
        what = f" (it is a {kinds[0]})" if kinds and isinstance(kinds[0], str) else ""
        raise LineasError(f"{checkpoint.name!r} is not a model that writes text{what}. Choose a language model.")
    if "flash" in str(config._attn_implementation):  # it needs packages, and computes the same as PyTorch's own
        config._attn_implementation = None
    layers = getattr(config.get_text_config(), "num_hidden_layers", 0)
    if isinstance(layers, int) and layers > MAX_LAYERS:
        raise LineasError(f"{checkpoint.name!r} claims to have {layers:,} layers. {checkpoint.remedy}")
    return config


def count_parameters(checkpoint: Checkpoint, linear_share: float = 1.0) -> int:
    """Count the weights of a network from its config, without allocating them; raises as ``read_config``.

    Args:
        linear_share: what a weight of a linear layer, but the last one, counts for: less than 1 where it is quantised.
    """
    config = read_config(checkpoint)
    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    last = network.get_output_embeddings()
    linear = sum(
        module.weight.numel()
        for module in network.modules()
        if isinstance(module, torch.nn.Linear) and module is not last
    )
    return int(sum(parameter.numel() for parameter in network.parameters()) - (1 - linear_share) * linear)


def read_network(
    checkpoint: Checkpoint,
    dtype: torch.dtype,
    place: Callable[[], torch.device | str],
    quantize: str | None = None,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Read network and tokenizer.

    A ``.gguf`` file is dequantized, because quantized weights can neither be trained through nor saved; this takes twice the
    network's memory for a moment.

    Args:
        place: returns a device, or "auto" to spread the network over all cards (folders only). Called when everything is
            checked that can be checked without loading the weights.
        quantize: as ``load_model`` takes it.

    Raises:
        Exception: weights that are missing, damaged, in another format than safetensors or GGUF, or too large for the memory; see
            ``loading_errors``.
    """
    name, path = checkpoint.name, checkpoint.path
    if not path.is_file() and not any(path.glob("model*.safetensors")) and not (path / _INDEX).exists():
        if any(path.glob("*.bin")) or any(path.glob("*.pt*")):
            raise LineasError(
                f"{name!r} holds its weights in an old format (.bin or .pt) that can carry harmful code, so it is not opened. "
                "Choose a model with .safetensors files."
            )
        raise LineasError(f"{name!r} holds no weights: a file model.safetensors is missing. {checkpoint.remedy}")
    _check_weights(checkpoint)
    with loading_errors(checkpoint, "The tokenizer of the model"):
        tokenizer = AutoTokenizer.from_pretrained(**checkpoint.source)
    device_map = place()
    how: dict[str, Any] = {"device_map": device_map, "use_safetensors": True, "config": read_config(checkpoint)}
    if path.is_file():
        how = {"quantization_config": GgufConfig(dequantize=True)}
    elif quantize:
        how["quantization_config"] = quantization_config(quantize, dtype)
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        **checkpoint.source,
        **how,
        dtype=dtype,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # they are reported below
    )
    network, report = loaded
    if wrong := sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}):
        raise LineasError(
            f"{name!r} is incomplete: some of its weights are missing or of the wrong size ({wrong[0]} is the first of "
            f"{len(wrong)}). {checkpoint.remedy}"
        )
    if path.is_file():
        network.to(device_map)
    if quantize:
        keep_gradients(network)
    return network, tokenizer


def _check_weights(checkpoint: Checkpoint) -> None:
    """Raise an error unless every file of weights is there and as long as its header says; ``load_model`` checks GGUF files."""
    if checkpoint.path.is_file():
        return
    index, names = checkpoint.path / _INDEX, {"model.safetensors"}
    if index.exists() and not (checkpoint.path / "model.safetensors").exists():
        names = set(json.loads(index.read_bytes())["weight_map"].values())
    for name in sorted(names):
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise LineasError(
                f"{checkpoint.name!r} names a file outside of its folder: {short(name)!r}. {checkpoint.remedy}"
            )
        if not (checkpoint.path / name).exists():
            raise LineasError(f"{checkpoint.name!r} is incomplete: the file {name} is missing. {checkpoint.remedy}")
        with safe_open(checkpoint.path / name, framework="pt"):
            pass


@contextmanager
def loading_errors(checkpoint: Checkpoint, part: str = "The model") -> Iterator[None]:
    """Turn every error while a model, or a part of it, is loaded into a ``LineasError`` that names the model."""
    try:
        yield
    except BaseException as error:  # a panic in Rust is no Exception
        if isinstance(error, LineasError) or not (isinstance(error, Exception) or is_rust_panic(error)):
            raise
        raise LineasError(_describe_loading(checkpoint, part, error)) from error


def _describe_loading(checkpoint: Checkpoint, part: str, error: BaseException) -> str:
    name, said = checkpoint.name, str(error)
    if is_out_of_memory(error):
        return describe(error)
    if "trust_remote_code" in said:
        return _brings_code(name)
    if unknown := re.search(r"model type `([^`]+)`", said):
        return (
            f"The model {name!r} is of a kind ({unknown[1]}) that the installed transformers {transformers.__version__} does "
            "not know. Update transformers, or choose another model."
        )
    if "Unrecognized configuration class" in said:
        return f"{name!r} is not a model that writes text. Choose a language model."
    if isinstance(error, SafetensorError):
        return f"The weights of {name!r} are damaged or cut short ({said}). {checkpoint.remedy}"
    reason = f"{said} is missing" if isinstance(error, KeyError) else first_line(error) or type(error).__name__
    return f"{part} {name!r} could not be loaded: {reason.rstrip('.:')}. {checkpoint.remedy}"


def _brings_code(name: str) -> str:
    return (
        f"The model {name!r} brings its own program code, which LinEAS does not run, since it could do anything on this "
        "computer. Choose a model that transformers knows."
    )
