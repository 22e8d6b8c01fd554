"""Weights in 8 or 4 bits: a map is taught through them, and what cannot be quantised is said."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from tiny import SOURCE, TARGET, make_config, make_tokenizer
from transformers import AutoModelForCausalLM

from lineas import LineasError, Recipe, load_model, train
from lineas.models import quantize
from lineas.models.hardware import room
from lineas.models.network import Checkpoint, count_parameters
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.events import Done
from lineas.training.gradients import backward
from lineas.training.loss import Distance
from lineas.training.parameters import Parameters

needs_bitsandbytes = pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama whose sizes are those that 4-bit blocks can be cut from."""
    folder = tmp_path_factory.mktemp("quantize") / "tiny"
    config = make_config("llama")
    config.update({"hidden_size": 128, "intermediate_size": 256, "head_dim": 64})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return folder


@needs_bitsandbytes
@pytest.mark.parametrize(("kind", "weights"), [("8bit", torch.int8), ("4bit", torch.uint8)])
def test_a_map_is_taught_through_quantised_weights(folder: Path, kind: str, weights: torch.dtype) -> None:
    model, plain = load_model(folder, device="cpu", quantize=kind), load_model(folder, device="cpu")
    assert model.network.model.layers[0].mlp.up_proj.weight.dtype == weights
    assert model.dtype == torch.bfloat16
    assert model.parameter_count == plain.parameter_count
    *_, done = train(model, SOURCE, TARGET, Recipe("test", "adam", 1e-2, 8, anchor=0.3))
    assert isinstance(done, Done)
    assert done.loss_end < 0.95 * done.loss_start


@needs_bitsandbytes
@pytest.mark.parametrize("kind", ["8bit", "4bit"])
def test_gradients_pass_through_quantised_weights(folder: Path, kind: str) -> None:
    """As through the same weights unpacked. The reading before is what makes bitsandbytes pack them for inference."""
    model, unpacked = load_model(folder, device="cpu", quantize=kind), load_model(folder, device="cpu", quantize=kind)
    unpacked.network.dequantize()
    rows = tokenize(model, SOURCE, 64)
    distance = Distance(model.sites, read_at_once(model, model.sites, tokenize(model, TARGET, 64)))
    grads = []
    for each in (model, unpacked):
        read_at_once(each, each.sites, rows)
        parameters = Parameters(each.sites, each.device)
        backward(each, distance, parameters, rows, [], 1.0, 0.0)
        grads.append(torch.cat([tensor.grad for tensor in parameters.tensors() if tensor.grad is not None]))
    assert torch.cosine_similarity(*grads, dim=0) > 0.99


def test_what_cannot_be_quantised_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LineasError, match="'3bit'"):
        load_model(folder, quantize="3bit")
    monkeypatch.setattr(quantize, "find_spec", lambda name: None)
    with pytest.raises(LineasError, match="pip install bitsandbytes"):
        load_model(folder, quantize="8bit")
    monkeypatch.setattr(quantize, "find_spec", lambda name: object())
    packed = tmp_path / "model.gguf"
    packed.write_bytes(b"GGUF")
    with pytest.raises(LineasError, match="GGUF"):
        load_model(packed, quantize="4bit")


def test_memory_is_asked_for_the_quantised_size(folder: Path) -> None:
    checkpoint = Checkpoint(folder, "tiny")
    whole, half = count_parameters(checkpoint), count_parameters(checkpoint, 0.5)
    layers = load_model(folder, device="cpu").network.model.layers
    linear = sum(m.weight.numel() for m in layers.modules() if isinstance(m, torch.nn.Linear))
    assert whole - half == linear // 2
    plain, four = room("cpu", "bfloat16").needed(10**9), room("cpu", quantize="4bit").needed(10**9)
    assert four == pytest.approx(0.285 * plain, rel=1e-3)
