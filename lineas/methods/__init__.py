"""Methods that steer by example: LinEAS and its baselines, one file each.

Every method has the same signature, ``train(model, source, target, recipe, *, sites, seed, name)``, and yields events. The last
event, Done, holds a SteeringMap or an Adapter; ``steer``, ``generate`` and ``load_steering`` take both.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Done, Event
from lineas.training.recipes import Recipe, recipe_named

BASELINES = (
    "prompting", "caa", "caa_middle", "iti_c", "mean_act", "lin_act", "lin_act_clamp", "aura", "reft", "lora", "lora_rl",
)  # fmt: skip
METHODS = {"lineas": "lineas.training.trainer", **{name: f"lineas.methods.{name}" for name in BASELINES}}
"""Module of each method; it has a ``train``."""
TRAINED_ON_TEXT = ("reft", "lora", "lora_rl")
"""Methods that learn from text instead of activations and need more steps than LinEAS."""
MIN_TEXT_STEPS = 20
"""Minimum number of steps for ``TRAINED_ON_TEXT``, so that LinEAS's short recipes do not handicap a baseline."""
TEXT_BATCH = 4
"""Target sentences in each of their steps, where the recipe names no number."""


def train_with(
    method: str, model: LoadedModel, source: Sequence[str], target: Sequence[str], *args: Any, **kwargs: Any
) -> Iterator[Event]:
    """Call ``train`` of the named method.

    Raises:
        LineasError: unknown method (raised at once, not at the first event).
    """
    if method not in METHODS:
        raise LineasError(f"There is no method {method!r}. Choose one of {', '.join(METHODS)}.")
    events: Iterator[Event] = import_module(METHODS[method]).train(model, source, target, *args, **kwargs)
    return events


def train_to_end(events: Iterator[Event]) -> Generator[Event, None, Steering]:
    """Pass on the events of a training; return the trained map or adapter (with ``yield from``)."""
    for event in events:
        if isinstance(event, Done):
            return event.map
        yield event
    raise AssertionError("every method ends with Done")


def recipe_for(method: str, recipe: Recipe | str) -> Recipe:
    """Recipe for a method when no number of steps was asked for: of ``TRAINED_ON_TEXT`` at least ``MIN_TEXT_STEPS``.

    Baselines read bare sentences, as published. ``train`` does this itself when it is given a recipe's name; it takes a Recipe as
    it is.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    if method == "lineas":
        return recipe
    recipe = replace(recipe, as_answer=False)
    if method not in TRAINED_ON_TEXT:
        return recipe
    steps = max(recipe.steps, MIN_TEXT_STEPS)
    return replace(recipe, steps=steps, anchor_batch=recipe.anchor_batch or TEXT_BATCH)
