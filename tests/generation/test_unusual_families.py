"""Strength 0 is plain transformers through every door, also where a cache cannot be continued."""

import pytest
import torch
from families import UNUSUAL, unusual_config
from maps import random_map
from tiny import make_tokenizer
from transformers import AutoModelForCausalLM

from lineas import LineasError, Row, Sampling, generate, stream, wrap_model
from lineas.generation.prefix_cache import cache_of
from lineas.models.loaded import LoadedModel
from lineas.models.quiet import quiet

GREEDY = Sampling(max_new_tokens=12, temperature=0, repetition_penalty=1, chat=False)
PROMPT = "the day was good and bright , the sea was grey and the morning was fine"


def load(family: str) -> LoadedModel:
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(1)
        network = AutoModelForCausalLM.from_config(unusual_config(family))
        for parameter in network.parameters():  # wide weights, so that the random model has opinions
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=0.3)
    return wrap_model(network, make_tokenizer(), id=family)


def plain(model: LoadedModel, prompt: str) -> str:
    ids = model.tokenizer(prompt, return_tensors="pt")["input_ids"]
    answer = model.network.generate(ids, max_new_tokens=GREEDY.max_new_tokens, do_sample=False, pad_token_id=0)
    return model.tokenizer.decode(answer[0, ids.shape[1] :], skip_special_tokens=True)


@pytest.mark.parametrize("family", UNUSUAL)
def test_strength_0_is_the_plain_model_whole_and_streamed_and_asked_again(family: str) -> None:
    model = load(family)
    steering_map = random_map(model.sites)
    rows = [Row(), Row(steering_map, 0.0)]
    expected = plain(model, PROMPT)
    assert expected
    assert [answer.text for answer in generate(model, [PROMPT], rows, GREEDY)[0]] == [expected, expected]
    for _ in range(2):  # the second time the prompt may come from the cache
        *_, last = stream(model, PROMPT, rows, GREEDY)
        assert [answer.text for answer in last] == [expected, expected]


@pytest.mark.parametrize("family", UNUSUAL)
def test_a_steered_answer_is_the_same_whole_and_streamed_beside_another_row(family: str) -> None:
    model = load(family)
    steered = Row(random_map(model.sites, size=0.2), 1.0)
    expected = generate(model, [PROMPT], [steered], GREEDY)[0][0].text
    for _ in range(2):
        *_, last = stream(model, PROMPT, [Row(), steered], GREEDY)
        assert last[1].text == expected


def test_models_with_a_state_do_not_continue_from_keys_and_values() -> None:
    exact = {}
    for family in ("falcon-h1", "mamba", "bart", "mpt", "bloom"):
        model = load(family)
        list(stream(model, PROMPT, [Row()], GREEDY))
        exact[family] = cache_of(model).exact
    assert exact == {"falcon-h1": False, "mamba": False, "bart": False, "mpt": True, "bloom": True}


def test_the_longest_text_is_known_also_under_another_name() -> None:
    model = load("mpt")
    with pytest.raises(LineasError, match="prompt is too long"):
        generate(model, ["the day " * 64], [Row()], GREEDY)
