"""GGUF files: read as llama.cpp writes them, and one sentence for each that cannot be read."""

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from tiny import make_model, make_network
from transformers import AutoTokenizer, PreTrainedModel

from lineas.errors import LineasError
from lineas.models.load import load_model


def write_gguf(path: Path, network: PreTrainedModel) -> None:
    """A Llama as llama.cpp stores it: projections of queries and keys with their halves interleaved."""
    config = network.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    tokens = [*"abcdefghijklmnopqrstuvwxyz", "Ġ", "ab", "Ġa"]
    tokens += [f"<|{i}|>" for i in range(config.vocab_size - len(tokens))]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token.startswith("<|") else 1 for token in tokens])
    writer.add_token_merges(["a b", "Ġ a"])
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
        writer.add_tensor(f"{short}.weight", np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture
def gguf_file(tmp_path: Path) -> Path:
    write_gguf(tmp_path / "tiny.GGUF", make_network())
    return tmp_path / "tiny.GGUF"


def test_a_gguf_file_is_unpacked(gguf_file, capfd):
    told = []
    model = load_model(gguf_file, progress=lambda *event: told.append(event))
    tokens = torch.tensor([[3, 5, 8, 13, 21]])
    assert torch.allclose(model.network(tokens).logits, make_network()(tokens).logits, atol=1e-5)
    assert model.tokenizer("ab a")["input_ids"] == [27, 28]
    assert model.sites == make_model("llama").sites
    assert any("Unpacking" in sentence and fraction for sentence, fraction in told)
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
    ],
)
def test_gguf_files_that_cannot_be_read(gguf_file, content, words):
    gguf_file.write_bytes(content(gguf_file.read_bytes()))
    with pytest.raises(LineasError, match=words) as caught:
        load_model(gguf_file)
    assert str(gguf_file) in str(caught.value)
