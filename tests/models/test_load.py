"""Loading tiny models from folders, and one sentence for each fault that they can have."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sentencepiece
import torch
import transformers
from safetensors.torch import load_file, save_file
from tiny import FAMILIES, SOURCE, TARGET, make_network, save_model
from transformers import AutoModelForCausalLM

from lineas import Row, Sampling, generate
from lineas.errors import LineasError
from lineas.models.load import load_model


def edit_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_model(tmp_path / "tiny")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loaded_folder_is_ready_to_be_steered(tmp_path, family):
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


def test_progress_reports_sentences(folder):
    reported = []
    load_model(folder, progress=lambda *event: reported.append(event))
    assert reported
    assert all(sentence.endswith("…") for sentence, _ in reported)


@pytest.mark.parametrize(
    ("word", "dtype"), [("bf16", torch.bfloat16), ("float16", torch.float16), (None, torch.float32)]
)
def test_dtype_can_be_chosen(folder, word, dtype):
    model = load_model(folder, dtype=word)
    assert model.dtype == dtype
    assert {parameter.dtype for parameter in model.network.parameters()} == {dtype}


def test_loading_is_silent_and_restores_the_verbosity_of_transformers(folder, capfd):
    verbosity = transformers.logging.get_verbosity()
    load_model(folder)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert transformers.logging.get_verbosity() == verbosity
    assert transformers.logging.is_progress_bar_enabled()


# ---- one sentence for each fault


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


def unknown_merge(folder: Path) -> None:
    """Add a merge that is longer than all words of the vocabulary: tokenizers panics."""
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


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
    "tokenizer makes Rust panic": (
        unknown_merge,
        "The tokenizer of the model .* could not be loaded: range end index",
    ),
    "config of other types": (lambda f: edit_config(f, architectures=7, hidden_size="x"), "could not be loaded"),
    "architectures of another type": (
        lambda f: edit_config(f, architectures=[{}]),
        r"is not a model that writes text\. Choose",
    ),
    "too many layers": (lambda f: edit_config(f, num_hidden_layers=10**9), "claims to have 1,000,000,000 layers"),
    "heads that do not fit": (lambda f: edit_config(f, num_attention_heads=3), "could not be loaded|is incomplete"),
    "config nested deeply": (lambda f: (f / "config.json").write_text("[" * 10**5), "could not be loaded"),
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


def test_a_models_own_code_is_not_run(folder, tmp_path):
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
        ("/" + "x" * 500, "There is no file or folder '/xxx"),
        ("x" * 500, "'xxxxxxx"),
        ("x/" + "y" * 100_000, "'x/yyyyyy"),
        ("a\0b", "'a"),
    ],
)
def test_a_missing_model_is_quoted(name, words):
    with pytest.raises(LineasError) as caught:
        load_model(name)
    assert str(caught.value).startswith(words)
    assert len(str(caught.value)) < 500


def test_device_and_dtype_are_checked_before_the_download(lineas_home):
    with pytest.raises(LineasError, match="'gpu'"):
        load_model("default", device="gpu")
    with pytest.raises(LineasError, match="'int4'"):
        load_model("default", dtype="int4")
    assert not lineas_home.exists()


def test_running_out_of_memory_gives_one_sentence(folder, monkeypatch):
    def full(*args, **settings):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has …")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", full)
    with pytest.raises(LineasError, match="The graphics card ran out of memory"):
        load_model(folder)


def test_a_sentencepiece_model_alone_is_a_tokenizer(folder: Path) -> None:
    """transformers needs protobuf for it."""
    without("tokenizer.json", "tokenizer_config.json")(folder)
    for file in folder.glob("*token*"):
        file.unlink()
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SOURCE + TARGET), model_writer=written, vocab_size=60, model_type="bpe", minloglevel=2
    )
    (folder / "tokenizer.model").write_bytes(written.getvalue())
    model = load_model(folder)
    ids = model.tokenizer("the day was good")["input_ids"]
    assert len(ids) < 10
    assert model.tokenizer.decode(ids, skip_special_tokens=True) == "the day was good"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_config_that_asks_for_tuples_changes_nothing(tmp_path: Path, family: str) -> None:
    folder = save_model(tmp_path / family, family)
    plain = load_model(folder)
    edit_config(folder, return_dict=False)
    model = load_model(folder)
    batch = {"input_ids": torch.tensor([[3, 5, 8]])}
    assert torch.equal(model.network(**batch).logits, plain.network(**batch).logits)
    texts = [generate(m, ["the day"], [Row()], Sampling(max_new_tokens=4))[0][0].text for m in (model, plain)]
    assert texts[0] == texts[1]


def test_a_file_that_is_not_gguf_is_refused(folder):
    with pytest.raises(LineasError, match=r"config.json' is a file, but not a GGUF file"):
        load_model(folder / "config.json")
