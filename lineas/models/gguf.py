"""Patches that make transformers read ``.gguf`` files faster and report its progress."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gguf
from transformers import modeling_gguf_pytorch_utils

from lineas.models.progress import Progress, silent


@contextmanager
def patched_gguf(progress: Progress = silent) -> Iterator[None]:
    """Cache parsed files and tables in this context, and report dequantization to ``progress``.

    transformers parses a file for the config, the tokenizer and the weights, in Python, 5 s each on the default model, and builds
    the table of tensor names once per module: with caches loading takes 14 s instead of 32. It draws its progress bar whatever its
    settings say.
    """

    def bar(tensors: list[Any], desc: str = "") -> Iterable[Any]:
        for i, tensor in enumerate(tensors):
            progress("Unpacking the model …", i / len(tensors))
            yield tensor

    patches: list[tuple[Any, str, Any]] = [
        (gguf, "GGUFReader", cache(gguf.GGUFReader)),
        (gguf, "get_tensor_name_map", cache(gguf.get_tensor_name_map)),
        (modeling_gguf_pytorch_utils, "tqdm", bar),
    ]
    originals = [(module, name, getattr(module, name)) for module, name, _ in patches]
    for module, name, patch in patches:
        setattr(module, name, patch)
    try:
        yield
    finally:
        for module, name, original in originals:
            setattr(module, name, original)
