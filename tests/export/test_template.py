"""The instruction in a chat template."""

import pytest
from tiny import make_tokenizer

from lineas.errors import LineasError
from lineas.export.template import with_instruction

INSTRUCTION = 'Say "arr", matey.\nIn Köln, too.'
USER = [{"role": "user", "content": "the day"}]


def test_a_chat_without_a_system_turn_gets_the_instruction() -> None:
    tokenizer = make_tokenizer()
    changed = with_instruction(tokenizer, INSTRUCTION)
    told = [{"role": "system", "content": INSTRUCTION}, *USER]
    assert changed.apply_chat_template(USER, tokenize=False) == tokenizer.apply_chat_template(told, tokenize=False)
    own = [{"role": "system", "content": "be good"}, *USER]
    assert changed.apply_chat_template(own, tokenize=False) == tokenizer.apply_chat_template(own, tokenize=False)


def test_the_user_says_it_where_the_template_knows_no_system_turn() -> None:
    tokenizer = make_tokenizer()
    refuse = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    tokenizer.chat_template = refuse + str(tokenizer.chat_template)
    said = [{"role": "user", "content": f"{INSTRUCTION}\n\nthe day"}]
    changed = with_instruction(tokenizer, INSTRUCTION)
    assert changed.apply_chat_template(USER, tokenize=False) == tokenizer.apply_chat_template(said, tokenize=False)
    more = [*USER, {"role": "assistant", "content": "fine"}, *USER]
    assert changed.apply_chat_template(more, tokenize=False).count(INSTRUCTION) == 1


def test_without_a_template_there_is_no_place_for_it() -> None:
    tokenizer = make_tokenizer(chat=False)
    assert with_instruction(tokenizer, "") is tokenizer
    with pytest.raises(LineasError, match="does not chat"):
        with_instruction(tokenizer, INSTRUCTION)
