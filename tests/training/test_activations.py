"""Sentences through the network: groups, padding, what fits into memory, and the gradient that comes of it."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import SOURCE, TARGET

from lineas import Recipe, fit, train
from lineas.models.loaded import LoadedModel
from lineas.training.activations import read_at_once, site_means
from lineas.training.batching import CHUNK_TOKENS, chunks, pad, tokenize
from lineas.training.events import Reading
from lineas.training.gradients import FEWEST_TOKENS, backward, tokens_that_fit
from lineas.training.loss import Distance
from lineas.training.parameters import Parameters

PLAIN = Recipe("test", "adam", 1e-2, 12)
ANCHORED = replace(PLAIN, source_batch=4, anchor=0.3, anchor_batch=3)


@pytest.mark.parametrize("anchor", [0.0, 0.5])
def test_groups_and_parts_give_the_gradient_of_the_whole(
    any_model: LoadedModel, monkeypatch: pytest.MonkeyPatch, anchor: float
) -> None:
    source, target = tokenize(any_model, SOURCE, 64), tokenize(any_model, TARGET, 64)
    distance = Distance(any_model.sites, read_at_once(any_model, any_model.sites, target))
    results = []
    for pass_tokens, budget in ((10_000, 10_000), (0, 10_000), (24, 20)):  # one pass; many with one graph; many graphs
        monkeypatch.setattr("lineas.training.batching.PASS_TOKENS", pass_tokens)
        parameters = Parameters(any_model.sites, any_model.device)
        values = backward(any_model, distance, parameters, source, target[:5] if anchor else [], 0.7, anchor, budget)
        results.append((values, [tensor.grad for tensor in parameters.tensors()]))
    (whole, gradients), *others = results
    assert any(float(gradient.abs().sum()) > 0 for gradient in gradients)
    for values, again in others:
        assert values == pytest.approx(whole, rel=1e-4)
        for one, other in zip(gradients, again, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=7), st.integers(1, 24), st.sampled_from([0, 3, 24]))
def test_no_way_to_cut_rows_into_chunks_costs_less(lengths: list[int], budget: int, extra: int) -> None:
    def cost(groups: list[list[int]]) -> int:
        return sum(len(group) * max(lengths[i] for i in group) + extra for group in groups)

    def fits(group: list[int]) -> bool:
        return len(group) == 1 or len(group) * max(lengths[i] for i in group) <= budget

    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lineas.training.batching.PASS_TOKENS", extra)
        found = chunks([torch.zeros(length) for length in lengths], budget)
    assert sorted(i for group in found for i in group) == sorted(order) and all(map(fits, found))
    every_cut = (
        [order[a:b] for a, b in pairwise([0, *cuts, len(order)])]
        for n in range(len(order))
        for cuts in combinations(range(1, len(order)), n)
    )
    assert cost(found) == min(cost(groups) for groups in every_cut if all(map(fits, groups)))


@pytest.mark.parametrize("recipe", [PLAIN, ANCHORED])
def test_a_step_that_does_not_fit_into_memory_is_done_in_parts(tiny_model: LoadedModel, recipe: Recipe) -> None:
    many = [f"{sentence} Again and again, all day long." for sentence in SOURCE]
    whole = fit(tiny_model, many, TARGET, recipe)
    seen = []

    def small_card(module: torch.nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        tokens = output.shape[0] * output.shape[1]
        if torch.is_grad_enabled() and tokens > FEWEST_TOKENS:
            seen.append(tokens)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    handle = tiny_model.network.get_input_embeddings().register_forward_hook(small_card)
    try:
        in_parts = fit(tiny_model, many, TARGET, recipe)
    finally:
        handle.remove()
    assert 0 < len(seen) < 8, "it does not try what failed in every step"
    for site in whole.sites:
        torch.testing.assert_close(in_parts.scale[site], whole.scale[site], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(in_parts.shift[site], whole.shift[site], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("recipe", [PLAIN, replace(ANCHORED, source_batch=0, anchor_batch=0)])
def test_long_steps_are_read_once_where_there_is_memory_and_twice_where_not(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch, recipe: Recipe
) -> None:
    once = replace(recipe, steps=1)
    many = [f"{i}. {SOURCE[i % len(SOURCE)]}" for i in range(CHUNK_TOKENS // 5)]
    read: list[int] = []

    def note(module: torch.nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        read.append(output.shape[0] * output.shape[1])

    maps, tokens = [], []
    handle = tiny_model.network.get_input_embeddings().register_forward_hook(note)
    try:
        for free in (2**40, 0):
            monkeypatch.setattr("lineas.training.gradients.free_memory", lambda device, free=free: free)
            read.clear()
            maps.append(fit(tiny_model, many, TARGET, once))
            tokens.append(sum(read))
    finally:
        handle.remove()
    source = sum(map(len, tokenize(tiny_model, many, 256)))
    assert source > CHUNK_TOKENS and tokens[1] - tokens[0] >= source
    for site in maps[0].sites:
        torch.testing.assert_close(maps[1].scale[site], maps[0].scale[site], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(maps[1].shift[site], maps[0].shift[site], rtol=1e-3, atol=1e-4)


@pytest.mark.default_model
@pytest.mark.parametrize("with_anchor", [False, True])
def test_the_memory_of_a_graph_is_estimated_from_the_safe_side(
    default_model: LoadedModel, monkeypatch: pytest.MonkeyPatch, with_anchor: bool
) -> None:
    parameters = Parameters(default_model.sites, default_model.device)
    batch = pad([torch.arange(32)] * 4)
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        graph = site_means(
            default_model, default_model.sites, batch, parameters.changes(), first_lm_row=0 if with_anchor else None
        )
    weights = {tensor.untyped_storage().data_ptr() for tensor in default_model.network.parameters()}
    size = sum(t.untyped_storage().nbytes() for place, t in kept.items() if place not in weights) / batch.ids.numel()
    del graph
    monkeypatch.setattr("lineas.training.gradients.free_memory", lambda device: 2**40)
    assert 0.4 * 2**39 < size * tokens_that_fit(default_model) < 2**39
    monkeypatch.setattr("lineas.training.gradients.free_memory", lambda device: 0)
    assert tokens_that_fit(default_model) == CHUNK_TOKENS


def test_what_fits_in_no_part_ends_the_training(tiny_model: LoadedModel) -> None:
    def full(module: torch.nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if torch.is_grad_enabled():
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    handle = tiny_model.network.get_input_embeddings().register_forward_hook(full)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            fit(tiny_model, SOURCE, TARGET, PLAIN)
    finally:
        handle.remove()


def test_the_anchor_is_the_models_own_loss_on_the_target(any_model: LoadedModel) -> None:
    rows = tokenize(any_model, TARGET[:3], 64)
    distance = Distance(any_model.sites, read_at_once(any_model, any_model.sites, rows))
    _, spoken = backward(any_model, distance, Parameters(any_model.sites, any_model.device), rows, rows, 1.0, 1.0)
    nats, tokens = 0.0, 0
    for row in rows:
        out = any_model.network(input_ids=row[None], labels=row[None])
        nats, tokens = nats + float(out.loss) * (len(row) - 1), tokens + len(row) - 1
    assert spoken == pytest.approx(nats / tokens, rel=1e-4)


def test_padding_and_order_do_not_matter(any_model: LoadedModel) -> None:
    rows = tokenize(any_model, SOURCE, 64)
    alone = torch.cat([site_means(any_model, any_model.sites, pad([row]))[0] for row in rows])
    torch.testing.assert_close(site_means(any_model, any_model.sites, pad(rows))[0], alone, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(
        read_at_once(any_model, any_model.sites, rows[::-1]), alone.flip(0), rtol=1e-3, atol=1e-5
    )
    distance = Distance(any_model.sites, alone)
    assert float(distance(alone.flip(0))) == pytest.approx(0, abs=1e-9)


def test_many_sentences_are_read_a_chunk_at_a_time(tiny_model: LoadedModel) -> None:
    events = list(train(tiny_model, SOURCE * 40, TARGET * 40, replace(PLAIN, steps=1)))
    readings = [e for e in events if isinstance(e, Reading)]
    assert len([e for e in readings if e.of == len(TARGET) * 40]) >= 3
    assert readings[-1].done == readings[-1].of
