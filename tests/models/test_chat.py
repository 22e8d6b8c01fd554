"""Chat templates that think, and those that want their turns in a form of their own."""

import pytest
from tiny import CHAT, make_model

from lineas import Row, Sampling, generate
from lineas.generation.prompts import answer_start
from lineas.models.chat import form_of, without_thoughts, write_turns
from lineas.models.loaded import LoadedModel

USER = [{"role": "user", "content": "the day"}]
HEADER = "{{ '<|assistant|> ' }}"


def thinking(header: str) -> LoadedModel:
    model = make_model("llama")
    assert HEADER in CHAT
    model.tokenizer.chat_template = CHAT.replace(HEADER, header)
    return model


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("<|assistant|> {% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}", "<|assistant|> "),
        ("<|assistant|> {% if thinking is not defined or thinking %}<think>{% endif %}", "<|assistant|> "),
        ("<|assistant|> <think>\n", "<|assistant|> <think>\n\n</think>\n\n"),
        ("<|assistant|> <think>", "<|assistant|> <think>\n\n</think>\n\n"),
        ("<|assistant|> <reasoning>\n", "<|assistant|> <reasoning>\n\n</reasoning>\n\n"),
        ("<|assistant|> {% if enable_thinking is false %}<think></think>\n{% endif %}", "<|assistant|> <think></think>\n"),
    ],
)  # fmt: skip
def test_thinking_is_off(header: str, written: str) -> None:
    model = thinking(header)
    assert write_turns(model.tokenizer, USER) == f"<|user|> the day <end> {written}"
    assert write_turns(model.tokenizer, USER, answer=False) == "<|user|> the day <end> "
    words = len(model.tokenizer(written, add_special_tokens=False)["input_ids"])
    assert answer_start(model, True) == words


def test_a_changed_template_is_tried_anew() -> None:
    model = thinking(HEADER)
    assert model.has_chat_template
    model.tokenizer.chat_template = "hello"
    assert not model.has_chat_template
    assert form_of(model.tokenizer) == "what people say is not in its text"
    model.tokenizer.chat_template = CHAT
    assert model.has_chat_template


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<think>\nhm, a day\n</think>\n\nIt was good.", "It was good."),
        ("<think>hm", ""),
        ("  <reasoning>a</reasoning>b", "b"),
        ("I <think> so.", "I <think> so."),
        ("It was good.", "It was good."),
        ("<think>a</think>b<think>c", "b<think>c"),
    ],
)
def test_what_a_model_thinks_before_it_answers_is_not_its_answer(said: str, shown: str) -> None:
    assert without_thoughts(said) == shown


def test_thoughts_are_left_out_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model("llama")
    monkeypatch.setattr(
        type(model.tokenizer), "decode", lambda self, ids, **how: "<think>so</think>\nfine"[: 8 * len(ids)]
    )
    [[answer]] = generate(model, ["my day"], [Row()], Sampling(3, 0))
    assert answer.tokens == 3 and answer.text == "fine"


def test_a_template_that_drops_a_system_prompt_gets_it_from_the_person() -> None:
    model = make_model("llama")
    model.tokenizer.chat_template = "{% for m in messages if m.role == 'user' %}{{ m.content }} {% endfor %}"
    told, asked = (
        generate(model, [prompt], [row], Sampling(4, 0))[0][0]
        for prompt, row in (("my day", Row(system="be good .")), ("be good .\n\nmy day", Row()))
    )
    assert told == asked
