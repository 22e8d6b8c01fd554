"""Model files of a few weights."""

import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file


def put_model(folder: Path, architecture: str = "LlamaForCausalLM", family: str = "llama", **config: object) -> Path:
    """A folder in transformers' format with 120 weights."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(
        json.dumps({"architectures": [architecture], "model_type": family, **config}), encoding="utf-8"
    )
    save_file({"a": np.zeros((10, 8)), "b": np.zeros(40)}, folder / "model.safetensors")
    return folder


def put_gguf(path: Path) -> Path:
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
