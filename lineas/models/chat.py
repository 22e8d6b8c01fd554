"""Chat templates: each is tried once, in the forms that templates ask for, and its thinking is switched off."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from transformers import PreTrainedTokenizerBase

from lineas.errors import LineasError, first_line

PROBE = "Howdy"
"""What is said to a template that is tried; it must come out again."""
_OFF: dict[str, Any] = {"enable_thinking": False, "thinking": False}
"""What templates call the switch that turns thinking off (Qwen, SmolLM; Granite, DeepSeek); others do not look at it."""
_OPENED = re.compile(r"<(think|thinking|reasoning)>\s*$")
_THOUGHT = re.compile(r"^\s*<(think|thinking|reasoning)>.*?(</\1>\s*|$)", re.S)
_TAGS = ("<think>", "<thinking>", "<reasoning>")
Thinking = Literal["perhaps", "yes", "no"]
"""Whether a model thinks: its text may still become the tag that opens thoughts, it is within them, or it is the answer."""


@dataclass(frozen=True)
class ChatForm:
    """The form in which a template takes a conversation.

    Attributes:
        parts: what is said is a list of parts, as for models that also see.
        system: it needs a system turn, if only an empty one.
        tools: it needs a list of tools, if only an empty one.
        template: the template's text, for which the form was found.
    """

    parts: bool
    system: bool
    tools: bool
    template: Any

    def write(self, tokenizer: PreTrainedTokenizerBase, turns: Sequence[Mapping[str, str]], answer: bool) -> str:
        """Write a conversation, and the header of the model's turn with ``answer``; raises what the template raises."""
        said: list[dict[str, Any]] = [dict(turn) for turn in turns]
        if self.system and said[0]["role"] != "system":
            said.insert(0, {"role": "system", "content": ""})
        if self.parts:
            said = [{**turn, "content": [{"type": "text", "text": turn["content"]}]} for turn in said]
        more: dict[str, Any] = {"tools": []} if self.tools else {}
        text = str(
            tokenizer.apply_chat_template(
                said, chat_template=self.template, tokenize=False, add_generation_prompt=answer, **more, **_OFF
            )
        )
        # a template that opens the model's thoughts without asking: they are ended before they begin
        opened = _OPENED.search(text) if answer else None
        return f"{text.rstrip()}\n\n</{opened[1]}>\n\n" if opened else text


_FORMS: WeakKeyDictionary[PreTrainedTokenizerBase, ChatForm | str] = WeakKeyDictionary()


def form_of(tokenizer: PreTrainedTokenizerBase) -> ChatForm | str:
    """Find the form that the tokenizer's template takes; the reason in words where it takes none."""
    template = _chosen(tokenizer)
    found = _FORMS.get(tokenizer)
    if isinstance(found, ChatForm) and found.template == template:
        return found
    if template is None:
        return "it has none"
    reason = ""
    for tools in (False, True):
        for system in (False, True):
            for parts in (False, True):
                form = ChatForm(parts, system, tools, template)
                try:
                    written = form.write(tokenizer, [{"role": "user", "content": PROBE}], answer=True)
                except Exception as error:  # jinja's, or whatever the template's own code raises
                    reason = reason or first_line(error) or type(error).__name__
                    continue
                if PROBE in written:
                    _FORMS[tokenizer] = form
                    return form
    return reason or "what people say is not in its text"


def _chosen(tokenizer: PreTrainedTokenizerBase) -> Any:
    """The template: of several named ones "default", else the first that is not for tools or documents."""
    template = tokenizer.chat_template
    if not isinstance(template, dict):
        return template or None
    usual = [name for name in template if name not in ("tool_use", "rag")]
    return template.get("default") or (template[usual[0]] if usual else None)


def write_turns(tokenizer: PreTrainedTokenizerBase, turns: Sequence[Mapping[str, str]], answer: bool = True) -> str:
    """Write a conversation by the tokenizer's template.

    Args:
        turns: dicts with ``role`` and ``content``.
        answer: with the header of the model's turn at the end; thinking is off.

    Raises:
        LineasError: the template cannot be used.
        jinja2.TemplateError: it takes no such conversation, one with a system turn for instance.
    """
    form = form_of(tokenizer)
    if isinstance(form, str):
        raise LineasError(f"The chat template of this model cannot be used: {form}. Let the model continue your text.")
    return form.write(tokenizer, turns, answer)


def without_thoughts(text: str) -> str:
    """The answer in a text that begins with thoughts; empty as long as they last."""
    return _THOUGHT.sub("", text)


def thinking(text: str) -> Thinking:
    """Whether a model thinks after it has written this text."""
    begun = text.lstrip()
    thought = _THOUGHT.match(text)
    if thought:
        return "no" if thought[2] else "yes"
    return "perhaps" if any(tag.startswith(begun) for tag in _TAGS) else "no"
