"""The server as the ``openai`` client sees it: concepts as models, streams, many clients at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openai import OpenAI

import lineas.generation.generate
from lineas.generation.generate import generate
from lineas.generation.prompts import Row, concept_row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.server.answering import settled
from lineas.service.service import StudioService

DAY = [{"role": "user", "content": "my day"}]
CONCEPTS = (
    "tiny-llama",
    "pirate",
    "Pirate@0.25",
    "cheerful",
    "cheerful@1.5",
    "pirate@0.5+cheerful@0.4",
    "preset:pirate@1",
)


def say(client: OpenAI, model: str, messages: Any = DAY, stream: bool = False, **settings: Any) -> str:
    settings = {"max_tokens": 12, "seed": 3, "temperature": 1.0, **settings}
    if not stream:
        answer = client.chat.completions.create(model=model, messages=messages, **settings)
        return answer.choices[0].message.content or ""
    chunks = client.chat.completions.create(model=model, messages=messages, stream=True, **settings)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def alone(model: LoadedModel, row: Row, prompt: str = "my day", **settings: Any) -> str:
    sampling = Sampling(**{"max_new_tokens": 12, "seed": 3, "temperature": 1.0, **settings})
    return generate(model, [prompt], [row], sampling)[0][0].text


def test_every_concept_of_the_model_is_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiny-llama", "Pirate", "Cheerful"]
    assert client.models.retrieve("pirate@0.5+cheerful@0.4").id == "pirate@0.5+cheerful@0.4"


def test_a_concept_is_a_model(client: OpenAI, service: StudioService, tiny_model: LoadedModel) -> None:
    pirate, cheerful = (service.steering_map(f"preset:{name}") for name in ("pirate", "cheerful"))
    assert say(client, "tiny-llama") == alone(tiny_model, Row())
    assert say(client, "pirate@1.5") == alone(tiny_model, Row(pirate, 1.5)) != alone(tiny_model, Row())
    assert say(client, "pirate@0") == alone(tiny_model, Row())
    mixed = pirate.at_strength(0.5).then(cheerful.at_strength(1.4))
    assert say(client, "pirate@0.5+cheerful@1.4") == alone(tiny_model, Row(mixed))


def test_without_more_words_a_concept_is_used_as_the_studio_offers_it(
    client: OpenAI, service: StudioService, tiny_model: LoadedModel
) -> None:
    pirate, cheerful = (service.steering_map(f"preset:{name}") for name in ("pirate", "cheerful"))
    assert say(client, "pirate") == alone(tiny_model, Row(pirate, 0.75))
    assert say(client, "cheerful") == alone(tiny_model, concept_row(cheerful, 0.5, "both", "be good ."))


def test_steering_says_how(client: OpenAI, service: StudioService, tiny_model: LoadedModel) -> None:
    pirate = service.steering_map("preset:pirate")

    def steered(**steering: Any) -> str:
        return say(client, steering.pop("model", "tiny-llama"), extra_body={"steering": steering})

    assert steered(concept="pirate", strength=1.5) == alone(tiny_model, Row(pirate, 1.5))
    assert steered(model="pirate", strength=1.5, scope="answer") == alone(tiny_model, Row(pirate, 1.5, scope="answer"))
    assert steered(model="pirate", mode="say") == alone(tiny_model, Row(system="be bad ."))
    told = concept_row(pirate, 0.75, "both", "we like the sea .")
    assert steered(model="pirate", mode="both", instruction="we like the sea .") == alone(tiny_model, told)


def test_a_conversation_reaches_the_model_as_its_template_writes_it(client: OpenAI, tiny_model: LoadedModel) -> None:
    conversation = [
        {"role": "system", "content": "be good ."},
        {"role": "user", "content": "the day"},
        {"role": "assistant", "content": "the sea"},
        {"role": "user", "content": [{"type": "text", "text": "my day"}]},
    ]
    row = Row(system="be good .", earlier=(("user", "the day"), ("assistant", "the sea")))
    assert (
        say(client, "tiny-llama", conversation) == alone(tiny_model, row) != alone(tiny_model, Row(system="be good ."))
    )
    written = "<|system|> be good . <end> <|user|> the day <end> <|assistant|> the sea <end> <|user|> my day <end> <|assistant|>"
    answer = client.chat.completions.create(model="tiny-llama", messages=conversation, max_tokens=1)  # type: ignore[arg-type]
    assert answer.usage and answer.usage.prompt_tokens == len(written.split())


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_streamed_answer_is_the_whole_one_in_pieces(client: OpenAI, name: str) -> None:
    assert say(client, name, stream=True, max_tokens=40) == say(client, name, max_tokens=40)


def test_a_stream_begins_with_its_role_and_ends_with_reason_and_usage(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.service.shared_batches.SECONDS_BETWEEN_NEWS", 0.0)
    asked: Any = {"model": "pirate", "messages": DAY, "max_tokens": 12, "seed": 3, "n": 2}
    whole = client.chat.completions.create(**asked)
    chunks = [*client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})]
    assert [chunk.choices[0].delta.role for chunk in chunks[:2]] == ["assistant", "assistant"]
    assert chunks[-1].usage == whole.usage and whole.usage and whole.usage.completion_tokens <= 24
    assert len({chunk.id for chunk in chunks}) == 1
    for choice in (0, 1):
        pieces = [c.choices[0] for c in chunks[:-1] if c.choices[0].index == choice]
        assert len(pieces) > 4
        assert [piece.finish_reason for piece in pieces if piece.finish_reason] == [
            whole.choices[choice].finish_reason
        ]
        assert "".join(p.delta.content or "" for p in pieces) == whole.choices[choice].message.content


def test_twenty_clients_at_once_each_get_the_text_that_they_get_alone(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, real = [], lineas.generation.generate.decode

    def decode(model: Any, prompts: Any, rows: Any, *others: Any, **options: Any) -> None:
        batches.append(len(rows))
        real(model, prompts, rows, *others, **options)

    monkeypatch.setattr(lineas.generation.generate, "decode", decode)
    wanted: list[dict[str, Any]] = [
        {
            "model": CONCEPTS[i % len(CONCEPTS)], "messages": [{"role": "user", "content": "my day " * (1 + i % 3)}],
            "seed": i, "temperature": (0.0, 0.7, 1.2)[i % 3], "max_tokens": 8 + i,
            "stream": i % 2 == 0, "stop": ["sea"] * (i % 5 == 0),
        }
        for i in range(20)
    ]  # fmt: skip
    with ThreadPoolExecutor(20) as clients:
        together = list(clients.map(lambda asked: say(client, **asked), wanted))
    assert sum(batches) == 20 and max(batches) > 5
    batches.clear()
    assert together == [say(client, **asked) for asked in wanted]
    assert batches == [1] * 20
    assert len(set(together)) > 12


def test_only_what_can_be_no_part_of_a_stop_text_is_sent() -> None:
    assert settled("one two", ("two three",)) == "one "
    assert settled("one two", ("three", "o")) == "one tw"
    assert settled("one two", ("two",)) == "one "
    assert settled("one two", ("twofold!", "none")) == "one "
    assert settled("one two", ()) == "one two"


def test_an_answer_ends_at_a_stop_text_or_at_its_limit(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineas.service.shared_batches.SECONDS_BETWEEN_NEWS", 0.0)

    def ask(**settings: Any) -> Any:
        asked: Any = {"model": "pirate", "messages": DAY, "seed": 3, "max_tokens": 12, **settings}
        return client.chat.completions.create(**asked)

    free = ask()
    assert free.choices[0].finish_reason == "length" and free.usage.completion_tokens == 12
    words = free.choices[0].message.content.split(" ")
    place = next(i for i in range(2, 12) if words[i] not in words[:i])
    stopped = ask(stop=["never said", f" {words[place]}"])
    assert stopped.choices[0].message.content == " ".join(words[:place])
    assert stopped.choices[0].finish_reason == "stop"
    assert place < stopped.usage.completion_tokens < 12
    held = ask(stop=f"{words[place]} {words[place + 1]} nothing")
    assert held.choices[0].message.content == free.choices[0].message.content
    chunks = ask(stop=f" {words[place]} {words[place + 1]}", stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == " ".join(words[:place])


def test_choices_differ_by_seed_and_a_request_without_one_by_chance(client: OpenAI) -> None:
    asked: Any = {"model": "pirate", "messages": DAY, "max_tokens": 12, "temperature": 1.0}
    three = client.chat.completions.create(**asked, n=3, seed=5)
    texts = [choice.message.content for choice in three.choices]
    assert texts == [say(client, "pirate", seed=seed) for seed in (5, 6, 7)]
    assert len({client.chat.completions.create(**asked).choices[0].message.content for _ in range(4)}) > 1


def test_completions_continue_texts(client: OpenAI, service: StudioService, tiny_model: LoadedModel) -> None:
    pirate = service.steering_map("preset:pirate")
    asked: Any = {"model": "pirate@1.5", "prompt": ["the day was", "I like"], "max_tokens": 6, "seed": 3, "n": 2}
    whole = client.completions.create(**asked)
    expected = [
        alone(tiny_model, Row(pirate, 1.5), prompt, chat=False, seed=seed, max_new_tokens=6, temperature=0.7)
        for prompt in asked["prompt"]
        for seed in (3, 4)
    ]
    assert [choice.text for choice in whole.choices] == expected
    assert whole.usage and whole.usage.prompt_tokens == 5
    pieces = ["", "", "", ""]
    for chunk in client.completions.create(**asked, stream=True):
        pieces[chunk.choices[0].index] += chunk.choices[0].text
    assert pieces == expected
