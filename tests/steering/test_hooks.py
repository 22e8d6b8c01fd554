"""Steering is exact, scoped to a block and a thread, and leaves no trace."""

import threading
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import pytest
import torch
from maps import random_map
from tiny import make_model
from torch import Tensor

from lineas import LineasError, SteeringMap, record, steer
from lineas.models.loaded import LoadedModel
from lineas.models.sites import find_sites
from lineas.steering.hooks import check_fits
from lineas.steering.intercept import intercept

IDS = torch.tensor([[6, 7, 8, 9], [10, 11, 12, 13], [6, 7, 8, 9]])


def logits(model: LoadedModel, ids: torch.Tensor = IDS) -> torch.Tensor:
    with torch.no_grad():
        return model.network(input_ids=ids).logits


def assert_no_trace(model: LoadedModel, before: dict[str, torch.Tensor]) -> None:
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.network.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.network.state_dict().items())


@pytest.mark.parametrize("pattern", ["default", "norms", "attention", "mlp", "blocks"])
def test_the_affine_map_is_applied_where_it_says(any_model: LoadedModel, pattern: str) -> None:
    """Against editing one site's output by hand: the site's recorded output is the map of the plain one's."""
    sites = find_sites(any_model.network, pattern)
    last = sites[-1:]  # nothing before it is changed, so its plain output is the map's input
    m = random_map(last)
    with record(any_model, [last[0].name]) as plain:
        logits(any_model)
    expected = m.scale[last[0].name] * plain[last[0].name] + m.shift[last[0].name]
    with steer(any_model, m), record(any_model, [last[0].name]) as steered:
        changed = logits(any_model)
    torch.testing.assert_close(steered[last[0].name], expected)
    assert not torch.allclose(changed, logits(any_model))


def test_strength_nought_is_bit_equal_and_nothing_is_left(any_model: LoadedModel) -> None:
    before = {name: tensor.clone() for name, tensor in any_model.network.state_dict().items()}
    plain = logits(any_model)
    m = random_map(any_model.sites)
    with steer(any_model, m, 0.0):
        assert torch.equal(logits(any_model), plain)
    with steer(any_model, m, [0.0, 1.0, 0.5]):
        rows = logits(any_model)
    assert torch.equal(rows[0], plain[0])
    assert not torch.equal(rows[1], plain[1])
    assert_no_trace(any_model, before)
    assert torch.equal(logits(any_model), plain)


def test_each_row_has_its_own_map_and_strength(any_model: LoadedModel) -> None:
    one, other = random_map(any_model.sites, 1), random_map(any_model.sites[:1], 2)
    with steer(any_model, [one, None, other], [0.5, 1.0, 2.0]):
        rows = logits(any_model)
    with steer(any_model, one, 0.5):
        torch.testing.assert_close(rows[0], logits(any_model)[0])
    torch.testing.assert_close(rows[1], logits(any_model)[1])
    with steer(any_model, other, 2.0):
        torch.testing.assert_close(rows[2], logits(any_model)[2])


def test_strength_is_the_scaled_map(any_model: LoadedModel) -> None:
    m = random_map(any_model.sites)
    with steer(any_model, m, 0.3):
        once = logits(any_model)
    with steer(any_model, m.at_strength(0.3)):
        torch.testing.assert_close(logits(any_model), once)


def test_nested_steering_composes(any_model: LoadedModel) -> None:
    one, other = random_map(any_model.sites, 1), random_map(any_model.sites, 2)
    with steer(any_model, one), steer(any_model, other):
        nested = logits(any_model)
    with steer(any_model, one.then(other)):
        torch.testing.assert_close(nested, logits(any_model), rtol=1e-3, atol=1e-4)


def test_an_exception_leaves_no_trace(any_model: LoadedModel) -> None:
    before = {name: tensor.clone() for name, tensor in any_model.network.state_dict().items()}
    with pytest.raises(ZeroDivisionError), steer(any_model, random_map(any_model.sites)):
        _ = 1 / 0
    with (
        pytest.raises(AttributeError),
        intercept(any_model.network, {any_model.sites[0].name: str, "no.such.module": str}),
    ):
        pass
    assert_no_trace(any_model, before)


def test_another_thread_sees_the_plain_model(any_model: LoadedModel) -> None:
    plain = logits(any_model)
    seen: list[torch.Tensor] = []
    with steer(any_model, random_map(any_model.sites)):
        thread = threading.Thread(target=lambda: seen.append(logits(any_model)))
        thread.start()
        thread.join()
        assert not torch.equal(logits(any_model), plain)
    assert torch.equal(seen[0], plain)


def test_two_threads_steer_each_their_own_way() -> None:
    model = make_model("llama")
    maps = [random_map(model.sites, seed) for seed in range(2)]
    expected = []
    for m in maps:
        with steer(model, m):
            expected.append(logits(model))
    right: list[bool] = []

    def work(which: int) -> None:
        for _ in range(60):
            with steer(model, maps[which]):
                right.append(torch.equal(logits(model), expected[which]))

    threads = [threading.Thread(target=work, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(right) == 120
    assert all(right)


def test_the_cache_and_left_padding_change_nothing(any_model: LoadedModel) -> None:
    """One token at a time with a key-value cache, in a batch padded on the left, gives the logits of the whole."""
    m = random_map(any_model.sites, size=0.2)
    with steer(any_model, m), torch.no_grad():
        whole = any_model.network(input_ids=IDS[:1]).logits
        first = any_model.network(input_ids=IDS[:1, :3], use_cache=True)
        step = any_model.network(input_ids=IDS[:1, 3:], past_key_values=first.past_key_values, use_cache=True)
        padded = any_model.network(
            input_ids=torch.cat([torch.zeros(1, 2, dtype=torch.int64), IDS[:1]], dim=1),
            attention_mask=torch.tensor([[0, 0, 1, 1, 1, 1]]),
            position_ids=torch.tensor([[0, 0, 0, 1, 2, 3]]),
        ).logits
    torch.testing.assert_close(step.logits[:, -1], whole[:, -1], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(padded[:, -1], whole[:, -1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_the_modules_dtype_is_kept_and_the_map_stays_float32(dtype: torch.dtype) -> None:
    model = make_model("llama")
    model.network.to(dtype)
    site = model.sites[-1].name
    m = SteeringMap({site: torch.full((16,), 1.001)}, {site: torch.zeros(16)})  # bfloat16 would round 1.001 to 1
    with record(model, [site]) as plain:
        before = logits(model)
    with steer(model, m), record(model, [site]) as steered:
        after = logits(model)
    assert after.dtype == before.dtype
    assert steered[site].dtype == dtype
    expected = (plain[site].double() * m.scale[site].double()).to(dtype)
    torch.testing.assert_close(steered[site], expected, rtol=0.008 if dtype == torch.bfloat16 else 1e-6, atol=0)
    with steer(model, m, 0.0):
        assert torch.equal(logits(model), before)


def test_nothing_is_written_in_place(any_model: LoadedModel) -> None:
    site = any_model.sites[0].name
    seen = {}
    with intercept(any_model.network, {site: lambda output: seen.update(before=output, copy=output.clone())}):
        with steer(any_model, random_map(any_model.sites)):
            logits(any_model)
    assert torch.equal(seen["before"], seen["copy"])


def test_gradients_pass_through_recorded_and_steered_outputs(tiny_model: LoadedModel) -> None:
    scale = torch.ones(16, requires_grad=True)
    from lineas.steering.intercept import affine

    with intercept(tiny_model.network, {tiny_model.sites[0].name: affine(scale, torch.zeros(16))}):
        tiny_model.network(input_ids=IDS).logits.sum().backward()
    assert float(scale.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in tiny_model.network.parameters())


def test_a_map_of_another_model_is_refused(tiny_model: LoadedModel) -> None:
    wrong_width = SteeringMap.identity({tiny_model.sites[0].name: 7}, {"name": "pirate", "base_model": "big-model"})
    with pytest.raises(
        LineasError, match=r"'pirate' was made for 'big-model' and does not fit 'tiny-llama'.*7 values.*has 16 there"
    ):
        with steer(tiny_model, wrong_width):
            pass
    unknown = SteeringMap.identity({"transformer.h.0.ln_2": 16}, {"name": "pirate"})
    with pytest.raises(LineasError, match="has no such part"):
        check_fits(tiny_model, unknown)
    with pytest.raises(LineasError, match="2 maps but 3 strengths"), steer(tiny_model, [None, None], [0, 1, 2]):
        pass


def test_a_map_of_the_same_shape_but_other_weights_warns() -> None:
    model, twin = make_model("llama", seed=0), make_model("llama", seed=1)
    m = random_map(model.sites).with_metadata(base_model=model.id, base_model_fingerprint=model.fingerprint)
    assert check_fits(model, m) is None
    warning = check_fits(twin, m)
    assert warning is not None
    assert "same shape but other weights" in warning


def test_strengths_may_be_a_tensor(tiny_model: LoadedModel) -> None:
    steering_map = random_map(tiny_model.sites)
    with steer(tiny_model, steering_map, torch.tensor([0.0, 0.5, 1.0])):
        of_tensor = logits(tiny_model)
    with steer(tiny_model, steering_map, [0.0, 0.5, 1.0]):
        assert torch.equal(logits(tiny_model), of_tensor)
    with steer(tiny_model, steering_map, torch.tensor(0.5)):
        of_scalar = logits(tiny_model)
    with steer(tiny_model, steering_map, 0.5):
        assert torch.equal(logits(tiny_model), of_scalar)


def test_modules_that_return_lists_or_named_tuples_are_steered() -> None:
    class Block(torch.nn.Module):
        def __init__(self, kind: Callable[[Tensor, str], Any]) -> None:
            super().__init__()
            self.kind = kind

        def forward(self, x: Tensor) -> Any:
            return self.kind(x, "more")

    Named = namedtuple("Named", ("first", "second"))
    for kind in (lambda *m: list(m), lambda *m: m, Named):
        network = torch.nn.Sequential(Block(kind))
        with intercept(network, {"0": lambda output: output + 1}):
            found = network(torch.zeros(1, 1, 1))
        assert type(found) is type(kind(1, 2)) and float(found[0]) == 1 and found[1] == "more"
