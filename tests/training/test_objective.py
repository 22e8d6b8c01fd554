"""The step's loss: transport distance and language anchor, each at its weight."""

from dataclasses import replace

import pytest
import torch
from tiny import SOURCE, TARGET

from lineas import Recipe, train
from lineas.models.loaded import LoadedModel
from lineas.training import gradients
from lineas.training.activations import next_token_loss
from lineas.training.batching import CHUNK_TOKENS, minibatch, pad, tokenize
from lineas.training.events import Started, Step
from lineas.training.parameters import Parameters

WHOLE = Recipe("test", "adam", 1e-3, steps=1)


def anchor_by_hand(model: LoadedModel) -> float:
    """Mean next-token loss of the plain model on the target sentences, nats."""
    rows = tokenize(model, TARGET, 256)
    total = sum(float(next_token_loss(model.network(row[None]).logits, pad([row]))) for row in rows)
    return total / sum(len(row) - 1 for row in rows)


def first_step(model: LoadedModel, recipe: Recipe) -> tuple[Started, Step]:
    events = list(train(model, SOURCE, TARGET, recipe))
    return next(e for e in events if isinstance(e, Started)), next(e for e in events if isinstance(e, Step))


def test_without_an_anchor_the_loss_is_the_distance(any_model: LoadedModel) -> None:
    started, step = first_step(any_model, WHOLE)
    assert step.loss == pytest.approx(started.distance, rel=1e-5)


@pytest.mark.parametrize("anchor", [0.3, 0.45])
def test_with_an_anchor_both_losses_are_of_one_size(any_model: LoadedModel, anchor: float) -> None:
    """The distance counts as a share of what it was at the start, whatever its size; the anchor in nats a token."""
    with torch.no_grad():
        nats = anchor_by_hand(any_model)
    _, step = first_step(any_model, replace(WHOLE, anchor=anchor))
    assert step.loss == pytest.approx(1 + anchor * nats, rel=1e-4)


def test_a_resumed_training_weighs_as_at_its_start(tiny_model: LoadedModel, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    recipe = replace(WHOLE, anchor=0.3, steps=6, learning_rate=0.05)
    losses, saved = [], tmp_path / "checkpoint.safetensors"
    for event in train(tiny_model, SOURCE, TARGET, recipe):
        if isinstance(event, Step):
            losses.append(event.loss)
        elif not saved.exists() and hasattr(event, "save") and event.step == 3:
            event.save(saved)
    again = [e.loss for e in train(tiny_model, SOURCE, TARGET, recipe, resume_from=saved) if isinstance(e, Step)]
    assert again == pytest.approx(losses[3:], rel=1e-6)


def test_a_step_reads_its_minibatches_of_both_sides(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, met = replace(WHOLE, anchor=0.3, source_batch=3, anchor_batch=2, steps=5), []
    real = gradients.backward

    def note(model, distance, parameters, source, anchor, *rest, ranks):
        met.append([[row.tolist() for row in rows] for rows in (source, anchor)])
        return real(model, distance, parameters, source, anchor, *rest, ranks=ranks)

    monkeypatch.setattr(gradients, "backward", note)
    list(train(tiny_model, SOURCE, TARGET, recipe, seed=4))
    rows = [[row.tolist() for row in tokenize(tiny_model, side, 256)] for side in (SOURCE, TARGET)]
    assert met == [
        [[rows[0][i] for i in minibatch(8, 3, 4, step)], [rows[1][i] for i in minibatch(9, 2, 5, step)]]
        for step in range(5)
    ]


def test_the_budget_of_tokens_follows_the_size_of_the_network(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = sum(site.width for site in tiny_model.sites)
    size = 4 * (gradients.GRAPH_FLOATS * widths + gradients.LOGIT_FLOATS * 64)
    monkeypatch.setattr(gradients, "free_memory", lambda device: 2 * 5000 * size)
    assert gradients.tokens_that_fit(tiny_model) == 5000
    monkeypatch.setattr(gradients, "free_memory", lambda device: 0)
    assert gradients.tokens_that_fit(tiny_model) == CHUNK_TOKENS


def test_a_step_that_runs_out_of_memory_is_halved_until_it_fits(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, tried = [torch.arange(10)] * 40, []

    def small(*arguments, ranks):
        tried.append(arguments[-1])
        if arguments[-1] > 100:
            raise torch.OutOfMemoryError("out of memory")
        return 1.0, 2.0

    monkeypatch.setattr(gradients, "backward", small)
    parameters = Parameters(tiny_model.sites, tiny_model.device)
    assert gradients.backward_that_fits(tiny_model, None, parameters, rows, [], 1.0, 0.0, 4096) == (1.0, 2.0, 100)
    assert tried == [4096, 200, 100]
    monkeypatch.setattr(gradients, "backward", lambda *arguments, ranks: small(*arguments[:-1], 4096, ranks=ranks))
    with pytest.raises(torch.OutOfMemoryError):
        gradients.backward_that_fits(tiny_model, None, parameters, rows, [], 1.0, 0.0, 4096)
