"""Linear layers for few rows are linear layers."""

import copy

import pytest
import torch
from tiny import make_model
from torch import nn

from lineas.model import narrow
from lineas.model.narrow import NarrowLinear, make_narrow


def pair(bias: bool) -> tuple[nn.Linear, NarrowLinear]:
    usual = nn.Linear(24, 40, bias=bias)
    changed = copy.deepcopy(usual)
    changed.__class__ = NarrowLinear
    assert isinstance(changed, NarrowLinear)
    return usual, changed


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (3, 1), (1, 5), (11, 1), (4, 4), (17, 1), (6, 7)])
@pytest.mark.parametrize("bias", [False, True])
def test_it_computes_what_a_linear_layer_does(shape: tuple[int, int], bias: bool) -> None:
    usual, changed = pair(bias)
    x, y = (torch.randn(*shape, 24, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    expected, found = usual(x), changed(y)
    torch.testing.assert_close(found, expected)
    expected.square().sum().backward()
    found.square().sum().backward()
    torch.testing.assert_close(y.grad, x.grad)
    torch.testing.assert_close(changed.weight.grad, usual.weight.grad)


@pytest.mark.parametrize("rows", [2, 3, 5, 11, 16])
def test_equal_rows_give_equal_results(rows: int) -> None:
    """So that strength 0 is the plain answer, bit for bit."""
    layer = NarrowLinear(576, 1536, bias=False)
    found = layer(torch.randn(1, 576).expand(rows, 1, 576))
    assert (found == found[0]).all()


def test_a_network_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "LARGE", 0)
    monkeypatch.setattr(narrow, "WORTH", 0.0)
    network = make_model("qwen2").network
    changed = copy.deepcopy(network)
    make_narrow(changed)
    assert any(isinstance(module, NarrowLinear) for module in changed.modules())
    ids = torch.randint(5, 60, (2, 6), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(changed(input_ids=ids).logits, network(input_ids=ids).logits)
    assert changed.state_dict().keys() == network.state_dict().keys()


def test_a_computer_without_need_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "LARGE", 0)
    monkeypatch.setattr(narrow, "WORTH", float("inf"))
    network = make_model("llama").network
    make_narrow(network)
    assert not any(isinstance(module, NarrowLinear) for module in network.modules())
