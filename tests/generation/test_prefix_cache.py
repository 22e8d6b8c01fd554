"""Prompts that were read before are not read again."""

from dataclasses import replace
from typing import Any

import pytest
from maps import random_map

from lineas import generate
from lineas.generation.prefix_cache import cache_of
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel

PROMPT = "tell me my day"
SAMPLING = Sampling(max_new_tokens=12, temperature=1.0, top_p=1.0, repetition_penalty=1.0)


def texts(model: LoadedModel, rows: list[Row], sampling: Sampling = SAMPLING, prompt: str = PROMPT) -> list[str]:
    return [answer.text for answer in generate(model, [prompt], rows, sampling)[0]]


def test_a_prompt_that_was_read_before_gives_the_same_answers(any_model: LoadedModel) -> None:
    moved = random_map(any_model.sites)
    rows = [Row(), Row(moved, 0.5), Row(moved, 0.0), Row(moved, 1.0)]

    def said(seed: int, asked: list[Row]) -> list[str]:
        *_, last = stream(any_model, PROMPT, asked, replace(SAMPLING, seed=seed))
        return [answer.text for answer in last]

    fresh = {seed: texts(any_model, rows, replace(SAMPLING, seed=seed)) for seed in (1, 2)}
    assert said(1, rows) == fresh[1]
    assert said(2, rows) == fresh[2], "other dice, the same prompt"
    assert said(2, rows[1::-1]) == fresh[2][1::-1], "other company"
    plain, steered, off, full = said(2, rows)
    assert plain == off and (plain, steered, full) == tuple(fresh[2][i] for i in (0, 1, 3))


def test_a_prompt_is_read_once_for_each_strength(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    real = tiny_model.network.base_model.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        lengths.append(kwargs["input_ids"].shape)
        return real(*args, **kwargs)

    list(
        stream(tiny_model, "sun", [Row()], replace(SAMPLING, max_new_tokens=1))
    )  # whether it can be cached is tried once
    monkeypatch.setattr(tiny_model.network.base_model, "forward", forward)
    moved = random_map(tiny_model.sites)
    prompt = "the morning was grey and the sea was bright"

    def read(*rows: Row) -> list[tuple[int, ...]]:
        lengths.clear()
        list(stream(tiny_model, prompt, rows, replace(SAMPLING, max_new_tokens=3)))
        return [tuple(shape) for shape in lengths if shape[1] > 1]

    (first,) = read(Row(), Row(moved, 0.5))
    assert first[0] == 2
    assert read(Row(), Row(moved, 0.5)) == []
    assert read(Row(), Row(moved, 0.75)) == [(1, first[1])], "the plain row is known"
    assert read(Row(moved, 0.0)) == [], "strength 0 is the plain model"
    assert read(Row(random_map(tiny_model.sites), 0.5)) == [(1, first[1])], "another map"


def test_the_memory_of_prompts_is_bounded(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineas.generation.prefix_cache.MOST_TOKENS", 40)
    for number in range(8):
        list(stream(tiny_model, f"the day {'was ' * number}good", [Row()], replace(SAMPLING, max_new_tokens=2)))
    assert sum(len(ids) for ids, _, _ in cache_of(tiny_model)._rows) <= 40
    long = "the sea " * 30
    answers = texts(tiny_model, [Row()], replace(SAMPLING, max_new_tokens=4), prompt=long)
    *_, last = stream(tiny_model, long, [Row()], replace(SAMPLING, max_new_tokens=4))
    assert [answer.text for answer in last] == answers
