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
from lineas.evaluation.metrics.cost import (
    continuation_losses,
    cost_curve,
    neutral_context,
    perplexities,
    sentence_losses,
    tokenize_after_context,
    wiki_sentences,
)
from lineas.generation.prompts import Row, answer_start
from lineas.methods.prompting import Instruction
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.hooks import steer
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


def mean_by_hand(model: LoadedModel, sentences: list[str], row: Row) -> float:
    """Mean loss of the sentences' tokens, each read alone with its context and without any cache."""
    context = neutral_context(model, row)
    total, count = 0.0, 0
    start = len(context) - answer_start(model, None)
    for tokens in tokenize_after_context(model, sentences):
        ids = torch.cat([context, tokens])
        span = slice(start, None) if row.answer_only else slice(None)
        with torch.no_grad(), steer(model, row.map, row.strength, span):
            logits = model.network(input_ids=ids[None], use_cache=False).logits[0, len(context) - 1 : -1]
        total += float(torch.nn.functional.cross_entropy(logits, tokens, reduction="sum"))
        count += len(tokens)
    return total / count


@pytest.mark.parametrize("scope", ["everything", "answer"])
def test_a_curve_measures_sentences_after_a_neutral_context(any_model, scope):
    steering = moved(any_model, 1.3).with_metadata(scope=scope)
    curve = finish(cost_curve(any_model, steering, TARGET, SOURCE, (0.0, 1.0)))
    assert [point.strength for point in curve] == [0.0, 1.0]
    for point in curve:
        assert point.target_loss == pytest.approx(
            mean_by_hand(any_model, TARGET, Row(steering, point.strength)), rel=1e-4
        )
        assert point.wiki_loss == pytest.approx(
            mean_by_hand(any_model, SOURCE, Row(steering, point.strength)), rel=1e-4
        )
    assert abs(curve[1].target_loss - curve[0].target_loss) > 1e-4


def test_losses_are_the_same_where_a_model_cannot_go_on_from_what_it_has_read(any_model, monkeypatch):
    row = Row(moved(any_model, 1.3), 0.7, scope="answer")
    rows = tokenize_after_context(any_model, [*TARGET, *SOURCE])
    pairs = [(neutral_context(any_model, row), tokens) for tokens in rows]
    once = finish(continuation_losses(any_model, pairs, row))
    monkeypatch.setattr(cost, "recall", lambda *_: None)
    assert torch.allclose(finish(continuation_losses(any_model, pairs, row)), once, rtol=1e-4)


def test_an_instruction_is_part_of_the_context(any_model):
    instruction = Instruction({}, {"instruction": "we sail the bright sea"})
    [point] = finish(cost_curve(any_model, instruction, TARGET, SOURCE, (1.0,)))
    [plain] = finish(cost_curve(any_model, None, TARGET, SOURCE, (1.0,)))
    assert len(neutral_context(any_model, Row(instruction))) > len(neutral_context(any_model, Row()))
    assert abs(point.wiki_loss - plain.wiki_loss) > 1e-5


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
