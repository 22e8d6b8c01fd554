"""What clients get: answers, pieces of answers, and errors, as OpenAI's API writes them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.responses import JSONResponse

if TYPE_CHECKING:  # it imports torch
    from lineas.generation.listener import Answer

DONE = "data: [DONE]\n\n"
"""The last event of a stream."""
_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded", 503: "model_loading"}


def error(status: int, sentence: str) -> dict[str, Any]:
    """An error as JSON."""
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": sentence, "type": kind, "param": None, "code": _CODES.get(status)}}


def error_response(status: int, sentence: str) -> JSONResponse:
    headers = {"Retry-After": "2"} if status in (429, 503) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error(status, sentence), status, headers)


def event(content: dict[str, Any]) -> str:
    """One event of a stream."""
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


@dataclass(frozen=True)
class Reply:
    """One reply to a request, in the form of chats or of completions.

    Attributes:
        model: the model's name as the client wrote it.
        fingerprint: of the loaded model's weights.
        limit: longest answer, in tokens.
        prompt_tokens: tokens of all prompts.
        warning: about a concept of another model, or None.
    """

    chat: bool
    model: str
    fingerprint: str
    limit: int
    prompt_tokens: int
    warning: str | None
    id: str = field(default_factory=lambda: uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    def complete(self, answers: "Sequence[Answer]") -> dict[str, Any]:
        """The whole reply."""
        choices = [
            self._choice(i, {"message": {"role": "assistant", "content": a.text, "refusal": None}}, a)
            if self.chat
            else self._choice(i, {"text": a.text}, a)
            for i, a in enumerate(answers)
        ]
        return {**self._head("chat.completion"), "choices": choices, "usage": self._usage(answers)}

    def piece(self, index: int, text: str, answer: "Answer | None" = None, first: bool = False) -> dict[str, Any]:
        """A piece of a streamed answer; its last one carries the complete ``answer``."""
        if not self.chat:
            content: dict[str, Any] = {"text": text}
        else:
            content = {
                "delta": ({"role": "assistant"} if first else {}) | ({"content": text} if text or first else {})
            }
        return {**self._head("chat.completion.chunk"), "choices": [self._choice(index, content, answer)]}

    def usage_piece(self, answers: "Sequence[Answer]") -> dict[str, Any]:
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(answers)}

    def _head(self, kind: str) -> dict[str, Any]:
        head = {
            "id": f"{'chatcmpl' if self.chat else 'cmpl'}-{self.id}", "object": kind if self.chat else "text_completion",
            "created": self.created, "model": self.model, "system_fingerprint": self.fingerprint,
        }  # fmt: skip
        return head | ({"warning": self.warning} if self.warning else {})

    def _choice(self, index: int, content: dict[str, Any], answer: "Answer | None") -> dict[str, Any]:
        reason = None if answer is None else "length" if answer.tokens >= self.limit else "stop"
        return {"index": index, **content, "logprobs": None, "finish_reason": reason}

    def _usage(self, answers: "Sequence[Answer]") -> dict[str, int]:
        written = sum(answer.tokens for answer in answers)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
        }
