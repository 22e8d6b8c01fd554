"""Networks out of folders in transformers' format: looked at first, then loaded to where they fit."""

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
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from lineas.errors import LineasError, describe, is_out_of_memory


@dataclass(frozen=True)
class Checkpoint:
    """A model on the disk."""

    path: Path
    name: str  # as the user wrote it
    remedy: str = "Fetch it again, or choose another model."  # what to do where it turns out to be damaged


def read_config(checkpoint: Checkpoint) -> PretrainedConfig:
    """What kind of network a folder holds.

    Raises:
        LineasError: where it holds none, a damaged one, one of an unknown kind, or one that does not write text.
    """
    if not (checkpoint.path / "config.json").is_file():
        raise LineasError(
            f"{checkpoint.name!r} holds no model that can be loaded: a file config.json is missing. {checkpoint.remedy}"
        )
    with loading_errors_in_plain_words(checkpoint):
        config: PretrainedConfig = AutoConfig.from_pretrained(checkpoint.path, trust_remote_code=False)
    kinds = config.architectures or []
    if kinds and not set(kinds) & set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values()):
        if hasattr(config, "auto_map"):
            raise LineasError(_brings_code(checkpoint.name))
        raise LineasError(
            f"{checkpoint.name!r} is not a model that writes text (it is a {kinds[0]}). Choose a language model."
        )
    return config


def count_parameters(checkpoint: Checkpoint) -> int:
    """Number of weights of the network in a folder, found from its config without making room for them."""
    config = read_config(checkpoint)
    with loading_errors_in_plain_words(checkpoint), torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    return sum(parameter.numel() for parameter in network.parameters())


def read_network(
    checkpoint: Checkpoint, dtype: torch.dtype, place: Callable[[], torch.device | str]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Network and tokenizer.

    Args:
        place: returns a device, or "auto" to spread the network over all cards. Called when everything is checked that can be
            checked without loading the weights.

    Raises:
        LineasError: where the weights are missing, damaged, of another format than safetensors, or do not fit.
    """
    name, folder = checkpoint.name, checkpoint.path
    if not any(folder.glob("model*.safetensors")):
        if any(folder.glob("*.bin")) or any(folder.glob("*.pt*")):
            raise LineasError(
                f"{name!r} holds its weights in an old format (.bin or .pt) that can carry harmful code, so it is not opened. "
                "Choose a model with .safetensors files."
            )
        raise LineasError(f"{name!r} holds no weights: a file model.safetensors is missing. {checkpoint.remedy}")
    _check_weights(checkpoint)
    with loading_errors_in_plain_words(checkpoint, "The tokenizer of the model"):
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    device_map = place()
    with loading_errors_in_plain_words(checkpoint):
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            device_map=device_map,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are looked at below
        )
    network, report = loaded
    wrong = sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])})
    if wrong:
        raise LineasError(
            f"{name!r} is incomplete: some of its weights are missing or of the wrong size ({wrong[0]} is the first of "
            f"{len(wrong)}). {checkpoint.remedy}"
        )
    return network, tokenizer


def _check_weights(checkpoint: Checkpoint) -> None:
    """Raise LineasError unless every file of weights is there and as long as its header says."""
    index, names = checkpoint.path / "model.safetensors.index.json", {"model.safetensors"}
    with loading_errors_in_plain_words(checkpoint):
        if index.exists() and not (checkpoint.path / "model.safetensors").exists():
            names = set(json.loads(index.read_bytes())["weight_map"].values())
        for name in sorted(names):
            if not (checkpoint.path / name).exists():
                raise LineasError(
                    f"{checkpoint.name!r} is incomplete: the file {name} is missing. {checkpoint.remedy}"
                )
            with safe_open(checkpoint.path / name, framework="pt"):
                pass


@contextmanager
def loading_errors_in_plain_words(checkpoint: Checkpoint, part: str = "The model") -> Iterator[None]:
    """Turns whatever goes wrong while a model, or part of it, is loaded into a ``LineasError`` that names the model."""
    try:
        yield
    except Exception as error:
        if is_out_of_memory(error):
            raise LineasError(describe(error)) from error
        raise LineasError(_in_plain_words(checkpoint, part, error)) from error


def _in_plain_words(checkpoint: Checkpoint, part: str, error: Exception) -> str:
    name, said = checkpoint.name, str(error)
    if "trust_remote_code" in said:
        return _brings_code(name)
    unknown = re.search(r"model type `([^`]+)`", said)
    if unknown:
        return (
            f"The model {name!r} is of a kind ({unknown[1]}) that the installed transformers {transformers.__version__} does "
            "not know. Update transformers, or choose another model."
        )
    if "Unrecognized configuration class" in said:
        return f"{name!r} is not a model that writes text. Choose a language model."
    if isinstance(error, SafetensorError):
        return f"The weights of {name!r} are damaged or cut short ({said}). {checkpoint.remedy}"
    reason = next((line.strip() for line in said.splitlines() if line.strip()), type(error).__name__)
    return f"{part} {name!r} could not be loaded: {reason.rstrip('.:')[:300]}. {checkpoint.remedy}"


def _brings_code(name: str) -> str:
    return (
        f"The model {name!r} brings its own program code, which LinEAS does not run, since it could do anything on this "
        "computer. Choose a model that transformers knows."
    )
