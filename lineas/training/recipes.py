"""Recipes: named sets of training settings. What their numbers are worth: ``python -m benchmarks quality --suite recipes``."""

from dataclasses import dataclass, replace
from typing import Literal

from lineas.errors import LineasError


@dataclass(frozen=True)
class Recipe:
    """How a LinEAS map is trained.

    Attributes:
        optimizer: "adam" (β = 0.9, 0.9), "site-adam" (β = 0.5, 0.9; ``SiteAdam``) or "sgd" (no momentum); none decays weights,
            which would pull ω to 0.
        learning_rate: at the first step; falls along a cosine to a thousandth of it.
        by_site: whether a shift's steps are in proportion to the size of the activations at its site.
        source_batch: source sentences a step; 0 is all of them.
        anchor: α, weight of the steered model's next-token loss on target sentences; 0 is the paper's loss.
        anchor_batch: target sentences a step for that loss; 0 is all of them.
        patience: steps without a smoothed improvement of 0.1 % after which training ends; 0 is never.
        sparsity: γ of the sparse group lasso (LinEAS Eq. 5), with λ₁ = λ_G = 1.
        support: wanted share of moved coordinates in percent, reached step by step; None is no limit.
        max_tokens: sentences are cut there.
    """

    name: str
    optimizer: Literal["adam", "site-adam", "sgd"]
    learning_rate: float
    steps: int
    source_batch: int = 0
    anchor: float = 0.0
    anchor_batch: int = 0
    by_site: bool = False
    patience: int = 0
    sparsity: float = 0.0
    support: float | None = None
    max_tokens: int = 256


LARGEST_SEED = 2**31 - 1
"""Of trainings and of dice, on the pages as on the command line: what one of the two has rolled, the other can roll again."""

RECIPES = {
    "quick": Recipe("quick", "site-adam", 2.8e-3, 5, source_batch=8, anchor=0.45, anchor_batch=4, by_site=True),
    "thorough": Recipe("thorough", "site-adam", 2e-3, 10, source_batch=32, anchor=0.45, anchor_batch=16, by_site=True),
    "paper": Recipe("paper", "sgd", 0.1, 1000, patience=100),
}


def sentences_a_step(recipe: Recipe, source: int, target: int) -> tuple[int, int]:
    """Of that many source and target sentences, how many of the source a step reads, and how many the language anchor."""
    anchors = min(recipe.anchor_batch or target, target) if recipe.anchor else 0
    return min(recipe.source_batch or source, source), anchors


def recipe_named(name: str, steps: int | None = None, sparsity: float = 0.0, support: float | None = None) -> Recipe:
    """The recipe of that name with the caller's changes.

    Raises:
        LineasError: for an unknown name or a setting outside its range.
    """
    if name not in RECIPES:
        raise LineasError(f"There is no recipe {name!r}. Choose one of {', '.join(RECIPES)}.")
    if steps is not None and steps < 1:
        raise LineasError(f"{steps} steps is not enough to learn anything. Ask for at least 1.")
    if sparsity < 0:
        raise LineasError(
            f"The sparsity cannot be negative ({sparsity}). Use 0 for none, or a small number such as 0.007."
        )
    if support is not None and not 0 < support <= 100:
        raise LineasError(f"The support is a percentage above 0 and up to 100, not {support}.")
    recipe = RECIPES[name]
    return replace(recipe, steps=steps or recipe.steps, sparsity=sparsity, support=support)
