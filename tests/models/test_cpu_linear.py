"""Linear layers that are fast on this computer are linear layers."""

import copy

import pytest
import torch
from tiny import make_model
from torch import nn

from lineas.models import cpu_linear as linear
from lineas.models.cpu_linear import PackedNarrowLinear, choose_linear_layers
from lineas.models.narrow import NarrowLinear
from lineas.models.packed import PackedLinear, can_pack, pack, unpack

needs_packing = pytest.mark.skipif(not can_pack(), reason="this processor has no packed kernels")
KINDS = [
    NarrowLinear,
    pytest.param(PackedLinear, marks=needs_packing),
    pytest.param(PackedNarrowLinear, marks=needs_packing),
]
SHAPES = [(1, 1), (2, 1), (3, 1), (1, 5), (11, 1), (4, 4), (17, 1), (6, 7), (40, 9)]


def make(kind: type[nn.Linear], inputs: int = 24, outputs: int = 40, bias: bool = False) -> nn.Linear:
    """A frozen layer of a kind."""
    layer = nn.Linear(inputs, outputs, bias=bias).requires_grad_(False)
    if issubclass(kind, PackedLinear):
        pack(layer)
    layer.__class__ = kind
    return layer


def usual(layer: nn.Linear, input: torch.Tensor) -> torch.Tensor:
    return nn.functional.linear(input, layer.weight, layer.bias)


def prefer(monkeypatch: pytest.MonkeyPatch, *kinds: type[nn.Linear]) -> None:
    """Small networks count, and what is faster does not depend on time."""
    monkeypatch.setattr(linear, "LARGE", 0)
    monkeypatch.setattr(linear, "_faster", lambda kind, layers: kind in kinds)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_it_computes_what_a_linear_layer_does(kind: type[nn.Linear], shape: tuple[int, int], bias: bool) -> None:
    layer = make(kind, bias=bias)
    x, y = (torch.randn(*shape, 24, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    expected, found = usual(layer, x), layer(y)
    torch.testing.assert_close(found, expected)
    expected.square().sum().backward()
    found.square().sum().backward()
    torch.testing.assert_close(y.grad, x.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_that_learns_gets_its_gradient(kind: type[nn.Linear]) -> None:
    layer, x = make(kind).requires_grad_(), torch.randn(5, 24)
    [expected] = torch.autograd.grad(usual(layer, x).square().sum(), layer.weight)
    [found] = torch.autograd.grad(layer(x).square().sum(), layer.weight)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("rows", [2, 3, 5, 11, 16, 22, 64])
@pytest.mark.parametrize("kind", KINDS)
def test_equal_rows_give_equal_results(kind: type[nn.Linear], rows: int) -> None:
    """So that strength 0 is the plain answer, bit for bit."""
    layer = make(kind, 576, 1536)
    found = layer(torch.randn(1, 576).expand(rows, 1, 576))
    assert (found == found[0]).all()


@needs_packing
def test_a_packed_weight_that_was_changed_is_not_used_as_it_was() -> None:
    layer, x = make(PackedLinear), torch.randn(5, 24)
    layer.weight.mul_(2)
    torch.testing.assert_close(layer(x), usual(layer, x))


@needs_packing
def test_a_copy_shares_the_packed_weight_or_goes_without() -> None:
    layer, x = make(PackedLinear), torch.randn(5, 24)
    sharing = copy.deepcopy(layer, {id(layer.weight): layer.weight})
    assert sharing.weight.packed is layer.weight.packed
    for other in (sharing, copy.deepcopy(layer)):
        torch.testing.assert_close(other(x), layer(x))
    unpack(layer)
    torch.testing.assert_close(layer(x), usual(layer, x))


@pytest.mark.parametrize(
    ("faster", "kind"),
    [
        ([NarrowLinear], NarrowLinear),
        pytest.param([PackedLinear], PackedLinear, marks=needs_packing),
        pytest.param([NarrowLinear, PackedLinear], PackedNarrowLinear, marks=needs_packing),
        ([], nn.Linear),
    ],
)
def test_a_network_says_the_same(
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
def test_where_memory_is_short_nothing_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, PackedLinear)
    network = make_model("llama").network
    size = sum(layer.weight.nbytes for layer in network.modules() if isinstance(layer, nn.Linear))
    monkeypatch.setattr(linear, "free_memory", lambda device: 3 * size)
    choose_linear_layers(network)
    assert not any(isinstance(layer, PackedLinear) for layer in network.modules())


def test_whatever_is_measured_a_network_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "LARGE", 0)
    network = make_model("llama").network
    ids = torch.randint(5, 60, (2, 6), generator=torch.Generator().manual_seed(0))
    before = network(input_ids=ids).logits
    choose_linear_layers(network)
    torch.testing.assert_close(network(input_ids=ids).logits, before)
