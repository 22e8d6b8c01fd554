"""Recipes for pictures. ``python -m benchmarks pictures`` measures them."""

from dataclasses import replace

from lineas.errors import LineasError
from lineas.training.recipes import Recipe

PICTURE_RECIPES = {
    # rate, steps and batch were chosen on two concepts that are no presets (rain, red things): as much of them as with twice the
    # steps and prompts a step; that each site counts relative to its activations, on autumn and pencil
    "quick": Recipe("quick", "adam", 1e-2, 60, source_batch=4, by_site=True),
    # the paper's text; the README of its code says 1e-5 for it, and 1e-3 with 50 steps for good results
    "paper": Recipe("paper", "adamw", 1e-4, 1000, source_batch=4),
}


def picture_recipe(name: str, steps: int | None = None) -> Recipe:
    """Look up a recipe.

    Args:
        steps: other number of steps; None keeps the recipe's.

    Raises:
        LineasError: for an unknown name, or too few steps.
    """
    if name not in PICTURE_RECIPES:
        raise LineasError(f"There is no recipe {name!r} for pictures. Choose one of {', '.join(PICTURE_RECIPES)}.")
    if steps is not None and steps < 1:
        raise LineasError(f"{steps} steps is not enough to learn anything. Ask for at least 1.")
    recipe = PICTURE_RECIPES[name]
    return replace(recipe, steps=steps or recipe.steps)
