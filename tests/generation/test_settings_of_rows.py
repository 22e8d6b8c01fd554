"""Rows with settings of their own: each is decoded as if it were alone."""

import threading
from dataclasses import replace

import pytest
import torch
from maps import random_map
from tiny import make_model
from transformers import RepetitionPenaltyLogitsProcessor

from lineas.generation.generate import decode, generate
from lineas.generation.listener import Listener, cut
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import RepetitionPenalty, Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel

PROMPTS = ["my day", "I went with the rain and made tea", "the sea", "my day", "we like bread . you like tea ."]
SETTINGS = [
    Sampling(12, 1.0, 0.9, 1.3, seed=1),
    Sampling(20, 0.0, 1.0, 1.0),
    Sampling(7, 0.7, 1.0, 1.5, seed=3, chat=False),
    Sampling(12, 1.0, 0.9, 1.3, seed=2),
    Sampling(16, 1.2, 0.8, 1.3, seed=1, stop=("sea", "tea")),
]


@pytest.mark.parametrize("scope", ["everything", "answer"])
def test_each_row_is_as_it_is_alone(any_model: LoadedModel, scope: str) -> None:
    maps = [None, *(random_map(any_model.sites, seed, 0.2) for seed in range(4))]
    rows = [Row(m, 0.3 * i, scope=scope) for i, m in enumerate(maps)]  # type: ignore[arg-type]
    alone = [generate(any_model, [p], [r], s)[0][0] for p, r, s in zip(PROMPTS, rows, SETTINGS, strict=True)]
    listener = Listener(any_model, SETTINGS, [threading.Event()] * 5)
    with any_model.lock:
        decode(any_model, PROMPTS, rows, SETTINGS, encode(any_model, PROMPTS, rows, SETTINGS), listener)
    assert [listener.answer(row) for row in range(5)] == alone
    assert all(answer.done for answer in alone)


def test_padding_is_no_repetition() -> None:
    ids = torch.tensor([[0, 0, 5, 6, 7], [4, 3, 5, 6, 7]])
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])  # the fifth token was decoded
    scores = torch.randn(2, 9, generator=torch.Generator().manual_seed(0))
    penalized = RepetitionPenalty(1.5, mask)(ids, scores)
    alone = RepetitionPenaltyLogitsProcessor(1.5)(ids[:1, 2:], scores[:1])
    assert torch.equal(penalized[:1], alone)
    assert torch.equal(penalized[1:], RepetitionPenaltyLogitsProcessor(1.5)(ids[1:], scores[1:]))
    assert penalized[0, 0] == scores[0, 0]


def test_a_stop_text_ends_an_answer_and_is_not_part_of_it() -> None:
    model = make_model("llama")
    free = Sampling(30, 1.0, seed=4)
    text = generate(model, ["my day"], [Row()], free)[0][0].text
    words = text.split(" ")
    stop = next(word for i, word in enumerate(words) if i > 3 and word not in words[:i])
    stopping = replace(free, stop=("nothing like it", stop))
    answer = generate(model, ["my day"], [Row()], stopping)[0][0]
    assert answer.text == text[: text.index(stop)] and answer.done and answer.tokens < 30
    *_, last = stream(model, "my day", [Row()], stopping)
    assert last == [answer]


def test_cut() -> None:
    assert cut("one two three", ("three", "two")) == ("one ", True)
    assert cut("one", ("two",)) == ("one", False)
    assert cut("one", ()) == ("one", False)
