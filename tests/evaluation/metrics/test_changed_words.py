"""Changed words against cases computed by hand."""

import math

import pytest

from lineas.evaluation.metrics.changed_words import MIN_Z, PRIOR_WORDS, changed_words


def test_the_z_score_is_that_of_log_odds_with_a_prior():
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


def test_equal_texts_have_no_changed_words():
    assert changed_words(["a quiet day by the sea"] * 3, ["a quiet day by the sea"] * 3) == []


def test_function_words_come_last():
    before = ["we met near the town and had lunch"] * 20
    after = ["the sea and the shore and the wide sky"] * 20
    found = [word.word for word in changed_words(before, after, limit=20)]
    assert {"the", "sea", "lunch"} <= set(found)
    assert found.index("the") > max(found.index("sea"), found.index("lunch"))


def test_a_word_that_the_examples_teach_needs_less_evidence():
    before, after = ["we had a good lunch in town today"] * 12, ["we had a good lunch in town today"] * 12
    after[:4] = ["ye had a grand lunch in town today"] * 4
    untaught = [word.word for word in changed_words(before, after)]
    taught = [word.word for word in changed_words(before, after, ["you are here"] * 20, ["ye are here"] * 20)]
    assert "ye" not in untaught and "grand" not in taught
    assert taught == ["ye"]


def test_two_chance_occurrences_do_not_stand_out():
    before = ["one two three four five six seven eight nine ten"] * 40
    assert changed_words(before, [*before[1:], "one two three zebra five six seven zebra nine ten"]) == []


@pytest.mark.parametrize("texts", [[], [""], ["word"]])
def test_almost_no_text_has_no_changed_words(texts):
    assert changed_words(texts, texts) == []
