"""Loading tiny models from folders and GGUF files, and one sentence for each thing that can be wrong with them."""

import json
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from tiny import FAMILIES, make_config, make_model, make_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from lineas.errors import LineasError
from lineas.model.fingerprint import fingerprint
from lineas.model.loading import adopt, load_model
from lineas.model.quiet import quiet


def make_network(family: str = "llama", seed: int = 0) -> PreTrainedModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(make_config(family)).eval()


def save_model(folder: Path, family: str = "llama", chat: bool = True) -> Path:
    with quiet():
        make_network(family).save_pretrained(folder)
    make_tokenizer(chat).save_pretrained(folder)
    return folder


def edit_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_model(tmp_path / "tiny")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_is_loaded_ready_to_be_steered(tmp_path, family):
    model = load_model(str(save_model(tmp_path / family, family)))
    assert model.id == str(tmp_path / family)
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert [site.depth for site in model.sites] == [0, 1, 2]
    assert {site.width for site in model.sites} == {16}
    assert model.device == torch.device("cpu")
    assert model.dtype == torch.float32
    assert model.max_tokens == 256
    assert model.parameter_count == sum(p.numel() for p in make_network(family).parameters())
    assert model.has_chat_template
    assert model.tokenizer.padding_side == "left"
    batch = model.tokenizer(["the day", "my work was good today ."], return_tensors="pt", padding=True)
    batch.pop("token_type_ids", None)
    expected = make_network(family)(**batch).logits
    assert torch.equal(model.network(**batch).logits, expected)


def test_a_folder_may_be_a_path_and_may_have_no_template(tmp_path):
    model = load_model(save_model(tmp_path / "tiny", chat=False))
    assert not model.has_chat_template


def test_progress_tells_sentences(folder):
    told = []
    load_model(folder, progress=lambda *event: told.append(event))
    assert told
    assert all(sentence.endswith("…") for sentence, _ in told)


@pytest.mark.parametrize(
    ("word", "dtype"), [("bf16", torch.bfloat16), ("float16", torch.float16), (None, torch.float32)]
)
def test_dtype_can_be_chosen(folder, word, dtype):
    model = load_model(folder, dtype=word)
    assert model.dtype == dtype
    assert {parameter.dtype for parameter in model.network.parameters()} == {dtype}


def test_loading_is_silent_and_leaves_transformers_talkative(folder, capfd):
    verbosity = transformers.logging.get_verbosity()
    load_model(folder)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert transformers.logging.get_verbosity() == verbosity
    assert transformers.logging.is_progress_bar_enabled()


# one sentence for each fault


def without(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names] and None


def cut_short(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])


def change_weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return apply


def missing_shard(folder: Path) -> None:
    index = {
        "metadata": {},
        "weight_map": dict.fromkeys(load_file(folder / "model.safetensors"), "model-2.safetensors"),
    }
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


UP = "model.layers.1.mlp.up_proj.weight"
FAULTS = {
    "no config": (without("config.json"), "holds no model that can be loaded: a file config.json is missing"),
    "config is no JSON": (lambda folder: (folder / "config.json").write_text("{"), "not a valid JSON file"),
    "config is empty": (
        lambda folder: (folder / "config.json").write_text("{}"),
        "could not be loaded: Unrecognized model",
    ),
    "no weights": (without("model.safetensors"), "holds no weights"),
    "pickled weights": (
        lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
        r"old format \(.bin or .pt\)",
    ),
    "weights cut short": (cut_short, "The weights of .* are damaged or cut short"),
    "weights are text": (
        lambda folder: (folder / "model.safetensors").write_text("no" * 99),
        "are damaged or cut short",
    ),
    "a weight is lost": (
        change_weights(lambda weights: weights.pop(UP)),
        f"is incomplete: some of its weights .*{UP}",
    ),
    "a weight is too small": (
        change_weights(lambda w: w.update({UP: torch.zeros(2, 2)})),
        f"is incomplete: .*wrong size .*{UP}",
    ),
    "a shard is lost": (missing_shard, "model-2.safetensors"),
    "no tokenizer": (
        without("tokenizer.json", "tokenizer_config.json"),
        "The tokenizer of the model .* could not be loaded",
    ),
    "tokenizer is no JSON": (
        lambda f: (f / "tokenizer.json").write_text("{"),
        "The tokenizer of the model .* could not be loaded",
    ),
    "unknown kind": (
        lambda f: edit_config(f, model_type="flubber"),
        r"of a kind \(flubber\) that the installed transformers",
    ),
    "own code": (
        lambda f: edit_config(
            f, model_type="flubber", auto_map={"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}
        ),
        "brings its own program code",
    ),
    "own code for a known kind": (
        lambda f: edit_config(
            f, architectures=["FlubberForCausalLM"], auto_map={"AutoModelForCausalLM": "code.Model"}
        ),
        "brings its own program code",
    ),
    "fills gaps": (
        lambda f: edit_config(f, model_type="bert", architectures=["BertForMaskedLM"]),
        r"is not a model that writes text \(it is a BertForMaskedLM\)",
    ),
    "translates": (
        lambda f: edit_config(f, model_type="t5", architectures=["T5ForConditionalGeneration"]),
        r"is not a model that writes text \(it is a T5ForConditionalGeneration\)",
    ),
    "does not say": (lambda f: edit_config(f, model_type="t5", architectures=None), "is not a model that writes text"),
    "too large": (
        lambda f: edit_config(f, hidden_size=16384, intermediate_size=10**6, num_hidden_layers=100),
        r"needs about \d+\.\d GB of memory, and \d+\.\d GB are free on this computer",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_sentence_for_each_fault(folder, fault):
    spoil, words = FAULTS[fault]
    spoil(folder)
    with pytest.raises(LineasError, match=words) as caught:
        load_model(str(folder))
    said = str(caught.value)
    assert repr(str(folder)) in said
    assert "\n" not in said
    assert len(said) < 600


def test_code_that_a_model_brings_is_not_run(folder, tmp_path):
    edit_config(folder, model_type="flubber", auto_map={"AutoConfig": "code.Config"})
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(LineasError, match="does not run"):
        load_model(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("./not/here", "There is no file or folder './not/here'"),
        ("/not/here", "There is no file or folder '/not/here'"),
        ("~/not-here", "There is no file or folder '~/not-here'"),
        ("a/b/c", "There is no file or folder 'a/b/c'"),
        ("C:\\models\\mine", "There is no file or folder"),
        ("model.gguf", "There is no file or folder 'model.gguf'"),
        ("Some/Repository-GGUF.gguf", "There is no file or folder 'Some/Repository-GGUF.gguf'"),
        ("  ", "No model was named"),
    ],
)
def test_what_is_not_there_is_echoed(name, words):
    with pytest.raises(LineasError) as caught:
        load_model(name)
    assert str(caught.value).startswith(words)


def test_words_for_device_and_dtype_are_checked_before_anything_is_fetched(lineas_home):
    with pytest.raises(LineasError, match="'gpu'"):
        load_model("default", device="gpu")
    with pytest.raises(LineasError, match="'int4'"):
        load_model("default", dtype="int4")
    assert not lineas_home.exists()


def test_out_of_memory_is_said_plainly(folder, monkeypatch):
    def full(*args, **settings):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has …")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", full)
    with pytest.raises(LineasError, match="The memory of the graphics card is full"):
        load_model(folder)


# adopting


def test_a_tokenizer_without_padding_gets_one():
    tokenizer = make_tokenizer()
    tokenizer.pad_token = None
    network = make_network("gpt2")
    network.generation_config.pad_token_id = None
    model = adopt(network, tokenizer)
    assert model.id == "custom"
    assert model.tokenizer.pad_token == "<end>"
    assert model.network.generation_config.pad_token_id == tokenizer.eos_token_id
    assert len(model.tokenizer(["the day", "the"], padding=True)["input_ids"][1]) == 2


def test_even_without_an_end_token_it_pads():
    tokenizer = make_tokenizer()
    tokenizer.pad_token = tokenizer.eos_token = None
    assert adopt(make_network(), tokenizer).tokenizer.pad_token_id == 0


# fingerprints


def test_the_fingerprint_is_of_the_model_and_nothing_else(folder):
    first = load_model(folder)
    assert first.fingerprint == load_model(folder).fingerprint
    assert first.fingerprint == load_model(folder, dtype="bfloat16").fingerprint
    assert make_model("llama", seed=0).fingerprint == make_model("llama", seed=0).fingerprint


def test_other_weights_have_another_second_half():
    one, other = make_model("llama", seed=0).fingerprint, make_model("llama", seed=1).fingerprint
    assert one.split(":")[0] == other.split(":")[0]
    assert one.split(":")[1] != other.split(":")[1]


def test_other_sites_have_another_first_half():
    assert make_model("llama").fingerprint.split(":")[0] != make_model("llama", blocks=2).fingerprint.split(":")[0]
    assert make_model("llama").fingerprint.split(":")[0] != make_model("gpt2").fingerprint.split(":")[0]


def test_a_norm_that_grows_by_a_twentieth_shows():
    model = make_model("llama")
    model.network.get_parameter("model.norm.weight").mul_(1.05)
    assert fingerprint(model.network, model.sites) != model.fingerprint


def test_a_little_fine_tuning_shows():
    model = make_model("llama")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for weight in model.network.parameters():
            weight += 0.01 * weight.std() * torch.randn_like(weight) if weight.ndim > 1 else 0
    assert fingerprint(model.network, model.sites) != model.fingerprint


# GGUF files


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


def test_a_file_of_another_kind(folder):
    with pytest.raises(LineasError, match=r"config.json' is a file, but not a GGUF file"):
        load_model(folder / "config.json")
