"""Counting words, changed words and intervals, against cases done by hand."""

import math

import pytest

from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval
from lineas.evaluation.metrics.changed_words import MIN_Z, PRIOR_WORDS, changed_words
from lineas.evaluation.metrics.effect import sentences, text_scores
from lineas.evaluation.metrics.text_statistics import distinct, repetition, text_statistics, words_of


def test_words():
    assert words_of("Don't stop — well-known, 3 times! Ça_va") == [
        "don't",
        "stop",
        "well-known",
        "3",
        "times",
        "ça",
        "va",
    ]
    assert words_of("don’t") == ["don't"]
    assert words_of(" … !") == []


def test_distinct_by_hand():
    texts = [["a", "b", "a"], ["b", "a"]]
    assert distinct(texts, 1) == 2 / 5
    assert distinct(texts, 2) == 2 / 3  # ab, ba, ba: none across two texts
    assert distinct([["a"]], 2) == 0.0


def test_repetition_by_hand():
    assert repetition("a b c a b c".split()) == 1 - 3 / 4  # abc bca cab abc
    assert repetition("the the the the the".split()) == pytest.approx(2 / 3)
    assert repetition(["one", "two"]) == 0.0


def test_statistics_of_texts():
    found = text_statistics(["a b c a b c", "", "A d!"])
    assert found.words == 8 / 3
    assert found.empty == 1 / 3
    assert found.distinct_1 == 4 / 8
    assert found.repetition == pytest.approx((1 / 4) / 3)


def test_an_empty_text_has_statistics():
    found = text_statistics([""])
    assert (found.distinct_1, found.distinct_2, found.repetition, found.words, found.empty) == (0, 0, 0, 0, 1)


def test_changed_words_by_hand():
    before, after = ["sun " * 80 + "sea " * 20], ["sun " * 20 + "sea " * 80]
    found = {word.word: word for word in changed_words(before, after)}
    y1, y2 = 80 + PRIOR_WORDS / 2, 20 + PRIOR_WORDS / 2  # both words are half of all
    n = 100 + PRIOR_WORDS
    odds = math.log(y1 / (n - y1)) - math.log(y2 / (n - y2))
    expected = odds / math.sqrt(1 / y1 + 1 / y2)
    assert expected > MIN_Z
    assert found["sea"].z == pytest.approx(expected)
    assert found["sun"].z == pytest.approx(-expected)
    assert (found["sea"].before, found["sea"].after) == (20, 80)


def test_what_did_not_change_is_not_shown():
    assert changed_words(["a quiet day by the sea"] * 3, ["a quiet day by the sea"] * 3) == []


def test_words_that_only_hold_sentences_together_come_last():
    before = ["we met near the town and had lunch"] * 20
    after = ["the sea and the shore and the wide sky"] * 20
    found = [word.word for word in changed_words(before, after, most=20)]
    assert {"the", "sea", "lunch"} <= set(found)
    assert found.index("the") > max(found.index("sea"), found.index("lunch"))


def test_a_word_that_the_examples_teach_needs_less_evidence():
    before, after = ["we had a good lunch in town today"] * 12, ["we had a good lunch in town today"] * 12
    after[:4] = ["ye had a grand lunch in town today"] * 4
    untaught = [word.word for word in changed_words(before, after)]
    taught = [word.word for word in changed_words(before, after, ["you are here"] * 20, ["ye are here"] * 20)]
    assert "ye" not in untaught and "grand" not in taught
    assert taught == ["ye"]


def test_two_occurrences_by_chance_do_not_stand_out():
    before = ["one two three four five six seven eight nine ten"] * 40
    assert changed_words(before, [*before[1:], "one two three zebra five six seven zebra nine ten"]) == []


@pytest.mark.parametrize("texts", [[], [""], ["word"]])
def test_changed_words_of_almost_nothing(texts):
    assert changed_words(texts, texts) == []


def test_interval_of_equal_values_is_a_point():
    found = mean_interval([0.25] * 10)
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_interval_matches_the_normal_one():
    values = [i / 99 for i in range(100)]
    found = mean_interval(values)
    error = math.sqrt(sum((v - 0.5) ** 2 for v in values) / 99 / 100)
    assert found.mean == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(0.5 + 1.96 * error, abs=0.006)
    assert found == mean_interval(values)


def test_a_gain_is_paired():
    before, after = [0.0, 10.0, 20.0], [1.0, 11.0, 21.0]
    found = gain_interval(before, after)
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)


def test_sentences_of_an_answer():
    assert sentences("We saw a ship! Then he left. And as he") == ["We saw a ship!", "Then he left."]
    assert sentences('She said: "No, never!" Then she left.') == ['She said: "No, never!', "Then she left."]
    assert sentences("Only a beginning that never") == ["Only a beginning that never"]
    assert sentences("Yes. No.") == ["Yes.", "No."]
    assert sentences("") == [""]


def test_a_text_scores_as_the_mean_of_its_sentences():
    scores = {"We saw a ship.": 1.0, "It was very big.": 0.0, "": 0.5}
    assert text_scores(lambda texts: [scores[text] for text in texts], ["We saw a ship. It was very big.", ""]) == [
        0.5,
        0.5,
    ]
