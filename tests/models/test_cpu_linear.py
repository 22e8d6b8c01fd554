"""Every kind of linear layer computes the same as ``nn.Linear``."""

import copy
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tiny import make_model, make_network, save_model
from torch import nn

from lineas.models import cpu_linear
from lineas.models.cpu_linear import (
    NarrowLinear,
    PackedLinear,
    PackedNarrowLinear,
    can_pack,
    choose_linear_layers,
    pack,
)
from lineas.models.load import load_model

needs_packing = pytest.mark.skipif(not can_pack(), reason="this processor has no packed kernels")
KINDS = [
    NarrowLinear,
    pytest.param(PackedLinear, marks=needs_packing),
    pytest.param(PackedNarrowLinear, marks=needs_packing),
]
SHAPES = [(1, 1), (2, 1), (3, 1), (1, 5), (11, 1), (4, 4), (17, 1), (6, 7), (40, 9)]


def make(kind: type[nn.Linear], inputs: int = 24, outputs: int = 40, bias: bool = False) -> nn.Linear:
    """Make a frozen layer of a kind."""
    layer = nn.Linear(inputs, outputs, bias=bias).requires_grad_(False)
    if issubclass(kind, PackedLinear):
        pack(layer)
    layer.__class__ = kind
    return layer


def reference(layer: nn.Linear, input: torch.Tensor) -> torch.Tensor:
    return nn.functional.linear(input, layer.weight, layer.bias)


def prefer(monkeypatch: pytest.MonkeyPatch, *kinds: type[nn.Linear]) -> None:
    """Let small networks count, and these kinds be the faster ones without timing."""
    monkeypatch.setattr(cpu_linear, "LARGE", 0)
    monkeypatch.setattr(cpu_linear, "_is_faster", lambda kind, layers: kind in kinds)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_computes_what_a_linear_layer_does(
    kind: type[nn.Linear], shape: tuple[int, int], bias: bool
) -> None:
    layer = make(kind, bias=bias)
    x, y = (torch.randn(*shape, 24, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    expected, found = reference(layer, x), layer(y)
    torch.testing.assert_close(found, expected)
    expected.square().sum().backward()
    found.square().sum().backward()
    torch.testing.assert_close(y.grad, x.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_a_trained_weight_gets_its_gradient(kind: type[nn.Linear]) -> None:
    layer, x = make(kind).requires_grad_(), torch.randn(5, 24)
    [expected] = torch.autograd.grad(reference(layer, x).square().sum(), layer.weight)
    [found] = torch.autograd.grad(layer(x).square().sum(), layer.weight)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("rows", [2, 3, 5, 11, 16, 22, 64])
@pytest.mark.parametrize("kind", KINDS)
def test_equal_rows_give_equal_results(kind: type[nn.Linear], rows: int) -> None:
    """Strength 0 must be the plain answer, bit for bit."""
    layer = make(kind, 576, 1536)
    found = layer(torch.randn(1, 576).expand(rows, 1, 576))
    assert (found == found[0]).all()


@needs_packing
def test_a_packed_weight_that_is_out_of_date_is_not_used() -> None:
    layer, x = make(PackedLinear), torch.randn(5, 24)
    layer.weight.mul_(2)
    torch.testing.assert_close(layer(x), reference(layer, x))


@needs_packing
def test_a_copy_shares_the_packed_weight_or_goes_without() -> None:
    layer, x = make(PackedLinear), torch.randn(5, 24)
    sharing = copy.deepcopy(layer, {id(layer.weight): layer.weight})
    assert sharing.weight.packed is layer.weight.packed
    for other in (sharing, copy.deepcopy(layer)):
        torch.testing.assert_close(other(x), layer(x))
    del layer.weight.packed
    torch.testing.assert_close(layer(x), reference(layer, x))


@pytest.mark.parametrize(
    ("faster", "kind"),
    [
        ([NarrowLinear], NarrowLinear),
        pytest.param([PackedLinear], PackedLinear, marks=needs_packing),
        pytest.param([NarrowLinear, PackedLinear], PackedNarrowLinear, marks=needs_packing),
        ([], nn.Linear),
    ],
)
def test_a_network_computes_the_same_with_the_faster_kinds(
    monkeypatch: pytest.MonkeyPatch, faster: list[type[nn.Linear]], kind: type[nn.Linear]
) -> None:
    prefer(monkeypatch, *faster)
    network = make_model("qwen2").network
    changed = copy.deepcopy(network)
    choose_linear_layers(changed)
    assert {type(module) for module in changed.modules() if isinstance(module, nn.Linear)} == {kind}
    ids = torch.randint(5, 60, (2, 6), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(changed(input_ids=ids).logits, network(input_ids=ids).logits)
    assert changed.state_dict().keys() == network.state_dict().keys()


@needs_packing
def test_nothing_is_packed_if_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, PackedLinear)
    network = make_model("llama").network
    size = sum(layer.weight.nbytes for layer in network.modules() if isinstance(layer, nn.Linear))
    monkeypatch.setattr(cpu_linear, "free_memory", lambda device: 3 * size)
    choose_linear_layers(network)
    assert not any(isinstance(layer, PackedLinear) for layer in network.modules())


def test_a_network_computes_the_same_whatever_timing_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_linear, "LARGE", 0)
    network = make_model("llama").network
    ids = torch.randint(5, 60, (2, 6), generator=torch.Generator().manual_seed(0))
    before = network(input_ids=ids).logits
    choose_linear_layers(network)
    torch.testing.assert_close(network(input_ids=ids).logits, before)


def refuse(*_: object) -> torch.Tensor:
    raise RuntimeError("this build has no oneDNN")


OPERATORS = ("_reorder_linear_weight", "_linear_pointwise")


@needs_packing
@pytest.mark.parametrize("gone", OPERATORS)
@pytest.mark.parametrize("absent", [True, False], ids=["absent", "refusing"])
def test_without_the_private_operators_a_model_loads_with_plain_layers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gone: str, absent: bool
) -> None:
    operators = {name: getattr(torch.ops.mkldnn, name) for name in OPERATORS} | {gone: refuse}
    if absent:
        del operators[gone]
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace(**operators))
    monkeypatch.setattr(cpu_linear, "LARGE", 0)
    time_layers = cpu_linear._is_faster
    monkeypatch.setattr(
        cpu_linear,
        "_is_faster",
        lambda kind, layers: kind is PackedLinear and (time_layers(kind, layers) or True),
    )
    network = load_model(save_model(tmp_path)).network
    layers = [module for module in network.modules() if isinstance(module, nn.Linear)]
    assert {type(layer) for layer in layers} == {nn.Linear}
    assert not any(hasattr(layer.weight, "packed") for layer in layers)
    ids = torch.randint(5, 60, (2, 6), generator=torch.Generator().manual_seed(0))
    assert torch.equal(network(input_ids=ids).logits, make_network()(input_ids=ids).logits)
