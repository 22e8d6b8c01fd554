"""Next-token losses and cost curves, on tiny models and by hand."""

import math
import re
from pathlib import Path

import pytest
import torch
from judging import moved
from tiny import SOURCE, TARGET

from lineas.errors import LineasError
from lineas.evaluation.findings import CostPoint
from lineas.evaluation.metrics import cost
from lineas.evaluation.metrics.cost import cost_curve, perplexities, sentence_losses, wiki_sentences
from lineas.models.progress import finish
from lineas.training.batching import tokenize


def test_the_loss_of_a_sentence_is_the_sum_over_its_tokens_but_the_first(tiny_model):
    sentence = "the day was grey and bad ."
    [row] = tokenize(tiny_model, [sentence], 48)
    with torch.no_grad():
        logits = tiny_model.network(input_ids=row[None]).logits[0]
    expected = -sum(float(logits[i].log_softmax(0)[row[i + 1]]) for i in range(len(row) - 1))
    both = tokenize(tiny_model, [sentence, "a very long day by the sea and the bright sun was always fine ."], 48)
    losses = finish(sentence_losses(tiny_model, both))
    assert float(losses[0]) == pytest.approx(expected, rel=1e-4)
    [perplexity, none] = finish(perplexities(tiny_model, [sentence, ""]))
    assert perplexity == pytest.approx(math.exp(expected / (len(row) - 1)), rel=1e-4)
    assert math.isnan(none)


def test_a_curve_measures_each_strength_on_the_same_sentences(any_model):
    steering = moved(any_model, 1.3)
    curve = finish(cost_curve(any_model, steering, TARGET, SOURCE, (0.0, 1.0)))
    rows = tokenize(any_model, TARGET, cost.MAX_TOKENS)
    plain = float(finish(sentence_losses(any_model, rows)).sum()) / sum(len(row) - 1 for row in rows)
    assert [point.strength for point in curve] == [0.0, 1.0]
    assert curve[0].target_loss == pytest.approx(plain, rel=1e-4)
    assert abs(curve[1].target_loss - curve[0].target_loss) > 1e-4
    [alone] = finish(cost_curve(any_model, steering, TARGET, SOURCE, (1.0,)))
    assert alone.target_loss == pytest.approx(curve[1].target_loss, rel=1e-5)


def test_a_curve_may_hold_only_the_plain_model(tiny_model):
    [point] = finish(cost_curve(tiny_model, moved(tiny_model, 2.0), TARGET, SOURCE, (0.0,)))
    assert isinstance(point, CostPoint)


def test_progress_of_a_curve_rises_to_the_end(tiny_model):
    events = list(cost_curve(tiny_model, moved(tiny_model, 2.0), TARGET, SOURCE, (0.0, 1.0)))
    assert [event.done for event in events] == sorted({event.done for event in events})
    assert {event.of for event in events} == {events[-1].done} == {2 * (len(SOURCE) + len(TARGET))}


def test_wikipedia_is_a_hundred_sentences_with_their_credit(monkeypatch):
    found = wiki_sentences()
    assert len(found) == len(set(found)) == 100
    assert all(re.fullmatch(r"[A-Z].{30,250}\.", sentence) for sentence in found)
    assert "creativecommons.org/licenses/by-sa/4.0" in cost.WIKI_SENTENCES.read_text()
    monkeypatch.setattr(cost, "WIKI_SENTENCES", Path("/nowhere"))
    wiki_sentences.cache_clear()
    with pytest.raises(LineasError, match=r"cannot be read.*Install LinEAS again"):
        wiki_sentences()
