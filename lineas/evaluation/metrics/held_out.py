"""Do the examples hold for sentences that were not taught? A short training on four fifths, measured on the last fifth.

The map itself is taught on everything, since every sentence counts; so it cannot be measured on its own examples without
flattery. The short training says whether what these examples teach carries over to others of their kind.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

from lineas.evaluation.findings import HeldOut
from lineas.evaluation.metrics.cost import MAX_TOKENS, sentence_losses, token_mean
from lineas.methods import LEARNT_ON_TEXT, train_with
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer
from lineas.training.activations import read
from lineas.training.batching import tokenize
from lineas.training.events import Done, Event
from lineas.training.loss import Distance
from lineas.training.recipes import RECIPES

FEWEST = 20
"""Sentences a side below which none can be spared."""
STEPS_ON_TEXT = 8
"""Of methods that learn on text, for which ``quick`` is too short; more of them would keep a health card waiting."""


def split(sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """Every fifth sentence is held out: (taught, held out)."""
    return [s for i, s in enumerate(sentences) if i % 5 != 4], [s for i, s in enumerate(sentences) if i % 5 == 4]


def held_out(
    model: LoadedModel, source: Sequence[str], target: Sequence[str], *, method: str = "lineas", sites: str = "default"
) -> Generator[Event, None, HeldOut]:
    """The events of the short training, and those of the measurements.

    Args:
        source, target: at least ``FEWEST`` each.
    """
    taught_source, source_left = split(source)
    taught_target, target_left = split(target)
    recipe = RECIPES["quick"]
    if method in LEARNT_ON_TEXT:
        recipe = replace(recipe, steps=STEPS_ON_TEXT)
    steering: Steering | None = None
    for event in train_with(method, model, taught_source, taught_target, recipe, sites=sites):
        yield event
        if isinstance(event, Done):
            steering = event.map
    source_rows, target_rows = tokenize(model, source_left, MAX_TOKENS), tokenize(model, target_left, MAX_TOKENS)
    distance = Distance(model.sites, (yield from read(model, model.sites, target_rows)))
    distances, losses = [], []
    for strength in (0.0, 1.0):
        reading = read(model, model.sites, source_rows)
        while True:
            try:
                with steer(model, steering, strength):
                    event = next(reading)
            except StopIteration as end:
                distances.append(float(distance(end.value)))
                break
            yield event
        losses.append(token_mean((yield from sentence_losses(model, target_rows, steering, strength)), target_rows))
    return HeldOut(len(target_left), *distances, *losses)
