"""``python -m benchmarks gpu`` on a tiny network, on the processor."""

import argparse
from types import SimpleNamespace

import pytest
import torch

from benchmarks import gpu
from benchmarks.gpu import answers, checks, training
from benchmarks.gpu.networks import QUICK, random_model, sentences
from lineas import LineasError
from lineas.models.loaded import LoadedModel

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return random_model(QUICK, torch.float32, CPU)


def test_every_part_has_a_value_for_each_of_its_columns(model: LoadedModel) -> None:
    for part in (checks, training, answers):
        row = part.measure(model, rounds=1)
        assert len(row) == len(part.HEAD)
        assert all(row)


def test_exactness_is_measured(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.measure(model, 1) == ["bit-equal"] * 4
    real = checks._logits
    monkeypatch.setattr(checks, "_logits", lambda *arguments: real(*arguments) + 1e-3 * torch.rand(()))
    assert [cell.endswith(" off") for cell in checks.measure(model, 1)] == [True, True, False, False]


def test_a_network_is_the_same_each_time_and_its_sides_differ() -> None:
    one, two = (random_model(QUICK, torch.float32, CPU) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert not set(" ".join(sentences(8, 0)).split()) & set(" ".join(sentences(8, 1)).split())


def test_what_has_no_time_left_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    part = SimpleNamespace(__name__="gpu.part", HEAD=("value",), measure=lambda model, rounds: ["1"])
    monkeypatch.setattr(gpu, "PARTS", (part,))
    assert "| random Llama, tiny, float32 | 1 |" in gpu._measure(1, quick=True)
    monkeypatch.setattr(gpu, "SECONDS", -1)
    text = gpu._measure(1, quick=True)
    assert "Left out: random Llama, tiny, bfloat16 (no time left)" in text


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_without_a_card_it_says_what_can_be_done() -> None:
    with pytest.raises(LineasError, match="--quick"):
        gpu.run(argparse.Namespace(quick=False, rounds=1))
