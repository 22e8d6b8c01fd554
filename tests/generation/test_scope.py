"""Scope "answer": the question is read by the plain model, and what the model says is steered."""

from dataclasses import replace

import pytest
import torch
from families import UNUSUAL
from maps import random_map
from test_unusual_families import GREEDY, PROMPT, load
from tiny import make_model

from lineas import Row, Sampling, generate, record, steer, stream
from lineas.generation.prefix_cache import cache_of
from lineas.generation.prompts import answer_start, encode
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap

CHAT = Sampling(max_new_tokens=10, temperature=0, repetition_penalty=1, chat=True)


def answers(model: LoadedModel, rows: list[Row], sampling: Sampling, prompt: str = PROMPT) -> list[str]:
    return [answer.text for answer in generate(model, [prompt], rows, sampling)[0]]


def by_hand(model: LoadedModel, steering_map: SteeringMap, ids: torch.Tensor, start: int, count: int) -> list[int]:
    """Greedy decoding without caches: each pass reads everything again, steered from position ``start`` on."""

    def hook(module: torch.nn.Module, args: object, output: torch.Tensor, site: str) -> torch.Tensor:
        steered = output.clone()
        steered[:, start:] = output[:, start:] * steering_map.scale[site] + steering_map.shift[site]
        return steered

    handles = [
        model.network.get_submodule(site).register_forward_hook(
            lambda module, args, output, site=site: hook(module, args, output, site)
        )
        for site in steering_map.sites
    ]
    said: list[int] = []
    with torch.no_grad():
        for _ in range(count):
            read = torch.cat([ids, torch.tensor([said], dtype=torch.long)], dim=1)
            said.append(int(model.network(input_ids=read, use_cache=False).logits[0, -1].argmax()))
    for handle in handles:
        handle.remove()
    return said


@pytest.mark.parametrize("chat", [True, False])
@pytest.mark.parametrize("family", ["llama", "gemma2", "gpt2"])
def test_it_agrees_with_decoding_by_hand(family: str, chat: bool) -> None:
    model = make_model(family)
    sampling = replace(CHAT, chat=chat, max_new_tokens=6)
    row = Row(random_map(model.sites), 1.0, scope="answer")
    ids = encode(model, [PROMPT], [row], sampling)["input_ids"]
    start = ids.shape[1] - answer_start(model, chat)
    expected = by_hand(model, row.map, ids, start, 6)
    if 1 in expected:  # the end token
        expected = expected[: expected.index(1)]
    assert answers(model, [row], sampling) == [model.tokenizer.decode(expected, skip_special_tokens=True)]


def test_the_answer_starts_with_the_header_of_the_models_turn() -> None:
    model = make_model("llama")
    assert answer_start(model, True) == answer_start(model, None) == 1, "the template's header is one token"
    assert answer_start(model, False) == 1
    model.tokenizer.chat_template = (
        "{{ messages[0].content }}{% if add_generation_prompt %} ! ! <|assistant|>{% endif %}"
    )
    assert answer_start(model, True) == 3


@pytest.mark.parametrize("family", ["llama", *UNUSUAL])
def test_whole_streamed_and_asked_again_at_another_strength_are_the_same(family: str) -> None:
    """On models that can continue from a cache, and on those that cannot."""
    model = load(family) if family in UNUSUAL else make_model(family)
    m = random_map(model.sites, size=0.3)
    for strength in (1.0, 0.4, 0.0):
        rows = [Row(), Row(m, strength, scope="answer"), Row(m, strength)]
        expected = [answers(model, [row], GREEDY)[0] for row in rows]
        *_, last = stream(model, PROMPT, rows, GREEDY)
        assert [answer.text for answer in last] == expected
        if strength == 0:
            assert expected[1] == expected[0]


def test_all_strengths_share_the_reading_of_one_question() -> None:
    model = make_model("llama")
    m = random_map(model.sites)
    list(stream(model, PROMPT, [Row()], GREEDY))
    before = set(cache_of(model)._rows)
    for strength in (0.0, 0.3, 1.0, 1.5):
        list(stream(model, PROMPT, [Row(), Row(m, strength, scope="answer")], GREEDY))
    assert set(cache_of(model)._rows) == before
    list(stream(model, PROMPT, [Row(m, 1.0)], GREEDY))
    assert len(cache_of(model)._rows) == len(before) + 1, "steering everything needs a reading of its own"


def test_a_map_carries_its_scope_and_a_row_overrules_it() -> None:
    m = random_map(make_model("llama").sites)
    assert not Row(m).answer_only
    assert Row(m.with_metadata(scope="answer")).answer_only
    assert not Row(m.with_metadata(scope="answer"), scope="everything").answer_only
    assert not Row(m.with_metadata(scope="something else")).answer_only
    assert not Row().answer_only


def test_only_the_given_tokens_of_a_pass_are_steered() -> None:
    model = make_model("llama")
    m = random_map(model.sites)
    site = model.sites[0].name
    ids = encode(model, [PROMPT, PROMPT], [Row(), Row()], GREEDY)["input_ids"]
    with torch.no_grad():
        with record(model, [site]) as plain:
            model.network(input_ids=ids)
        with steer(model, m, 1.0, [slice(2, 4), slice(-3, None)]), record(model, [site]) as seen:
            model.network(input_ids=ids)
    moved = (seen[site] != plain[site]).any(dim=-1)
    assert moved[0].nonzero().flatten().tolist() == [2, 3]
    assert moved[1].nonzero().flatten().tolist() == [ids.shape[1] - 3, ids.shape[1] - 2, ids.shape[1] - 1]
    expected = torch.addcmul(m.shift[site], plain[site][0, 2:4], m.scale[site])
    assert torch.equal(seen[site][0, 2:4], expected)
