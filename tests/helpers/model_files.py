"""Model files with a few weights, and damaged ones."""

import json
import struct
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file


def put_model(folder: Path, architecture: str = "LlamaForCausalLM", family: str = "llama", **config: object) -> Path:
    """Write a folder in transformers' format with 120 weights."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(
        json.dumps({"architectures": [architecture], "model_type": family, **config}), encoding="utf-8"
    )
    save_file({"a": np.zeros((10, 8)), "b": np.zeros(40)}, folder / "model.safetensors")
    return folder


def put_gguf(path: Path) -> Path:
    """Write a GGUF file with 17 weights, with the package gguf."""
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name("a model")
    writer.add_token_list(["a", "b", "ab"])
    writer.add_token_types([1, 1, 1])
    writer.add_float32("qwen2.some.number", 0.5)
    writer.add_bool("qwen2.some.switch", True)
    writer.add_tensor("one", np.zeros((3, 4), np.float32))
    writer.add_tensor("two", np.zeros(5, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def raw_gguf(*values: bytes, entries: int | None = None, tensors: int = 0) -> bytes:
    """Make a GGUF file without tensors, with values (type first) under the key "k"."""
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(values) if entries is None else entries)
    return head + b"".join(struct.pack("<Q", 1) + b"k" + value for value in values)


def array(kind: int, count: int, content: bytes = b"") -> bytes:
    """Make an array value that claims to hold ``count`` values of a type."""
    return struct.pack("<IIQ", 9, kind, count) + content


def nested_arrays() -> bytes:
    """Make a GGUF file with 100,000 nested arrays."""
    return raw_gguf(array(9, 1, struct.pack("<IQ", 9, 1) * 100_000))
