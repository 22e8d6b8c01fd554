"""Rows that may not be decoded together are not, and a model's own settings are put back."""

from contextlib import ExitStack

import pytest
import torch
from test_unusual_families import GREEDY, load
from tiny import make_model

from lineas import LineasError, Row, Sampling, generate, stream
from lineas.generation.generate import without_own_settings
from lineas.generation.padding import groups
from lineas.methods.prompting import Instruction
from lineas.steering.hooks import steer

MASK = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1]])
PROMPTS = ["the sea", "the day was good and bright , the sea was grey", "my work"]


def test_rows_alike_in_length_go_together_where_padding_counts() -> None:
    assert groups(make_model("llama"), MASK) == [[0, 1, 2, 3]]
    assert groups(load("bart"), MASK) == [[0, 2], [3], [1]]
    assert groups(load("bart"), MASK[[0, 2]]) == [[0, 1]]


@pytest.mark.parametrize("family", ["bart", "mpt", "bamba"])
def test_a_longer_neighbour_changes_nothing(family: str) -> None:
    model = load(family)
    alone = [generate(model, [prompt], [Row()], GREEDY)[0][0] for prompt in PROMPTS]
    assert [answers[0] for answers in generate(model, PROMPTS, [Row()], GREEDY)] == alone
    *_, last = stream(model, PROMPTS, [Row()] * 3, GREEDY)
    assert [(answer.text, answer.tokens) for answer in last] == [(answer.text, answer.tokens) for answer in alone]


def test_the_last_of_several_decodes_puts_a_model_s_own_settings_back() -> None:
    model = make_model("llama")
    own = model.network.generation_config
    ends = model.end_tokens
    first, second = ExitStack(), ExitStack()
    first.enter_context(without_own_settings(model))
    second.enter_context(without_own_settings(model))
    assert model.end_tokens == ends
    first.close()
    assert model.network.generation_config is not own, "the second still decodes"
    second.close()
    assert model.network.generation_config is own


def test_an_answer_that_is_too_long_for_the_model_is_refused() -> None:
    model = make_model("llama")
    with pytest.raises(LineasError, match="4000 tokens is too long: this model reads and writes 256 tokens in all"):
        generate(model, ["my day"], [Row()], Sampling(4000))


def test_a_prompt_of_which_no_token_is_left_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model("llama")
    monkeypatch.setattr(type(model.tokenizer), "__call__", lambda self, text, **how: {"input_ids": []})
    with pytest.raises(LineasError, match="cannot read 'my day': nothing is left of it as tokens"):
        generate(model, ["my day"], [Row()])


def test_a_token_that_the_network_does_not_know_is_refused() -> None:
    model = make_model("llama")
    model.tokenizer.add_tokens([f"new{number}" for number in range(40)])
    with pytest.raises(LineasError, match=r"token that its network does not know \(\d+ of 64\)"):
        generate(model, ["my day new39"], [Row()])


def test_words_before_the_text_are_refused_by_a_model_with_a_state() -> None:
    model = load("falcon-h1")
    words = Instruction({}, {"instruction": "be good"})
    with pytest.raises(LineasError, match="cannot continue a text that was read before"):
        with steer(model, words, 1.0):
            pass
