"""Models from a fake hub on this computer, and errors without one."""

import json
import re
import socket
import time
from pathlib import Path

import pytest
import torch
from fake_hub import fake_hub
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from tiny import make_config, make_tokenizer
from transformers import AutoModelForCausalLM

from lineas.errors import LineasError
from lineas.models.hub import look_up
from lineas.models.load import load_model


def use_hub(address: str, cache: Path, monkeypatch: pytest.MonkeyPatch, offline: bool = False) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "served"
    AutoModelForCausalLM.from_config(make_config("llama")).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    (folder / "README.md").write_text("Hello")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    return folder


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A hub that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        use_hub(f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path / "cache", monkeypatch)
        yield


def test_a_downloaded_model_loads_without_the_hub(folder, tmp_path, monkeypatch):
    reported = []
    with fake_hub({"some/model": folder}) as (address, asked):
        use_hub(address, tmp_path / "cache", monkeypatch)
        model = load_model("some/model", progress=lambda *event: reported.append(event))
        assert model.id == "some/model"
        assert set(asked) >= {"config.json", "model.safetensors", "tokenizer.json"}
        assert not {"README.md", "pytorch_model.bin"} & set(asked), "only what is needed is fetched"
    assert any(
        re.search(r"Fetching some/model .* \d+ of \d+ MB", sentence) for sentence, fraction in reported if fraction
    )
    assert all(fraction is None or 0 <= fraction <= 1 for _, fraction in reported)
    again = load_model("some/model")
    assert again.fingerprint == model.fingerprint
    use_hub(address, tmp_path / "cache", monkeypatch, offline=True)
    assert load_model("some/model").fingerprint == model.fingerprint


def test_a_model_is_described_before_it_is_downloaded(folder, tmp_path, monkeypatch):
    with fake_hub({"some/model": folder, "an/other": folder}, gated=frozenset({"an/other"})) as (address, asked):
        use_hub(address, tmp_path / "cache", monkeypatch)
        known = look_up("some/model")
        assert known.size == sum(
            file.stat().st_size for file in folder.iterdir() if file.suffix in (".json", ".safetensors", ".jinja")
        )
        assert (known.licence, known.gated, known.parameters) == ("apache-2.0", False, 1234)
        assert look_up("an/other").gated
        with pytest.raises(LineasError, match="There is no model 'no/model'"):
            look_up("no/model")
        assert asked == [] and not (tmp_path / "cache").exists()
    with pytest.raises(LineasError, match="cannot be reached"):
        look_up("some/model")


def test_an_unknown_model_is_quoted(tmp_path, monkeypatch):
    with fake_hub({}) as (address, _):
        use_hub(address, tmp_path / "cache", monkeypatch)
        with pytest.raises(LineasError, match=r"There is no model 'some/modle' on Hugging Face"):
            load_model("some/modle")


def test_a_gated_model_says_where_to_accept_its_licence(folder, tmp_path, monkeypatch):
    with fake_hub({"some/model": folder}, gated=frozenset({"some/model"})) as (address, _):
        use_hub(address, tmp_path / "cache", monkeypatch)
        with pytest.raises(
            LineasError, match=r"'some/model' is only .*https://huggingface.co/some/model.*hf auth login"
        ):
            load_model("some/model")


def test_a_model_that_is_too_large_is_refused_before_its_weights_are_downloaded(folder, tmp_path, monkeypatch):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps(config | {"hidden_size": 32768, "intermediate_size": 10**6, "num_hidden_layers": 99})
    )
    with fake_hub({"some/model": folder}) as (address, asked):
        use_hub(address, tmp_path / "cache", monkeypatch)
        with pytest.raises(LineasError, match=r"'some/model' needs about [\d.]+ GB of memory"):
            load_model("some/model")
    assert "config.json" in asked
    assert "model.safetensors" not in asked


@pytest.mark.parametrize("kept", [["pytorch_model.bin", "config.json"], ["README.md"]])
def test_a_repository_without_a_model_is_refused(folder, tmp_path, monkeypatch, kept):
    for file in folder.iterdir():
        if file.name not in kept:
            file.unlink()
    with fake_hub({"some/model": folder}) as (address, asked):
        use_hub(address, tmp_path / "cache", monkeypatch)
        with pytest.raises(LineasError, match=r"'some/model' holds no (weights|model)"):
            load_model("some/model")
    assert "pytorch_model.bin" not in asked


def test_a_sharded_model_loads(folder, tmp_path, monkeypatch):
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    shards = {key: names[i % 2] for i, key in enumerate(sorted(weights))}
    for name in names:
        save_file({k: v for k, v in weights.items() if shards[k] == name}, folder / name, {"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": shards}))
    with fake_hub({"some/model": folder}) as (address, _):
        use_hub(address, tmp_path / "cache", monkeypatch)
        network = load_model("some/model").network
    key = "model.layers.1.mlp.up_proj.weight"
    assert torch.equal(network.state_dict()[key], weights[key])


def test_an_unreachable_hub_is_reported_at_once_with_the_built_in_model_as_advice(nowhere):
    start = time.monotonic()
    with pytest.raises(LineasError, match=r"Hugging Face cannot be reached.*'some/model'.*choose 'default'"):
        load_model("some/model")
    assert time.monotonic() - start < 3, "no retries"


@pytest.mark.parametrize("name", ["a b/c", "some/..model", "-x/y"])
def test_an_impossible_name_is_quoted(nowhere, name):
    with pytest.raises(LineasError, match=f"'{name}' is not the name of a model"):
        load_model(name)
