"""Thoughts that a model opens by itself: scope "answer" steers what follows them, and leaves them to the plain model."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from maps import random_map
from tiny import make_model

from lineas import Row, Sampling, generate, stream
from lineas.generation.prompts import encode
from lineas.generation.thoughts import thought_tokens
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap

PROMPT = "how was your day ?"
CHAT = Sampling(max_new_tokens=16, temperature=0, repetition_penalty=1, chat=True)
THOUGHT = "<think> sea rain ship sail the tea </think>"
LENGTH = 7
"""Tokens of the thought, without the tag that ends it."""


def thinker(family: str) -> LoadedModel:
    model = make_model(family)
    model.tokenizer.add_tokens(["<think>", "</think>"])
    tried = [Row(), Row(begun=(7, 8))]  # a model is tried at first, for padding and for caches
    generate(model, [PROMPT], tried, CHAT)
    list(stream(model, PROMPT, tried, CHAT))
    return model


def ids_of(model: LoadedModel, text: str) -> list[int]:
    return model.tokenizer(text, add_special_tokens=False)["input_ids"]


@contextmanager
def beginning_with(model: LoadedModel, ids: Sequence[int]) -> Iterator[None]:
    """Let the model write these tokens first, whatever it would say, and then go on freely."""
    ahead = list(ids)

    def hook(module: torch.nn.Module, args: Any, output: Any) -> None:
        if ahead:
            output.logits[:, -1, ahead.pop(0)] = 1e4

    handle = model.network.register_forward_hook(hook)
    yield
    handle.remove()


def said_by_hand(model: LoadedModel, steering_map: SteeringMap, thought: Sequence[int], plain: int) -> list[int]:
    """Greedy decoding without caches: each pass reads everything, steered from the header on but for ``plain`` tokens after it."""
    ids = encode(model, [PROMPT], [Row()], CHAT)["input_ids"]
    header = ids.shape[1] - 1

    def hook_at(site: str) -> Any:
        def hook(module: torch.nn.Module, args: Any, output: torch.Tensor) -> torch.Tensor:
            where = [header, *range(header + 1 + plain, output.shape[1])]
            steered = output.clone()
            steered[:, where] = output[:, where] * steering_map.scale[site] + steering_map.shift[site]
            return steered

        return model.network.get_submodule(site).register_forward_hook(hook)

    handles = [hook_at(site) for site in steering_map.sites]
    said = list(thought)
    with torch.no_grad():
        while len(said) < CHAT.max_new_tokens and 1 not in said:  # the end token
            read = torch.cat([ids, torch.tensor([said])], dim=1)
            said.append(int(model.network(input_ids=read, use_cache=False).logits[0, -1].argmax()))
    for handle in handles:
        handle.remove()
    return said


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])
def test_thoughts_stay_plain_and_what_follows_is_steered(family: str) -> None:
    model = thinker(family)
    thought = ids_of(model, THOUGHT)
    maps = (random_map(model.sites, seed) for seed in range(50))
    # one with which steered thoughts would lead elsewhere
    m = next(m for m in maps if said_by_hand(model, m, thought, LENGTH) != said_by_hand(model, m, thought, 0))
    expected = said_by_hand(model, m, thought, LENGTH)
    rows = [Row(m, scope="answer"), Row(), Row(m)]
    with beginning_with(model, thought):
        whole = generate(model, [PROMPT], rows, CHAT)[0]
    assert list(whole[0].ids) == expected
    answer = [token for token in expected[len(thought) :] if token != 1]
    assert whole[0].text == model.tokenizer.decode(answer, skip_special_tokens=True), "thoughts are folded away"
    assert whole[1].ids != whole[0].ids
    with beginning_with(model, thought):
        *_, streamed = stream(model, PROMPT, rows, CHAT)
    assert [answer.ids for answer in streamed] == [answer.ids for answer in whole]


@pytest.mark.parametrize("heard", [1, 3, 8, 9])
def test_an_answer_goes_on_as_if_its_thoughts_had_never_been_interrupted(heard: int) -> None:
    model = thinker("llama")
    row = Row(random_map(model.sites, size=0.3), scope="answer")
    thought = ids_of(model, THOUGHT)
    with beginning_with(model, thought):
        whole = generate(model, [PROMPT], [row], CHAT)[0][0]
    begun = replace(row, begun=whole.ids[:heard])
    for rows in ([begun], [begun, Row()]):
        with beginning_with(model, thought[heard:]):
            assert generate(model, [PROMPT], rows, CHAT)[0][0].ids == whole.ids


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        ("<think> sea </think> day sea", [1, 1, 0, 0, 0]),
        ("day <think> sea </think>", [0, 0, 0, 0]),
        ("<think> sea", [1, 1]),
        ("day sea", [0, 0]),
    ],
)
def test_only_what_comes_first_is_a_thought(said: str, flags: list[int]) -> None:
    model = thinker("llama")
    assert thought_tokens(model, ids_of(model, said)) == list(map(bool, flags))
