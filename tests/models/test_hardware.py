"""Choosing a device, a dtype and a place for a model."""

import pytest
import torch

from lineas.errors import LineasError
from lineas.models import hardware
from lineas.models.hardware import GB, choose_device, choose_dtype, choose_place, estimate_memory, free_memory

CPU = torch.device("cpu")


@pytest.fixture
def two_cards(monkeypatch):
    """Two graphics cards with 8 and 12 GB free."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3 * GB)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 2 * GB)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: ((7 + 4 * (device.index or 0)) * GB, 24 * GB))


@pytest.fixture
def no_cards(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_the_device_is_the_cpu_without_a_card(no_cards):
    assert choose_device() == CPU


def test_the_card_with_the_most_free_memory_is_chosen(two_cards):
    assert choose_device() == torch.device("cuda", 1)


def test_a_requested_device_is_used(two_cards):
    assert choose_device("cpu") == CPU
    assert choose_device("cuda:0") == torch.device("cuda", 0)
    assert choose_device(torch.device("cuda")) == torch.device("cuda")


def test_the_device_is_mps_on_a_mac(no_cards, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device() == choose_device("mps") == torch.device("mps")


@pytest.mark.parametrize("word", ["gpu", "meta", "cuda:x", "", "xpu:0"])
def test_an_unknown_device_is_quoted(word):
    with pytest.raises(LineasError, match=f"no device called '{word}'"):
        choose_device(word)


@pytest.mark.parametrize(
    ("word", "reason"), [("cuda", "no graphics card"), ("cuda:1", "no graphics card"), ("mps", "Apple")]
)
def test_a_missing_device_is_quoted_with_the_reason(no_cards, word, reason):
    with pytest.raises(LineasError, match=f"'{word}'.*{reason}"):
        choose_device(word)


def test_a_card_beyond_the_last_is_quoted(two_cards):
    with pytest.raises(LineasError, match=r"'cuda:2'.*cuda:0 to cuda:1"):
        choose_device("cuda:2")


def test_dtype_suits_the_device(two_cards, monkeypatch):
    assert choose_dtype(CPU) == torch.float32
    assert choose_dtype(torch.device("mps")) == torch.float32
    assert choose_dtype(torch.device("cuda")) == torch.float16, "emulated bfloat16 is no bfloat16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: True)
    assert choose_dtype(torch.device("cuda")) == torch.bfloat16


@pytest.mark.parametrize(
    ("word", "dtype"),
    [
        ("bf16", torch.bfloat16),
        ("BFloat16", torch.bfloat16),
        ("torch.float16", torch.float16),
        ("half", torch.float16),
        ("fp32", torch.float32),
        (torch.bfloat16, torch.bfloat16),
    ],
)
def test_dtype_by_name(word, dtype):
    assert choose_dtype(CPU, word) == dtype


@pytest.mark.parametrize("word", ["int8", "quick", torch.int64])
def test_an_unknown_dtype_is_quoted(word):
    with pytest.raises(LineasError, match=str(word).removeprefix("torch.")):
        choose_dtype(CPU, word)


def test_memory_that_torch_caches_counts_as_free(two_cards):
    assert free_memory(torch.device("cuda", 0)) == 8 * GB
    assert 0 < free_memory(CPU) < 2**50


def test_a_containers_limit_bounds_the_free_memory(tmp_path):
    (tmp_path / "memory.max").write_text("4000\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 1000\ninactive_file 500\n")
    assert hardware._free_in_container(tmp_path) == 1500
    (tmp_path / "memory.max").write_text("max\n")
    assert hardware._free_in_container(tmp_path) > 2**60
    assert hardware._free_in_container(tmp_path / "nowhere") > 2**60


def test_memory_is_estimated_from_the_number_of_weights():
    assert estimate_memory(10**9, torch.float32) == pytest.approx(4.8e9)
    assert estimate_memory(10**9, torch.bfloat16) == pytest.approx(2.4e9)


def test_a_model_is_placed_where_it_fits_or_on_all_cards(two_cards):
    card = torch.device("cuda", 1)
    in_one, in_two, too_large = 5 * 10**9, 8 * 10**9, 10 * 10**9  # 11.2, 17.9 and 22.4 GB in bfloat16
    assert choose_place(in_one, "m", card, torch.bfloat16, may_spread=True) == card
    assert choose_place(in_two, "m", card, torch.bfloat16, may_spread=True) == "auto"
    with pytest.raises(LineasError, match=r"'m' needs about 17.9 GB of memory, and 12.0 GB are free on cuda:1"):
        choose_place(in_two, "m", card, torch.bfloat16)
    with pytest.raises(LineasError, match=r"22.4 GB .* 20.0 GB are free on all graphics cards together"):
        choose_place(too_large, "m", card, torch.bfloat16, may_spread=True)


def test_bfloat16_is_suggested_if_it_helps():
    with pytest.raises(LineasError, match=r"'huge' needs about .* free on this computer.*bfloat16"):
        choose_place(10**13, "huge", CPU, torch.float32)
    with pytest.raises(LineasError) as caught:
        choose_place(10**13, "huge", CPU, torch.bfloat16)
    assert "dtype" not in str(caught.value)
