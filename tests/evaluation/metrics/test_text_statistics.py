"""Word statistics against cases computed by hand."""

import pytest

from lineas.evaluation.metrics.text_statistics import distinct, repetition, text_statistics, words_of


def test_words_are_lower_case_without_punctuation():
    words = ["don't", "stop", "well-known", "3", "times", "ça", "va"]
    assert words_of("Don't stop — well-known, 3 times! Ça_va") == words
    assert words_of("don’t") == ["don't"]
    assert words_of(" … !") == []


def test_distinct_counts_n_grams_within_each_text():
    texts = [["a", "b", "a"], ["b", "a"]]
    assert distinct(texts, 1) == 2 / 5
    assert distinct(texts, 2) == 2 / 3  # ab, ba, ba: none across two texts
    assert distinct([["a"]], 2) == 0.0


def test_repetition_is_the_share_of_n_grams_that_occurred_before():
    assert repetition("a b c a b c".split()) == 1 - 3 / 4  # abc bca cab abc
    assert repetition("the the the the the".split()) == pytest.approx(2 / 3)
    assert repetition(["one", "two"]) == 0.0


def test_statistics_are_taken_over_all_texts():
    found = text_statistics(["a b c a b c", "", "A d!"])
    assert found.words == 8 / 3
    assert found.empty == 1 / 3
    assert found.distinct_1 == 4 / 8
    assert found.repetition == pytest.approx((1 / 4) / 3)


def test_an_empty_text_has_statistics():
    found = text_statistics([""])
    assert (found.distinct_1, found.distinct_2, found.repetition, found.words, found.empty) == (0, 0, 0, 0, 1)
