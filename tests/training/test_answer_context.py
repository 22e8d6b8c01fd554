"""Sentences that are read as answers: after a question that nothing steers, exactly as if both were read together."""

import pytest
import torch
from tiny import SOURCE, TARGET

from lineas import fit, record
from lineas.models.loaded import LoadedModel
from lineas.models.prefix import continues_exactly
from lineas.models.progress import finish
from lineas.models.sites import find_sites
from lineas.steering.intercept import affine
from lineas.training.activations import read, read_at_once
from lineas.training.answer_context import after, answer_context, context_tokens, each_after
from lineas.training.batching import tokenize


def test_the_question_is_read_as_if_it_stood_before_each_sentence(any_model: LoadedModel) -> None:
    context = answer_context(any_model)
    assert context is not None
    rows = tokenize(any_model, SOURCE, 32, continued=True)
    found = finish(each_after(any_model, context, read(any_model, any_model.sites, rows)))
    for row, mean in zip(rows, found, strict=True):
        ids = context_tokens(any_model)
        whole = torch.cat([ids, row])[None]
        with record(any_model, [any_model.sites[-1].name]) as seen, torch.no_grad():
            any_model.network(input_ids=whole)
        expected = seen[any_model.sites[-1].name][0][len(ids) :].mean(dim=0)
        torch.testing.assert_close(mean[-len(expected) :], expected, rtol=1e-3, atol=1e-5)


def test_the_question_is_not_steered(any_model: LoadedModel) -> None:
    """A map that changes everything leaves the keys and values of the question as they are."""
    context = answer_context(any_model)
    assert context is not None
    site, rows = any_model.sites[:1], tokenize(any_model, SOURCE[:1], 32, continued=True)
    changes = {site[0].name: affine(torch.full((site[0].width,), 2.0), torch.ones(site[0].width))}
    with after(any_model, context):
        plain = read_at_once(any_model, site, rows)
        steered = read_at_once(any_model, site, rows, changes)
    torch.testing.assert_close(steered, 2 * plain + 1)


def test_between_two_events_nothing_stands_before_what_is_read(any_model: LoadedModel) -> None:
    context, rows = answer_context(any_model), tokenize(any_model, SOURCE, 32, continued=True)
    bare = read_at_once(any_model, any_model.sites, rows)
    events = each_after(any_model, context, read(any_model, any_model.sites, rows))
    next(events)
    assert torch.equal(read_at_once(any_model, any_model.sites, rows), bare)
    assert not torch.equal(finish(events), bare)


def test_a_network_that_cannot_continue_is_found_out(any_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = torch.arange(4, 12)
    assert continues_exactly(any_model.network, ids)
    handle = any_model.network.register_forward_pre_hook(
        lambda module, inputs, named: (inputs, {**named, "past_key_values": None}), with_kwargs=True
    )
    assert not continues_exactly(any_model.network, ids)
    handle.remove()


def test_quick_maps_shift_the_outputs_of_blocks_and_steer_answers(any_model: LoadedModel) -> None:
    steering_map = fit(any_model, SOURCE, TARGET)
    assert steering_map.metadata["scope"] == "answer"
    assert list(steering_map.sites) == [site.name for site in find_sites(any_model.network, "blocks")]
    assert all(torch.equal(scale, torch.ones_like(scale)) for scale in steering_map.scale.values())
    assert any(bool(shift.abs().max() > 0) for shift in steering_map.shift.values())
