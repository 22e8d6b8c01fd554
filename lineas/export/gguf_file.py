"""Writing GGUF files of Llama checkpoints with the package gguf, where llama.cpp's own converter is not installed."""

import json
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
from gguf import GGMLQuantizationType, LlamaFileType
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lineas.errors import LineasError

Kind = Literal["f16", "q8_0"]
KINDS: tuple[Kind, ...] = ("f16", "q8_0")
_FILE_TYPES = {"f16": LlamaFileType.MOSTLY_F16, "q8_0": LlamaFileType.MOSTLY_Q8_0}
BLOCK = 32
"""Number of values that share a scale in Q8_0; a row that is no multiple of it stays in F16, as in llama.cpp."""
# How llama.cpp calls the ways of tokenizer.json to cut a text into words (convert_hf_to_gguf.py, get_vocab_base_pre)
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_WORDS = {
    ("ByteLevel",): "gpt-2",
    ("Digits", "ByteLevel"): "smollm",
    (_QWEN2, "ByteLevel"): "qwen2",
    (_QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|"), "ByteLevel"): "llama-bpe",
}
INSTALL = (
    "Install llama.cpp and set the environment variable LLAMA_CPP to its folder, whose converter then writes the file; or export a "
    "checkpoint and convert that."
)


def round_to(weight: np.ndarray, kind: Kind) -> tuple[np.ndarray, GGMLQuantizationType]:
    """Round a tensor as it is stored: vectors in float32, matrices in F16 or Q8_0.

    Returns:
        The bytes to store, and their type.
    """
    if weight.ndim == 1:
        return weight.astype(np.float32), GGMLQuantizationType.F32
    if kind == "f16" or weight.shape[-1] % BLOCK:
        return weight.astype(np.float16), GGMLQuantizationType.F16
    return gguf.quants.quantize(weight, GGMLQuantizationType.Q8_0), GGMLQuantizationType.Q8_0


def write_file(
    path: Path, kind: Kind, name: str, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path
) -> None:
    """Write one file.

    Args:
        name: of the model, as programs show it.
        network: a Llama, with or without biases.
        folder: its checkpoint, from which merges, special tokens and the chat template are taken.

    Raises:
        LineasError: a tokenizer, or a way of counting positions, that only llama.cpp's converter writes.
    """
    config = network.config
    writer = gguf.GGUFWriter(path, "llama")
    try:
        writer.add_name(name)
        writer.add_file_type(_FILE_TYPES[kind])
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        _add_sizes(writer, config)
        _add_tokenizer(writer, tokenizer, folder, config.vocab_size)
        names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
        for own, tensor in network.state_dict().items():
            if own == "lm_head.weight" and config.tie_word_embeddings:
                continue
            data, stored = round_to(_permuted(own, tensor, config).numpy(), kind)
            writer.add_tensor(_gguf_name(names, own), data, raw_dtype=stored)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _add_sizes(writer: gguf.GGUFWriter, config: Any) -> None:
    rope = config.rope_parameters
    if rope.get("rope_type", "default") != "default":
        raise LineasError(
            f"This model counts positions by {rope['rope_type']!r}, which only llama.cpp's converter writes. {INSTALL}"
        )
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase, folder: Path, vocabulary: int) -> None:
    written = json.loads((folder / "tokenizer.json").read_bytes())
    words = _words(written)
    if written["model"]["type"] != "BPE" or words is None:
        raise LineasError(f"This model's tokenizer is of a kind that only llama.cpp's converter writes. {INSTALL}")
    tokens = {number: token for token, number in tokenizer.get_vocab().items()}
    special = {token["id"]: token["special"] for token in written["added_tokens"]}
    kinds = {None: gguf.TokenType.NORMAL, True: gguf.TokenType.CONTROL, False: gguf.TokenType.USER_DEFINED}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words)
    writer.add_token_list([tokens.get(i, f"[PAD{i}]") for i in range(vocabulary)])
    writer.add_token_types(
        [kinds[special.get(i)] if i in tokens else gguf.TokenType.UNUSED for i in range(vocabulary)]
    )
    gguf.SpecialVocab(folder, load_merges=True, n_vocab=vocabulary).add_to_gguf(writer, quiet=True)


def _words(written: dict[str, Any]) -> str | None:
    """llama.cpp's name for the way in which a tokenizer.json cuts a text into words; None for one that is not known here."""
    before = written["pre_tokenizer"] or {}
    steps = before["pretokenizers"] if before.get("type") == "Sequence" else [before]
    return _WORDS.get(
        tuple(str(step["pattern"]["Regex"] if step.get("type") == "Split" else step.get("type")) for step in steps)
    )


def _permuted(name: str, tensor: Tensor, config: Any) -> Tensor:
    """Rows of queries and keys in llama.cpp's order, in which the two halves of a rotated pair are neighbours."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
    if heads is None:
        return tensor
    return tensor.view(heads, 2, -1, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape)


def _gguf_name(names: Any, own: str) -> str:
    module, _, kind = own.rpartition(".")
    return f"{names.get_name(module)}.{kind}"
