"""The instruction that a concept carries, as the default system turn of a chat template."""

import copy
import json

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from lineas.errors import LineasError

SYSTEM = (
    "{%- if messages[0]['role'] != 'system' -%}"
    "{%- set messages = [{'role': 'system', 'content': INSTRUCTION}] + messages -%}"
    "{%- endif -%}"
)
"""Beginning of a template: conversations that bring no system turn get this one."""
USER = "{%- set messages = [{'role': 'user', 'content': INSTRUCTION + '\\n\\n' + messages[0]['content']}] + messages[1:] -%}"
"""The same where the template knows no system turn: the user says it."""


def with_instruction(tokenizer: PreTrainedTokenizerBase, instruction: str) -> PreTrainedTokenizerBase:
    """Return a copy of a tokenizer whose chat template says the instruction by default; the tokenizer itself if it is empty.

    Raises:
        LineasError: the model has no chat template.
    """
    if not instruction:
        return tokenizer
    if not tokenizer.chat_template:
        raise LineasError(
            "This model does not chat, so there is no system turn for the instruction. Export it without."
        )
    result = copy.deepcopy(tokenizer)
    turns = [{"role": "system", "content": instruction}, {"role": "user", "content": "Hello."}]
    try:
        said = instruction in str(tokenizer.apply_chat_template(turns, tokenize=False))
    except TemplateError:
        said = False
    beginning = (SYSTEM if said else USER).replace("INSTRUCTION", json.dumps(instruction, ensure_ascii=False))
    result.chat_template = beginning + str(tokenizer.chat_template)
    return result
