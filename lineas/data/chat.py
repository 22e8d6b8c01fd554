"""Conversations in the forms of common data sets, of which the assistant's turns are taken.

OpenAI's messages (``role``, ``content``), ShareGPT's (``from``, ``value``), and transcripts ("Human: …" and "Assistant: …").
"""

import re
from collections.abc import Mapping
from typing import Any

ASSISTANTS = ("assistant", "gpt", "model", "bot", "chatgpt", "chatbot", "ai")
"""Names of the role whose turns are taken."""
_SPEAKER = re.compile(r"^[ \t]*(Human|Assistant):", re.M)


def is_turn(value: Any) -> bool:
    """Return whether a value is a message of a conversation."""
    return isinstance(value, Mapping) and ({"role", "content"} <= value.keys() or {"from", "value"} <= value.keys())


def is_conversation(value: Any) -> bool:
    """Return whether a cell holds a conversation, as a list of messages or as a transcript."""
    if isinstance(value, str):
        return value.lstrip().startswith("Human:") and "Assistant" in _SPEAKER.findall(value)
    return isinstance(value, list) and bool(value) and all(map(is_turn, value))


def assistant_turns(conversation: Any) -> list[str]:
    """The assistant's turns of a conversation, in order."""
    if isinstance(conversation, str):
        parts = _SPEAKER.split(conversation)[1:]
        return [text.strip() for speaker, text in zip(parts[::2], parts[1::2], strict=True) if speaker == "Assistant"]
    turns = [(turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))) for turn in conversation]
    return [_text(content) for role, content in turns if str(role).strip().casefold() in ASSISTANTS]


def _text(content: Any) -> str:
    """The text of a message, whose content may be a list of parts, some of them pictures; empty if it has none."""
    if isinstance(content, list):
        content = " ".join(
            part["text"] for part in content if isinstance(part, Mapping) and _is_text(part.get("text"))
        )
    return content if _is_text(content) else ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
