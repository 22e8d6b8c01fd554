"""The step's loss: transport distance and language anchor, each at its weight."""

from dataclasses import replace

import pytest
import torch
from tiny import SOURCE, TARGET

from lineas import Recipe, train
from lineas.models.loaded import LoadedModel
from lineas.training.activations import next_token_loss
from lineas.training.batching import pad, tokenize
from lineas.training.events import Started, Step

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
