"""The judge of a concept, with letter counts as embeddings."""

import pytest
import torch
from judging import letters

from lineas.errors import LineasError
from lineas.evaluation.metrics.judge import MIN_SENTENCES, cross_validated_auc, train_judge

SUNNY = [
    f"{word} and bright, hooray!" for word in ("sunny", "warm", "lovely", "joyful", "happy", "merry", "cosy", "sweet")
]
GREY = [f"{word} and dull." for word in ("rainy", "cold", "ugly", "gloomy", "sad", "sour", "damp", "bitter")]


def test_a_judge_tells_different_sides_apart():
    judge = train_judge(GREY, SUNNY, letters)
    assert judge.auc == 1.0
    assert judge.reliable
    assert "tells your two sides apart" in judge.sentence
    bad, good = judge(["foggy and dull.", "golden and bright, hooray!"])
    assert bad < 0.3 < 0.7 < good


def test_a_judge_says_that_it_cannot_tell_equal_sides_apart():
    mixed = [*SUNNY, *GREY]
    judge = train_judge(mixed, list(mixed), letters)
    assert judge.auc < 0.7
    assert not judge.reliable
    assert "cannot tell your two sides apart" in judge.sentence


def test_random_points_give_an_auc_of_chance():
    generator = torch.Generator().manual_seed(1)
    found = [
        cross_validated_auc(torch.randn(32, 20, generator=generator), torch.randn(32, 20, generator=generator), seed=i)
        for i in range(5)
    ]
    assert 0.4 < sum(found) / 5 < 0.6


def test_too_few_examples_are_an_error():
    with pytest.raises(LineasError, match=f"too few examples to train a judge: 8 and 3 .* {MIN_SENTENCES} a side"):
        train_judge(GREY, SUNNY[:3], letters)
