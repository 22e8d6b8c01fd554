"""Check whether the examples carry over to other sentences: train briefly on four fifths, measure on the last fifth.

The map itself is trained on all examples, so its loss on them is too optimistic.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

from lineas.evaluation.findings import HeldOut
from lineas.evaluation.metrics.cost import MAX_TOKENS, sentence_losses, token_mean
from lineas.methods import TRAINED_ON_TEXT, train_to_end, train_with
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer
from lineas.training.activations import read, read_at_once
from lineas.training.batching import tokenize
from lineas.training.events import Event
from lineas.training.loss import Distance
from lineas.training.recipes import RECIPES

MIN_SENTENCES = 20
"""Sentences a side below which none can be spared."""
TEXT_STEPS = 8
"""Steps of the methods in ``TRAINED_ON_TEXT``, for which ``quick`` is too short; more would delay the health card."""


def split(sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """Hold out every fifth sentence; returns (training, held out)."""
    return [s for i, s in enumerate(sentences) if i % 5 != 4], [s for i, s in enumerate(sentences) if i % 5 == 4]


def held_out(
    model: LoadedModel, source: Sequence[str], target: Sequence[str], *, method: str = "lineas", sites: str = "default"
) -> Generator[Event, None, HeldOut]:
    """Train and measure; yields the events of both.

    Args:
        source, target: at least ``MIN_SENTENCES`` each.
    """
    (source_train, source_left), (target_train, target_left) = split(source), split(target)
    recipe = RECIPES["quick"]
    if method in TRAINED_ON_TEXT:
        recipe = replace(recipe, steps=TEXT_STEPS)
    steering = yield from train_to_end(train_with(method, model, source_train, target_train, recipe, sites=sites))
    source_rows, target_rows = tokenize(model, source_left, MAX_TOKENS), tokenize(model, target_left, MAX_TOKENS)
    distance = Distance(model.sites, (yield from read(model, model.sites, target_rows)))
    distances, losses = [], []
    for strength in (0.0, 1.0):
        with steer(model, steering, strength):  # hooks must not stay in place between two events
            distances.append(float(distance(read_at_once(model, model.sites, source_rows))))
        losses.append(token_mean((yield from sentence_losses(model, target_rows, steering, strength)), target_rows))
    return HeldOut(len(target_left), *distances, *losses)
