"""Ways to steer by example: LinEAS and its rivals, each a file.

All have one signature: (model, source, target, recipe, *, sites, seed, name) → events, and in the last of them a SteeringMap or
an Adapter, both of which ``steer``, ``generate`` and ``artefacts.load_steering`` take.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.training.events import Event
from lineas.training.recipes import Recipe, recipe_named

METHODS = {
    "lineas": "lineas.training.trainer",
    "prompting": "lineas.methods.prompting",
    "caa": "lineas.methods.caa",
    "caa_middle": "lineas.methods.caa_middle",
    "iti_c": "lineas.methods.iti_c",
    "mean_act": "lineas.methods.mean_act",
    "lin_act": "lineas.methods.lin_act",
    "lin_act_clamp": "lineas.methods.lin_act_clamp",
    "aura": "lineas.methods.aura",
    "reft": "lineas.methods.reft",
    "lora": "lineas.methods.lora",
    "lora_rl": "lineas.methods.lora_rl",
}
"""Each name's module; it has a ``train``."""
LEARNT_ON_TEXT = ("reft", "lora", "lora_rl")
TEXT_STEPS = 20
"""Their steps, at least: that LinEAS's recipe is short is no reason to teach a rival less."""


def train_with(
    method: str, model: LoadedModel, source: Sequence[str], target: Sequence[str], *args: Any, **kwargs: Any
) -> Iterator[Event]:
    """``train`` of the named method.

    Raises:
        LineasError: for an unknown name, before anything else.
    """
    if method not in METHODS:
        raise LineasError(f"There is no method {method!r}. Choose one of {', '.join(METHODS)}.")
    events: Iterator[Event] = import_module(METHODS[method]).train(model, source, target, *args, **kwargs)
    return events


def recipe_for(method: str, recipe: Recipe | str) -> Recipe:
    """By which a method is taught where nobody asked for a number of steps: what learns on text takes ``TEXT_STEPS`` at least.

    Methods that are given a recipe's name do so themselves; a Recipe they take as it is.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    return replace(recipe, steps=max(recipe.steps, TEXT_STEPS)) if method in LEARNT_ON_TEXT else recipe
