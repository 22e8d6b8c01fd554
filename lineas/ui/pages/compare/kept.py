"""The conversation of a page as text, which the browser keeps with the other drafts, so that a refresh loses nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Literal

from lineas.data.typed_json import typed
from lineas.storage import MODES
from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.record import Exchange

MOST_CHARACTERS = 100_000
"""Length of the text. Of a longer conversation the newest turns are kept: a browser's storage is small."""
LONGEST_ANSWER = 10_000
"""Most tokens of an answer that is brought back."""
_NAMES = {"Mode": Literal[MODES]}


def dump(talk: Talk) -> str:
    """The turns as text; empty if there are none. Tints are not kept, nor the tokens from which they are computed."""
    kept: list[str] = []
    left = MOST_CHARACTERS
    for turn in reversed(talk.turns):
        data: dict[str, Any] = asdict(turn)
        del data["tints"]
        for answer in data["answers"]:
            del answer["ids"]
        text = json.dumps(data, ensure_ascii=False)
        left -= len(text) + 1
        if left < 0:
            break
        kept.insert(0, text)
    return f"[{','.join(kept)}]" if kept else ""


def load(text: str) -> Talk:
    """What ``dump`` wrote; without turns for anything else, since anybody can change what their browser keeps."""
    try:
        turns: tuple[Exchange, ...] = typed(json.loads(text), tuple[Exchange, ...], _NAMES)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Talk()
    return Talk(turns) if all(map(_sound, turns)) else Talk()


def _sound(turn: Exchange) -> bool:
    asked = turn.question
    numbers = 0 <= asked.strength <= 2 and 0 <= asked.temperature <= 2 and 0 <= asked.seed
    lengths = 0 < asked.max_new_tokens <= LONGEST_ANSWER and all(answer.tokens >= 0 for answer in turn.answers)
    return numbers and lengths and bool(turn.answers)
