"""Recipes: named sets of training settings. ``python -m benchmarks quality --suite recipes`` measures their numbers."""

from dataclasses import dataclass, replace
from typing import Literal

from lineas.errors import LineasError, short


@dataclass(frozen=True)
class Recipe:
    """Settings of a LinEAS training.

    Attributes:
        optimizer: "adam" (β = 0.9, 0.9), "site-adam" (β = 0.5, 0.9; ``SiteAdam``), "sgd" (no momentum) or "adamw" (PyTorch's own
            numbers). Only "adamw" decays weights, which pulls ω to 0: it is for the paper's small steps on pictures.
        learning_rate: of the first step; falls along a cosine to a thousandth of it.
        source_batch: source sentences in each step; 0 is all of them.
        anchor: α, weight of the steered model's next-token loss on target sentences; 0 is the paper's loss.
        anchor_batch: target sentences in each step for that loss; 0 is all of them.
        by_site: whether a shift's steps are proportional to the size of the activations at its site, and each site's distance
            counts relative to it.
        sites: site set or pattern where the caller names none (``find_sites``).
        as_answer: whether the sentences are read as the model's answers in a chat, and the map steers answers only.
        shift_only: whether ω stays 1.
        start: share of the difference of means at each site (CAA's shift) with which the shifts begin, divided by the number of
            sites, since what one block adds stays for all later ones.
        patience: steps without a smoothed improvement of 0.1 % after which training ends; 0 is never.
        sparsity: γ of the sparse group lasso (LinEAS Eq. 5), with λ₁ = λ_G = 1.
        support: wanted share of moved coordinates in percent, reached step by step; None is no limit.
        max_tokens: length at which sentences are cut.
    """

    name: str
    optimizer: Literal["adam", "adamw", "site-adam", "sgd"]
    learning_rate: float
    steps: int
    source_batch: int = 0
    anchor: float = 0.0
    anchor_batch: int = 0
    by_site: bool = False
    sites: str = "default"
    as_answer: bool = False
    shift_only: bool = False
    start: float = 0.0
    patience: int = 0
    sparsity: float = 0.0
    support: float | None = None
    max_tokens: int = 256


LARGEST_SEED = 2**31 - 1
"""Largest seed, the same for pages and command line."""

_QUICK = Recipe(
    "quick", "site-adam", 8.4e-4, 5, source_batch=8, by_site=True, sites="blocks", as_answer=True, shift_only=True, start=1.5
)  # fmt: skip
RECIPES = {
    "quick": _QUICK,
    "thorough": replace(_QUICK, name="thorough", source_batch=32),
    "paper": Recipe("paper", "sgd", 0.1, 1000, patience=100),
}


def sentences_a_step(recipe: Recipe, source: int, target: int) -> tuple[int, int]:
    """How many source sentences a step reads, and how many target sentences its language anchor, of those there are."""
    anchors = min(recipe.anchor_batch or target, target) if recipe.anchor else 0
    return min(recipe.source_batch or source, source), anchors


def recipe_named(name: str, steps: int | None = None, sparsity: float = 0.0, support: float | None = None) -> Recipe:
    """Look up a recipe and apply the caller's changes.

    Args:
        steps: other number of steps; None keeps the recipe's.
        sparsity, support: as in ``Recipe``.

    Raises:
        LineasError: for an unknown name or a setting outside its range.
    """
    if name not in RECIPES:
        raise LineasError(f"There is no recipe {short(name)!r}. Choose one of {', '.join(RECIPES)}.")
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
