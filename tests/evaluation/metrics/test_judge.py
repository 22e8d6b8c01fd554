"""The judge of a concept, mostly with letter counts as embeddings."""

import statistics
from collections.abc import Sequence
from random import Random

import pytest
import torch
from judging import letters

from lineas.data.presets import load_presets
from lineas.errors import LineasError
from lineas.evaluation.metrics.corrupt import heap, shuffled, strewn, style_words
from lineas.evaluation.metrics.cost import wiki_sentences
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import MIN_SENTENCES, cross_validated_auc, train_judge
from lineas.evaluation.metrics.text_statistics import words_of

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


@pytest.mark.default_model
@pytest.mark.parametrize("preset", ["pirate", "food-lover"])
def test_words_of_the_style_in_disorder_do_not_fool_it(preset: str) -> None:
    """With the real embeddings, trained on three quarters of a preset's sentences and asked about the rest."""
    [concept] = [one for one in load_presets() if one.id == preset]
    learned = len(concept.source) * 3 // 4
    source, target, unseen = concept.source[:learned], concept.target[:learned], concept.target[learned:]
    judge = train_judge(source, target, load_minilm())
    random = Random(0)
    words = [word for text in unseen for word in words_of(text)]
    neutral = wiki_sentences()[-40:]

    def mean(texts: Sequence[str]) -> float:
        return statistics.fmean(judge(texts))

    assert mean(unseen) >= 0.7
    assert mean([shuffled(text, random) for text in unseen for _ in range(3)]) <= 0.35
    assert mean([heap(words, random) for _ in range(30)]) <= 0.35
    assert mean([strewn(text, style_words(concept.source, concept.target), 3, random) for text in neutral]) <= 0.45
