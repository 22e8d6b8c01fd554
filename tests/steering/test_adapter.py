"""Adapters: other changes than affine maps, through the same doors."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from lineas import LineasError, record, steer
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Branch, Change, intercept, on_rows

IDS = torch.tensor([[6, 7, 8], [9, 10, 11], [6, 7, 8]])


class Swap(Adapter):
    """Reverses the coordinates, to the degree of the strength."""

    kind = "swap"
    parts = ("order",)

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return len(parts["order"])

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        on = placed(parts)
        return lambda output: (1 - strength) * output + strength * output[..., on(output)["order"].long()]


@pytest.fixture
def swap(tiny_model: LoadedModel) -> Swap:
    orders = {s.name: {"order": torch.arange(s.width, dtype=torch.float64).flip(0)} for s in tiny_model.sites}
    return Swap(orders, {"name": "swap"})


def outputs(model: LoadedModel, ids: Tensor = IDS) -> Tensor:
    with torch.no_grad():
        return model.network(ids).logits


def test_its_tensors_are_float32_on_the_cpu_and_its_metadata_its_own(tiny_model: LoadedModel, swap: Swap) -> None:
    assert all(parts["order"].dtype == torch.float32 for parts in swap.tensors.values())
    assert swap.sites == tuple(site.name for site in tiny_model.sites)
    assert swap.widths == {site.name: site.width for site in tiny_model.sites}
    named = swap.with_metadata(name="other", method="swap")
    assert (named.name, swap.name, Swap({}).name) == ("other", "swap", "")
    assert named.metadata == {"name": "other", "method": "swap"} and named.tensors.keys() == swap.tensors.keys()
    assert swap.instruction == ""


def test_it_is_one_safetensors_file(swap: Swap, tmp_path: Path) -> None:
    swap.save(tmp_path / "swap.safetensors")
    with safe_open(tmp_path / "swap.safetensors", "pt") as file:
        assert file.metadata() == {"name": "swap", "format": "lineas-adapter", "format_version": "1", "kind": "swap"}
        assert {key: file.get_tensor(key).tolist() for key in file.keys()} == {
            f"{site}.order": parts["order"].tolist() for site, parts in swap.tensors.items()
        }
    assert [path.name for path in tmp_path.iterdir()] == ["swap.safetensors"]


def test_it_steers_to_the_degree_of_its_strength(tiny_model: LoadedModel, swap: Swap) -> None:
    site = swap.sites[0]
    with record(tiny_model, [site]) as seen:
        outputs(tiny_model)
        plain = seen[site]
        with steer(tiny_model, swap, 0.25), record(tiny_model, [site]) as seen:
            outputs(tiny_model)
    torch.testing.assert_close(seen[site], 0.75 * plain + 0.25 * plain.flip(-1))


def test_rows_are_steered_each_at_its_strength(tiny_model: LoadedModel, swap: Swap) -> None:
    plain = outputs(tiny_model)
    with steer(tiny_model, swap, 1.0):
        swapped = outputs(tiny_model)
    with steer(tiny_model, [None, swap, swap], [1.0, 0.0, 1.0]):
        mixed = outputs(tiny_model)
    torch.testing.assert_close(mixed, torch.stack([plain[0], plain[1], swapped[2]]))
    assert not torch.allclose(plain[2], swapped[2])
    with steer(tiny_model, swap, 0.0):
        assert torch.equal(outputs(tiny_model), plain)
    assert not any(module._forward_hooks for module in tiny_model.network.modules())


def test_an_adapter_of_another_model_is_refused(tiny_model: LoadedModel, swap: Swap) -> None:
    wrong = Swap({swap.sites[0]: {"order": torch.arange(3)}}, {"name": "wrong", "base_model": "another"})
    with pytest.raises(LineasError, match=r"'wrong' was made for 'another' and does not fit"):
        with steer(tiny_model, wrong):
            pass


def test_a_branch_sees_the_input_of_its_module_and_its_rows_only(tiny_model: LoadedModel) -> None:
    name, seen = "model.layers.0.mlp.up_proj", []

    def double(output: Tensor, given: Tensor) -> Tensor:
        seen.append((output.shape, given.shape))
        return output + given.sum(dim=-1, keepdim=True)

    with record(tiny_model, [name]) as plain:
        outputs(tiny_model)
    with intercept(tiny_model.network, {name: Branch(double)}), record(tiny_model, [name]) as every:
        outputs(tiny_model)
    with intercept(tiny_model.network, {name: on_rows(Branch(double), [0, 2])}), record(tiny_model, [name]) as some:
        outputs(tiny_model)
    assert seen == [((3, 3, 24), (3, 3, 16)), ((2, 3, 24), (2, 3, 16))]
    torch.testing.assert_close(some[name][1], plain[name][1])
    torch.testing.assert_close(some[name][[0, 2]], every[name][[0, 2]])
    assert not torch.allclose(every[name], plain[name])
