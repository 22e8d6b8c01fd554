"""Networks out of ``.gguf`` files, unpacked to plain weights: packed ones can neither be trained through nor saved."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import gguf
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    modeling_gguf_pytorch_utils,
)

from lineas.models.progress import Progress, silent


def count_parameters(path: Path) -> int:
    """Number of weights in the file."""
    return sum(int(tensor.n_elements) for tensor in gguf.GGUFReader(str(path)).tensors)


def read_network(
    path: Path, dtype: torch.dtype, progress: Progress = silent
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The network, on the CPU, and the tokenizer that a file holds. Takes twice the network's memory for a moment.

    Raises:
        Exception: whatever gguf and transformers raise on a file that is damaged or of a kind they do not know.
    """
    with _unpacking_told_to(progress):
        network = AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=dtype, quantization_config=GgufConfig(dequantize=True)
        )
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    return network, tokenizer


@contextmanager
def parsed_once() -> Iterator[None]:
    """Inside the ``with`` block each file's header is parsed once.

    transformers parses it for the config, for the tokenizer and for the weights, in Python, 5 s each time on the default
    model; and builds the table of names once for each module. Together 14 s instead of 32.
    """
    with (
        _replaced(gguf, "GGUFReader", cache(gguf.GGUFReader)),
        _replaced(gguf, "get_tensor_name_map", cache(gguf.get_tensor_name_map)),
    ):
        yield


@contextmanager
def _unpacking_told_to(progress: Progress) -> Iterator[None]:
    """transformers draws its bar for unpacking whatever its settings say; here it goes to ``progress`` instead."""

    def bar(tensors: list[Any], desc: str = "") -> Iterable[Any]:
        for i, tensor in enumerate(tensors):
            progress("Unpacking the model …", i / len(tensors))
            yield tensor

    with _replaced(modeling_gguf_pytorch_utils, "tqdm", bar):
        yield


@contextmanager
def _replaced(module: ModuleType, name: str, stand_in: Any) -> Iterator[None]:
    original = getattr(module, name)
    setattr(module, name, stand_in)
    try:
        yield
    finally:
        setattr(module, name, original)
