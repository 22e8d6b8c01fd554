"""Answers a checked request, whole or as a stream. Many requests wait here without a thread of their own."""

import asyncio
import queue
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest

from lineas.errors import LineasError
from lineas.server import concept_names, replies
from lineas.server.replies import Reply
from lineas.server.requests import DEFAULT_TOKENS, ChatRequest, CompletionRequest, Steering

if TYPE_CHECKING:  # these import torch
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.service import shared_batches
    from lineas.service.service import StudioService

SECONDS_BETWEEN_LOOKS = 1.0
"""How soon it is noticed that a client has hung up."""


@dataclass
class Waiting:
    """A request in line, and what arrives for it: the number of a choice with its answer so far, or a failure."""

    reply: Reply
    stops: tuple[str, ...]
    in_line: "list[shared_batches.Request]"
    news: "asyncio.Queue[tuple[int, Answer | LineasError]]"

    def leave(self) -> None:
        """Stop what is being written for this request."""
        for request in self.in_line:
            request.stop.set()


async def submit(service: "StudioService", asked: ChatRequest | CompletionRequest) -> Waiting:
    """Put a request in line.

    Raises:
        HTTPException: no such model (404), too many in line (429).
        LineasError: it cannot be answered.
    """
    news: asyncio.Queue[tuple[int, Answer | LineasError]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(choice: int, answer: "Answer | LineasError") -> None:
        with suppress(RuntimeError):  # the server has been closed meanwhile
            loop.call_soon_threadsafe(news.put_nowait, (choice, answer))

    def work() -> Waiting:
        model = service.model_slot.ready()
        rows = _rows(service, asked, min(DEFAULT_TOKENS, model.max_tokens // 2))
        in_line, warning = service.answers.submit(rows, tell, growing=bool(asked.stream))
        prompt_tokens = sum(len(request.ids) for request in in_line[:: asked.n or 1])
        chat, limit = isinstance(asked, ChatRequest), in_line[0].sampling.max_new_tokens
        reply = Reply(chat, asked.model, model.fingerprint, limit, prompt_tokens, warning)
        return Waiting(reply, asked.stops, in_line, news)

    try:
        return await run_in_threadpool(work)
    except queue.Full as full:
        sentence = f"{full.args[0]} answers are waiting already, so yours would be number {full.args[0] + 1} in line."
        raise HTTPException(429, f"{sentence} Ask again in a moment.") from None


def _rows(
    service: "StudioService", asked: ChatRequest | CompletionRequest, default_tokens: int
) -> "list[tuple[str, Row, Sampling]]":
    """Each choice's prompt, row and settings; the choices of one prompt stand together and differ in their seeds."""
    from lineas.generation.sampling import Sampling

    steering = asked.steering or Steering()
    name = steering.concept.strip() or asked.model
    if isinstance(asked, ChatRequest):
        system, earlier, prompt = asked.conversation()
        prompts: Sequence[str] = [prompt]
        row = concept_names.row(service, name, steering, system, earlier)
    else:
        prompts, row = asked.prompts, concept_names.row(service, name, steering, None)
    settings = asked.settings()
    seed, chat = settings.pop("seed"), isinstance(asked, ChatRequest)
    length = asked.tokens or default_tokens
    return [
        (prompt, row, Sampling(**settings, max_new_tokens=length, seed=seed + choice, chat=chat))
        for prompt in prompts
        for choice in range(asked.n or 1)
    ]


async def whole(waiting: Waiting, client: HttpRequest) -> "dict[str, object] | None":
    """Wait for all choices of a request. None if the client hung up.

    Raises:
        HTTPException: the answer failed (500).
    """
    done: dict[int, Answer] = {}
    try:
        while len(done) < len(waiting.in_line):
            try:
                choice, answer = await asyncio.wait_for(waiting.news.get(), SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if await client.is_disconnected():
                    return None
                continue
            if isinstance(answer, LineasError):
                raise HTTPException(500, str(answer))
            done[choice] = answer
    finally:
        waiting.leave()
    return waiting.reply.complete([done[choice] for choice in sorted(done)])


async def pieces(waiting: Waiting, usage: bool) -> AsyncIterator[str]:
    """Stream the events of a request. Closing it, as Starlette does when the client hangs up, ends the answers.

    Args:
        usage: whether the last event before the end counts the tokens.
    """
    reply = waiting.reply
    done: dict[int, Answer] = {}
    sent = ["" for _ in waiting.in_line]
    try:
        for choice in range(len(sent)) if reply.chat else ():
            yield replies.event(reply.piece(choice, "", first=True))
        while len(done) < len(sent):
            choice, answer = await waiting.news.get()
            if isinstance(answer, LineasError):
                yield replies.event(replies.error(500, str(answer)))
                return
            text = answer.text if answer.done else settled(answer.text, waiting.stops)
            if new := text[len(sent[choice]) :]:
                sent[choice] = text
                yield replies.event(reply.piece(choice, new))
            if answer.done:
                done[choice] = answer
                yield replies.event(reply.piece(choice, "", answer))
        if usage:
            yield replies.event(reply.usage_piece([*done.values()]))
        yield replies.DONE
    finally:
        waiting.leave()


def settled(text: str, stops: Sequence[str]) -> str:
    """The beginning of a growing answer that cannot become part of a stop text any more."""
    for length in range(min(len(text), max(map(len, stops), default=0)), 0, -1):
        if any(stop.startswith(text[-length:]) for stop in stops):
            return text[:-length]
    return text
