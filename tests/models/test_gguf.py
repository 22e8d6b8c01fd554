"""Loading GGUF files as llama.cpp writes them, and one sentence for each that cannot be loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from model_files import array, nested_arrays, raw_gguf
from tiny import make_model, make_network
from transformers import AutoTokenizer, PreTrainedModel

from lineas.errors import LineasError
from lineas.models.load import load_model

ALPHABET = [*"abcdefghijklmnopqrstuvwxyz", "Ġ", "ab", "Ġa"]


def write_gguf(
    path: Path,
    network: PreTrainedModel,
    tokens: Sequence[str] = ALPHABET,
    merges: Sequence[str] = ("a b", "Ġ a"),
    blocks: int | None = None,
    without: str = "",
) -> Path:
    """Write a Llama as llama.cpp does, with the halves of query and key projections interleaved; return the path.

    Args:
        blocks: number of layers that the file claims to have.
        without: name of a tensor to leave out.
    """
    config = network.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(blocks or config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    tokens = [*tokens, *(f"<|{i}|>" for i in range(config.vocab_size - len(tokens)))]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token.startswith("<|") else 1 for token in tokens])
    writer.add_token_merges(merges)
    writer.add_eos_token_id(config.vocab_size - 1)
    names = {
        "model.embed_tokens": "token_embd",
        "model.norm": "output_norm",
        "lm_head": "output",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        **{f"self_attn.{letter}_proj": f"attn_{letter}" for letter in "qkv"},
        "self_attn.o_proj": "attn_output",
        **{f"mlp.{part}_proj": f"ffn_{part}" for part in ("gate", "up", "down")},
    }
    for name, weight in network.state_dict().items():
        short = name.removesuffix(".weight").replace("model.layers.", "blk.")
        values = weight.numpy()
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(
            short.rpartition(".")[2]
        )
        if heads:
            values = values.reshape(heads, 2, -1, values.shape[1]).swapaxes(1, 2).reshape(values.shape)
        for long, brief in names.items():
            short = short.replace(long, brief)
        if f"{short}.weight" != without:
            writer.add_tensor(f"{short}.weight", np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def gguf_file(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "tiny.GGUF", make_network())


def test_a_gguf_file_is_dequantized(gguf_file, capfd):
    reported = []
    model = load_model(gguf_file, progress=lambda *event: reported.append(event))
    tokens = torch.tensor([[3, 5, 8, 13, 21]])
    assert torch.allclose(model.network(tokens).logits, make_network()(tokens).logits, atol=1e-5)
    assert model.tokenizer("ab a")["input_ids"] == [27, 28]
    assert model.sites == make_model("llama").sites
    assert any("Unpacking" in sentence and fraction for sentence, fraction in reported)
    assert capfd.readouterr().err == ""
    assert load_model(gguf_file, dtype="bfloat16").dtype == torch.bfloat16


def test_a_gguf_file_can_be_trained_through_and_saved(gguf_file, tmp_path):
    network = load_model(gguf_file).network
    embedded = network.get_input_embeddings()(torch.tensor([[1, 2, 3]])).requires_grad_()
    network(inputs_embeds=embedded).logits.sum().backward()
    assert embedded.grad is not None
    network.save_pretrained(tmp_path / "saved")
    AutoTokenizer.from_pretrained(gguf_file.parent, gguf_file=gguf_file.name).save_pretrained(tmp_path / "saved")
    assert load_model(tmp_path / "saved").fingerprint == load_model(gguf_file).fingerprint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda good: b"hello", "is a file, but not a GGUF file"),
        (lambda good: b"", "is a file, but not a GGUF file"),
        (lambda good: good[: len(good) // 2], "could not be loaded: .*cut short"),
        (lambda good: good[:100], "could not be loaded: .*cut short"),
        (lambda good: good.replace(b"llama", b"lambs"), "could not be loaded: .*lambs"),
        (lambda good: raw_gguf(array(8, 2**62)), "could not be loaded: its header claims to hold more than"),
        (lambda good: nested_arrays(), "could not be loaded: .*unknown type"),
    ],
)
def test_gguf_files_that_cannot_be_read(gguf_file, content, words):
    gguf_file.write_bytes(content(gguf_file.read_bytes()))
    with pytest.raises(LineasError, match=words) as caught:
        load_model(gguf_file)
    assert str(gguf_file) in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"merges": ["b c"]}, "The tokenizer of the model .* could not be loaded: .*out of vocabulary"),
        # no token is as long as these two together: Rust panics
        ({"merges": ["<|10|> <|11|>"]}, "The tokenizer of the model .* could not be loaded: range end index"),
        ({"blocks": 2**31}, "claims to have 2,147,483,648 layers"),
        ({"without": "blk.1.ffn_up.weight"}, "is incomplete: .*model.layers.1.mlp.up_proj.weight is the first of 1"),
    ],
)
def test_whatever_the_libraries_choke_on_gives_one_sentence(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    path = write_gguf(tmp_path / "odd.gguf", make_network(), **changes)
    with pytest.raises(LineasError, match=words) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ctrl_c_while_loading_is_not_a_fault_of_the_file(gguf_file: Path) -> None:
    def interrupt(sentence: str, fraction: float | None) -> None:
        if "Unpacking" in sentence:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_model(gguf_file, progress=interrupt)
