"""Recipes: changes by the caller, their bounds, and how much a step reads."""

from dataclasses import replace

import pytest

from lineas import LineasError
from lineas.training.recipes import RECIPES, recipe_named, sentences_a_step


def test_a_recipe_takes_the_callers_changes() -> None:
    assert recipe_named("quick") == RECIPES["quick"]
    assert recipe_named("paper", 1, 0.007, 100.0) == replace(RECIPES["paper"], steps=1, sparsity=0.007, support=100.0)
    assert recipe_named("quick", support=0.5).support == 0.5


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"steps": 0}, "0 steps is not enough"),
        ({"steps": -3}, "-3 steps is not enough"),
        ({"sparsity": -0.1}, r"cannot be negative \(-0.1\)"),
        ({"support": 0.0}, "above 0 and up to 100, not 0.0"),
        ({"support": 100.5}, "above 0 and up to 100, not 100.5"),
    ],
)
def test_what_makes_no_training_is_refused(changes: dict[str, float], reason: str) -> None:
    with pytest.raises(LineasError, match=reason):
        recipe_named("quick", **changes)
    with pytest.raises(LineasError, match=r"no recipe 'slow'. Choose one of quick, thorough, paper"):
        recipe_named("slow")


def test_a_step_reads_its_batch_or_what_there_is() -> None:
    quick, paper = RECIPES["quick"], RECIPES["paper"]
    assert sentences_a_step(quick, 32, 32) == (8, 0)
    anchored = replace(quick, anchor=0.45, anchor_batch=4)
    assert sentences_a_step(anchored, 32, 32) == (8, 4)
    assert sentences_a_step(anchored, 5, 3) == (5, 3)
    assert sentences_a_step(replace(anchored, source_batch=0, anchor_batch=0), 32, 20) == (32, 20)
    assert sentences_a_step(paper, 32, 20) == (32, 0)
