"""What clients send: the fields of OpenAI's requests that are understood here, and ``steering``."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from lineas.errors import LineasError, short

DEFAULT_TOKENS = 256
"""Longest answer where the client names no limit."""
MOST_TOKENS = 4000
MOST_CHOICES = 16
_UNSUPPORTED = (
    "tools", "functions", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "echo", "suffix",
    "best_of", "audio",
)  # fmt: skip
"""Fields that would change the answer. Others that are unknown here are ignored, since clients send many."""


class Steering(BaseModel, extra="forbid"):
    """How to steer.

    Attributes:
        concept: a name, as in ``model``; empty: what ``model`` names.
        strength: λ of a single concept, before the one in its name.
        mode, instruction: as ``concept_row`` takes them; None: as the studio offers the concept.
        scope: as ``Row`` has it.
    """

    concept: str = ""
    strength: Annotated[float, Field(ge=0, le=2)] | None = None
    mode: Literal["show", "say", "both"] | None = None
    instruction: Annotated[str, Field(max_length=4000)] = ""
    scope: Literal["answer", "everything"] | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class Part(BaseModel):
    """One part of a message in several parts."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class Request(BaseModel):
    """What both kinds of requests have. A field that is null is as if it were not there."""

    model: str
    steering: Steering | None = None
    n: Annotated[int, Field(ge=1, le=MOST_CHOICES)] | None = None
    seed: int | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    repetition_penalty: Annotated[float, Field(ge=0.5, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=MOST_TOKENS)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=MOST_TOKENS)] | None = None
    stop: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(max_length=4)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(filter(None, self.stop or ()))

    @property
    def tokens(self) -> int | None:
        """Longest answer that was asked for."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def usage_at_end(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    def settings(self) -> dict[str, Any]:
        """Arguments of ``Sampling`` that the client chose; the others are as in the studio. Without a seed, one by chance."""
        given = {
            "temperature": self.temperature, "top_p": self.top_p, "repetition_penalty": self.repetition_penalty, "stop": self.stops,
            "seed": secrets.randbelow(2**31) if self.seed is None else self.seed,
        }  # fmt: skip
        return {name: value for name, value in given.items() if value is not None}


class ChatRequest(Request):
    messages: Annotated[list[Message], Field(min_length=1)]

    def conversation(self) -> tuple[str | None, tuple[tuple[Literal["user", "assistant"], str], ...], str]:
        """The system prompt, the earlier turns, and what the user says now.

        Raises:
            LineasError: the last message is not the user's.
        """
        system = [m.text for m in self.messages if m.role in ("system", "developer")]
        turns = [(m.role, m.text) for m in self.messages if m.role in ("user", "assistant")]
        if not turns or turns[-1][0] != "user":
            raise LineasError("The last message must be the user's: end 'messages' with the role 'user'.")
        earlier = tuple((role, said) for role, said in turns[:-1] if role == "user" or role == "assistant")
        return "\n\n".join(system) or None, earlier, turns[-1][1]


class CompletionRequest(Request):
    prompt: str | Annotated[list[str], Field(min_length=1, max_length=MOST_CHOICES)]

    @property
    def prompts(self) -> Sequence[str]:
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt


Kind = TypeVar("Kind", bound=Request)


def read(kind: type[Kind], body: Mapping[str, Any]) -> Kind:
    """Check what a client sent.

    Raises:
        LineasError: a field is missing, has a wrong value, or is not supported.
    """
    for name in _UNSUPPORTED:
        if body.get(name):
            raise LineasError(f"{name!r} is not supported here. Leave it out.")
    wanted = body.get("response_format")
    if wanted and wanted != {"type": "text"}:
        raise LineasError(f"'response_format' can only be text here, not {short(wanted)!r}. Leave it out.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        # for one of several types, pydantic names the type behind the place
        place = ".".join(str(part) for part in first["loc"] if part != "str" and "[" not in str(part))
        if first["type"] == "missing":
            raise LineasError(f"{short(place)!r} is missing.") from None
        if first["type"] == "extra_forbidden":
            raise LineasError(f"{short(place)!r} is not known here. Leave it out, or check the spelling.") from None
        problem = first["msg"][0].lower() + first["msg"][1:]
        raise LineasError(f"{short(place)!r} cannot be {short(first['input'])!r}: {problem}.") from None
