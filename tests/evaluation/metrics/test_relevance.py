"""Whether an answer keeps to its question."""

import math

import pytest
import torch
from tiny import make_model

from lineas.evaluation.metrics.prompts import QUESTIONS
from lineas.evaluation.metrics.relevance import MAX_TOKENS, OTHER_PROMPTS, relevance
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish

PROMPTS = ["the day", "tell me my day , the sea and the ship", "sun", "bread and tea", "the morning walk"]
TEXTS = ["my day was fine", "the sea was grey", "", "bread .", "we saw the ship today"]


def loss_by_hand(model: LoadedModel, prompt: str, text: str) -> float:
    context = encode(model, [prompt], [Row()], Sampling())["input_ids"]
    answer = model.tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits = model.network(torch.cat([context, answer], dim=1)).logits[0, context.shape[1] - 1 : -1]
    return float(torch.nn.functional.cross_entropy(logits, answer[0]))


def test_it_is_the_difference_of_losses_after_its_own_question_and_after_others(any_model: LoadedModel) -> None:
    [kept] = finish(relevance(any_model, PROMPTS, [TEXTS]))
    for number, text in enumerate(TEXTS):
        if not text:
            assert kept[number].relevance == 0
            assert math.isnan(kept[number].loss)
            continue
        own, *others = (
            loss_by_hand(any_model, PROMPTS[(number + shift) % len(PROMPTS)], text)
            for shift in range(OTHER_PROMPTS + 1)
        )
        assert kept[number].loss == pytest.approx(own, abs=1e-4)
        assert kept[number].relevance == pytest.approx(sum(others) / len(others) - own, abs=1e-4)


def test_the_same_answer_to_every_question_has_none(any_model: LoadedModel) -> None:
    [kept] = finish(relevance(any_model, PROMPTS, [["my day was fine"] * len(PROMPTS)]))
    assert sum(one.relevance for one in kept) == pytest.approx(0, abs=1e-4)


def test_one_question_alone_is_compared_with_neutral_ones() -> None:
    """Else every answer to a single question would keep to it as well as the plain one."""
    model = make_model("llama")
    [[kept]] = finish(relevance(model, ["the day"], [["my day was fine"]]))
    own, *others = (
        loss_by_hand(model, prompt, "my day was fine") for prompt in ("the day", *QUESTIONS[:OTHER_PROMPTS])
    )
    assert kept.relevance == pytest.approx(sum(others) / len(others) - own, abs=1e-4)


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    model = make_model("llama")
    words = "the day was fine and " * 40
    [[long, _]] = finish(relevance(model, PROMPTS[:2], [[words, "sun"]]))
    first = " ".join(words.split()[:MAX_TOKENS])
    assert long.loss == pytest.approx(loss_by_hand(model, PROMPTS[0], first), abs=1e-4)
