"""Side-by-side answers: one batch, one stream of random numbers, and a thread that can be stopped."""

import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from maps import random_map
from tiny import CHAT, make_model
from transformers import TopPLogitsWarper

import lineas.generation.generate
import lineas.generation.listener
import lineas.generation.streaming
from lineas import LineasError, generate
from lineas.generation.listener import Answer
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Nucleus, Sampling
from lineas.generation.streaming import stream
from lineas.models.hardware import ALL_BUT_ONE, ALL_THREADS
from lineas.models.loaded import LoadedModel
from lineas.training.batching import tokenize

PROMPT = "tell me my day"
SAMPLING = Sampling(max_new_tokens=12, temperature=1.0, top_p=1.0, repetition_penalty=1.0)


def texts(model: LoadedModel, rows: list[Row], sampling: Sampling = SAMPLING, prompt: str = PROMPT) -> list[str]:
    return [answer.text for answer in generate(model, [prompt], rows, sampling)[0]]


def test_rows_that_are_the_same_say_the_same(any_model: LoadedModel) -> None:
    m = random_map(any_model.sites)
    plain, also_plain, nought = texts(any_model, [Row(), Row(), Row(m, 0.0)])
    assert plain == also_plain == nought
    assert plain != texts(any_model, [Row(m, 1.0)])[0]


def test_a_seed_repeats_itself_and_another_differs(any_model: LoadedModel) -> None:
    first = texts(any_model, [Row()])
    assert first == texts(any_model, [Row()])
    assert first != texts(any_model, [Row()], replace(SAMPLING, seed=1))


def test_sampling_does_not_touch_the_global_random_state(tiny_model: LoadedModel) -> None:
    before = torch.random.get_rng_state()
    texts(tiny_model, [Row()])
    assert torch.equal(before, torch.random.get_rng_state())


def test_an_answer_does_not_depend_on_its_company(any_model: LoadedModel) -> None:
    """Neither on other rows, nor on other prompts and the padding they bring, nor on their order."""
    m = random_map(any_model.sites)
    prompts = ["the day", "tell me my day and the morning , the evening and the work", "sun"]
    together = generate(any_model, prompts, [Row(), Row(m, 0.7)], SAMPLING)
    backwards = generate(any_model, prompts[::-1], [Row(m, 0.7), Row()], SAMPLING)
    for p, prompt in enumerate(prompts):
        assert [together[p][0].text] == texts(any_model, [Row()], prompt=prompt)
        assert [together[p][1].text] == texts(any_model, [Row(m, 0.7)], prompt=prompt)
        assert together[p] == backwards[2 - p][::-1]


def test_sampling_follows_the_models_distribution() -> None:
    """The Gumbel-max trick: over many seeds a token comes as often as its probability says."""
    model = make_model("llama")
    sampling = replace(SAMPLING, max_new_tokens=1, chat=False)
    batch = encode(model, ["the day"], [Row()], sampling)
    with torch.no_grad():
        probabilities = model.network(**batch).logits[0, -1].softmax(-1)
    draws = 400
    counts: dict[str, int] = {}
    for seed in range(draws):
        text = texts(model, [Row()], replace(sampling, seed=seed), prompt="the day")[0]
        counts[text] = counts.get(text, 0) + 1
    likeliest = int(probabilities.argmax())
    expected = float(probabilities[likeliest])
    seen = counts.get(model.tokenizer.decode([likeliest], skip_special_tokens=True), 0) / draws
    assert seen == pytest.approx(expected, abs=4 * (expected * (1 - expected) / draws) ** 0.5)


@pytest.mark.parametrize("sharpness", [0.0, 0.3, 2.0, 30.0])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.9, 0.999])
def test_the_nucleus_is_that_of_transformers(p: float, sharpness: float) -> None:
    scores = sharpness * torch.randn(3, 2000, generator=torch.Generator().manual_seed(1))
    scores[1] *= 3  # rows of which some are soon complete and some are not
    scores[2] += 1e-3 * torch.arange(2000)  # no ties where the share is cut
    ids = torch.zeros(3, 1, dtype=torch.long)
    rows = slice(2, 3) if sharpness == 0 else slice(None)
    assert torch.equal(Nucleus(p)(ids, scores)[rows], TopPLogitsWarper(p)(ids, scores)[rows])


def test_temperature_nought_is_the_likeliest_word(any_model: LoadedModel) -> None:
    sampling = replace(SAMPLING, temperature=0.0, max_new_tokens=1)
    batch = encode(any_model, [PROMPT], [Row()], sampling)
    with torch.no_grad():
        likeliest = any_model.network(**batch).logits[0, -1].argmax()
    assert texts(any_model, [Row()], sampling)[0] == any_model.tokenizer.decode([likeliest], skip_special_tokens=True)


def test_rows_end_by_themselves() -> None:
    model = make_model("llama")
    answers = [
        generate(model, [PROMPT], [Row()], replace(SAMPLING, seed=seed, max_new_tokens=40))[0][0] for seed in range(30)
    ]
    assert any(answer.tokens < 40 for answer in answers), "no seed drew the end token"
    assert all(answer.done and "<end>" not in answer.text for answer in answers)


def test_the_stream_grows_to_the_generated_text(any_model: LoadedModel) -> None:
    m = random_map(any_model.sites)
    rows = [Row(), Row(m, 1.0)]
    states = list(stream(any_model, PROMPT, rows, SAMPLING))
    for before, after in pairwise(states):
        assert all(b.text.startswith(a.text) or a.text in b.text for a, b in zip(before, after, strict=True))
    assert [answer.text for answer in states[-1]] == texts(any_model, rows)
    assert all(answer.done for answer in states[-1])
    assert not any(module._forward_hooks for module in any_model.network.modules())


def test_stopping_and_closing_end_the_decoding_thread(tiny_model: LoadedModel) -> None:
    long = replace(SAMPLING, max_new_tokens=200, temperature=0.0)
    stop = threading.Event()
    shown: list[list[Answer]] = []
    for answers in stream(tiny_model, PROMPT, [Row()], long, stop=stop):
        shown.append(answers)
        stop.set()
    assert shown[-1][0].tokens < 200
    states = stream(tiny_model, PROMPT, [Row()], long)
    next(states)
    states.close()
    assert not tiny_model.lock.locked
    assert not any(module._forward_hooks for module in tiny_model.network.modules())
    assert not [t for t in threading.enumerate() if t.name == "lineas-decode"]


def test_a_failure_in_the_thread_reaches_the_caller(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(tiny_model.network, "generate", broken)
    with pytest.raises(torch.OutOfMemoryError):
        list(stream(tiny_model, PROMPT, [Row()], SAMPLING))
    assert not tiny_model.lock.locked


def test_an_answer_that_is_read_leaves_a_core_and_whoever_has_a_turn_meanwhile_has_them_all(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineas.generation.listener, "SECONDS_PER_TURN", 0.0)
    cores, real = {}, lineas.generation.streaming.decode

    def generate_and_count(*args: Any, **options: Any) -> None:
        cores["answer"] = torch.get_num_threads()
        real(*args, **options)

    def turn() -> None:
        with tiny_model.lock:
            cores["turn"] = torch.get_num_threads()

    monkeypatch.setattr(lineas.generation.streaming, "decode", generate_and_count)
    states = stream(tiny_model, PROMPT, [Row()], replace(SAMPLING, max_new_tokens=200), spare_core=True)
    next(states)
    other = threading.Thread(target=turn)
    other.start()
    other.join()
    list(states)
    assert cores == {"answer": ALL_BUT_ONE, "turn": ALL_THREADS}
    assert torch.get_num_threads() == ALL_THREADS


def test_chat_and_plain_text(tiny_model: LoadedModel) -> None:
    assert tiny_model.has_chat_template
    chat = encode(tiny_model, ["my day"], [Row(system="the sea")], SAMPLING)["input_ids"][0]
    plain = encode(tiny_model, ["my day"], [Row()], replace(SAMPLING, chat=False))["input_ids"][0]
    words = tiny_model.tokenizer.convert_ids_to_tokens(chat)
    assert words == ["<|system|>", "the", "sea", "<end>", "<|user|>", "my", "day", "<end>", "<|assistant|>"]
    assert tiny_model.tokenizer.convert_ids_to_tokens(plain) == ["my", "day"]
    untemplated = make_model("llama", chat=False)
    assert encode(untemplated, ["my day"], [Row()], SAMPLING)["input_ids"].tolist() == [plain.tolist()]


def test_a_template_without_system_prompts_gets_the_words_from_the_person() -> None:
    model = make_model("gemma2")
    model.tokenizer.chat_template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + CHAT
    )
    chat = encode(model, ["my day"], [Row(system="the sea")], SAMPLING)["input_ids"][0]
    words = model.tokenizer.convert_ids_to_tokens(chat)
    assert words == ["<|user|>", "the", "sea", "my", "day", "<end>", "<|assistant|>"]


def test_a_model_that_does_not_chat_says_so() -> None:
    model = make_model("llama", chat=False)
    with pytest.raises(LineasError, match="does not chat: it continues a text"):
        encode(model, ["my day"], [Row()], replace(SAMPLING, chat=True))


def test_rows_may_have_different_system_prompts(tiny_model: LoadedModel) -> None:
    plain, told = texts(tiny_model, [Row(), Row(system="never like the sea always the rain")])
    assert plain == texts(tiny_model, [Row()])[0]
    assert told == texts(tiny_model, [Row(system="never like the sea always the rain")])[0]


def test_bad_prompts(tiny_model: LoadedModel) -> None:
    with pytest.raises(LineasError, match="prompt is empty"):
        generate(tiny_model, ["  \n"], [Row()], SAMPLING)
    with pytest.raises(LineasError, match="too long"):
        generate(tiny_model, ["day " * 300], [Row()], SAMPLING)


def test_two_threads_may_use_one_tokenizer(tiny_model: LoadedModel) -> None:
    """Padding and truncation are state of the tokenizer: without a lock one thread's setting shows up in the other's rows."""
    sentences = ["the day", "the day was grey and bad ."]
    wrong: list[object] = []

    def cut() -> None:
        for _ in range(300):
            wrong.extend(row for row in tokenize(tiny_model, sentences, 4) if len(row) > 4)

    def pad() -> None:
        for _ in range(300):
            ids = encode(tiny_model, sentences, [Row(), Row()], replace(SAMPLING, chat=False))["input_ids"]
            wrong.extend([ids] if ids.shape != (2, 7) else [])

    threads = [threading.Thread(target=cut), threading.Thread(target=pad)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    "own",
    [
        {"num_beams": 3}, {"num_beams": 2, "num_return_sequences": 2}, {"guidance_scale": 3.0}, {"penalty_alpha": 0.6, "top_k": 4},
        {"dola_layers": "low"}, {"prompt_lookup_num_tokens": 2}, {"cache_implementation": "static"}, {"no_repeat_ngram_size": 1},
        {"repetition_penalty": 5.0}, {"do_sample": True, "temperature": 9.0}, {"max_length": 3}, {"min_new_tokens": 6},
        {"suppress_tokens": list(range(2, 40))}, {"forced_eos_token_id": 9}, {"renormalize_logits": True, "min_p": 0.5},
        {"return_dict_in_generate": True, "output_scores": True}, {"watermarking_config": {"greenlist_ratio": 0.9, "bias": 50.0}},
    ],
)  # fmt: skip
def test_a_model_s_own_decoding_defaults_change_nothing(own: dict[str, Any]) -> None:
    model = make_model("llama")
    m = random_map(model.sites)
    rows = [Row(), Row(m, 1.0)]
    expected = texts(model, rows)
    model.network.generation_config.update(**own, allow_custom_entries=True)
    before = model.network.generation_config.to_dict()
    assert texts(model, rows) == expected
    *_, last = stream(model, PROMPT, rows, SAMPLING)
    assert [answer.text for answer in last] == expected
    assert model.network.generation_config.to_dict() == before


def test_a_model_s_own_end_tokens_are_kept() -> None:
    model = make_model("llama")
    [[whole]] = generate(model, [PROMPT], [Row()], SAMPLING)
    tokens = model.tokenizer(whole.text, add_special_tokens=False)["input_ids"]
    at = next(i for i in range(1, len(tokens)) if tokens[i] not in tokens[:i])
    model.network.generation_config.eos_token_id = [model.tokenizer.eos_token_id, tokens[at]]
    [[short]] = generate(model, [PROMPT], [Row()], SAMPLING)
    assert short.tokens == at and whole.text.startswith(short.text)
