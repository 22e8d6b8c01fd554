"""The fingerprint of a model."""

import torch
from tiny import make_model, save_model

from lineas.models.fingerprint import fingerprint
from lineas.models.load import load_model


def test_the_fingerprint_depends_on_the_model_only(tmp_path):
    folder = save_model(tmp_path / "tiny")
    first = load_model(folder)
    assert first.fingerprint == load_model(folder).fingerprint
    assert first.fingerprint == load_model(folder, dtype="bfloat16").fingerprint
    assert make_model("llama", seed=0).fingerprint == make_model("llama", seed=0).fingerprint


def test_other_weights_change_the_second_half():
    one, other = make_model("llama", seed=0).fingerprint, make_model("llama", seed=1).fingerprint
    assert one.split(":")[0] == other.split(":")[0]
    assert one.split(":")[1] != other.split(":")[1]


def test_other_sites_change_the_first_half():
    assert make_model("llama").fingerprint.split(":")[0] != make_model("llama", blocks=2).fingerprint.split(":")[0]
    assert make_model("llama").fingerprint.split(":")[0] != make_model("gpt2").fingerprint.split(":")[0]


def test_a_norm_that_grows_by_5_percent_changes_it():
    model = make_model("llama")
    model.network.get_parameter("model.norm.weight").mul_(1.05)
    assert fingerprint(model.network, model.sites) != model.fingerprint


def test_a_little_fine_tuning_changes_it():
    model = make_model("llama")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for weight in model.network.parameters():
            weight += 0.01 * weight.std() * torch.randn_like(weight) if weight.ndim > 1 else 0
    assert fingerprint(model.network, model.sites) != model.fingerprint
