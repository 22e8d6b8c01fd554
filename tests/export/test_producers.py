"""Which layer takes the shift of a block."""

from typing import Any

import pytest
import torch
from export_families import config_of
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from lineas.errors import LineasError
from lineas.export.fold import find_folds
from lineas.export.producers import ShiftFold, shift_folds
from lineas.steering.map import SteeringMap


class Block(nn.Module):
    """A block like one of Llama, whose last step can be changed."""

    def __init__(self, after: nn.Module | None = None, down: nn.Linear | None = None) -> None:
        super().__init__()
        self.norm, self.attention, self.down = nn.LayerNorm(8), nn.Linear(8, 8), down or nn.Linear(8, 8)
        self.unused = nn.Linear(8, 8)
        self.after = after or nn.Identity()

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = hidden + self.attention(hidden)
        update: Tensor = self.after(self.down(torch.relu(self.norm(hidden))))
        return hidden + update


class Network(nn.Module):
    def __init__(self, *blocks: nn.Module) -> None:
        super().__init__()
        self.embed, self.blocks = nn.Embedding(9, 8), nn.ModuleList(blocks)

    def forward(self, input_ids: Tensor, use_cache: bool) -> Tensor:
        hidden: Tensor = self.embed(input_ids)
        for block in self.blocks:
            hidden = block(hidden)
        return hidden


class Times(nn.Module):
    def __init__(self, factor: Any) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, hidden: Tensor) -> Tensor:
        result: Tensor = hidden * self.factor
        return result


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_the_layer_that_adds_last_takes_the_shift() -> None:
    network = Network(Block(), Block(Times(-0.25)))
    first, second = shift_folds(network, ["blocks.0", "blocks.1"])
    assert first == ShiftFold("blocks.0", "blocks.0.down", 1.0)
    assert second.producer == "blocks.1.down" and second.factor == pytest.approx(-0.25, rel=1e-5)
    (itself,) = shift_folds(network, ["blocks.1.attention"])
    assert itself.producer == "blocks.1.attention"


@pytest.mark.parametrize("after", [nn.Identity(), nn.RMSNorm(8)])
def test_large_activations_hide_nothing(after: nn.Module) -> None:
    """Some coordinates of real models are thousands of times as large as the others."""
    network = Network(Block(after))
    network.embed.weight.data[:, 3] = 1e4
    network.blocks[0].attention.weight.data *= 1e-4
    if isinstance(after, nn.Identity):
        assert shift_folds(network, ["blocks.0"]) == [ShiftFold("blocks.0", "blocks.0.down", 1.0)]
    else:
        with pytest.raises(LineasError, match=r"no linear layer adds straight to what 'blocks\.0' returns"):
            shift_folds(network, ["blocks.0"])


@pytest.mark.parametrize("after", [nn.RMSNorm(8), nn.ReLU(), Times(torch.linspace(1, 1.1, 8))])
def test_what_changes_the_shift_on_its_way_is_refused(after: nn.Module) -> None:
    with pytest.raises(LineasError, match="no linear layer"):
        shift_folds(Network(Block(after)), ["blocks.0"])


def test_a_layer_that_two_blocks_share_is_refused() -> None:
    down = nn.Linear(8, 8)
    with pytest.raises(LineasError, match="no linear layer"):
        shift_folds(Network(Block(down=down), Block(down=down)), ["blocks.0"])


def test_a_norm_with_a_bias_that_comes_last_takes_the_shift() -> None:
    assert shift_folds(Network(Block(nn.LayerNorm(8))), ["blocks.0"])[0].producer == "blocks.0.after"


def test_parallel_attention() -> None:
    """Both layers of a NeoX block add to what it returns; one of them takes the shift."""
    network = AutoModelForCausalLM.from_config(config_of("gpt-neox")).eval()
    (found,) = shift_folds(network, ["gpt_neox.layers.1"])
    assert found == ShiftFold("gpt_neox.layers.1", "gpt_neox.layers.1.mlp.dense_4h_to_h", 1.0)


def test_factors_without_a_norm_are_refused() -> None:
    scaling = SteeringMap({"blocks.0": torch.full((8,), 1.001)}, {"blocks.0": torch.zeros(8)})
    with pytest.raises(LineasError, match=r"scales what 'blocks\.0' returns"):
        find_folds(Network(Block()), scaling)
    assert find_folds(Network(Block()), scaling.at_strength(0)).norms == []
