"""Answers and their measures, on a tiny model."""

import math

import pytest
from judging import moved

from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import answers, neutral_prompts, report, sentences, text_scores
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish


def test_answers_are_compared_with_the_first_rows(tiny_model):
    prompts = neutral_prompts(tiny_model)[:5]
    rows = [Row(), Row(moved(tiny_model, 1.5), 1.0), Row(moved(tiny_model, 1.5), 0.0)]
    texts = finish(answers(tiny_model, prompts, rows, Sampling(max_new_tokens=8)))
    assert [len(row) for row in texts] == [5, 5, 5]
    plain, steered, same = finish(
        report(tiny_model, prompts, texts, lambda given: [float("sea" in text) for text in given])
    )
    assert plain.texts == same.texts
    assert same.gain is not None
    assert (same.gain.mean, same.gain.low, same.gain.high) == (0, 0, 0)
    assert plain.gain is None
    assert steered.perplexity != plain.perplexity
    assert same.relevance == plain.relevance != steered.relevance
    assert plain.statistics.words > 0


def test_only_empty_answers_are_an_error(tiny_model):
    with pytest.raises(LineasError, match="answered nothing at all"):
        finish(report(tiny_model, ["the day", "a ship"], [["", " "], ["", ""]]))


def test_one_empty_answer_is_no_error(tiny_model):
    _, steered = finish(report(tiny_model, ["the day", "a ship"], [["the sea .", "a ship ."], ["", "the sea ."]]))
    assert steered.statistics.empty == 0.5
    assert math.isfinite(steered.perplexity)


def test_short_and_unfinished_sentences_are_left_out_unless_nothing_else_is_there():
    assert sentences("We saw a ship! Then he left. And as he") == ["We saw a ship!", "Then he left."]
    assert sentences('She said: "No, never!" Then she left.') == ['She said: "No, never!', "Then she left."]
    assert sentences("Only a beginning that never") == ["Only a beginning that never"]
    assert sentences("Yes. No.") == ["Yes.", "No."]
    assert sentences("") == [""]


def test_a_text_scores_as_the_mean_of_its_sentences():
    scores = {"We saw a ship.": 1.0, "It was very big.": 0.0, "": 0.5}
    texts = ["We saw a ship. It was very big.", ""]
    assert text_scores(lambda found: [scores[text] for text in found], texts) == [0.5, 0.5]
