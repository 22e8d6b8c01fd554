"""What listens to a decode: it collects each row's tokens, lets waiting threads have the model, and says when to stop."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

from lineas.generation.sampling import Sampling
from lineas.models.chat import without_thoughts
from lineas.models.hardware import ALL_THREADS, threads
from lineas.models.loaded import LoadedModel

SECONDS_PER_TURN = 1.5
"""How long an answer keeps the model while a training waits: they take turns, whatever a step costs."""


@dataclass(frozen=True)
class Answer:
    """The text so far, its length in tokens, and whether it has ended, by itself or by the limit."""

    text: str
    tokens: int
    done: bool


class Listener(BaseStreamer, StoppingCriteria):
    """Called by ``network.generate`` for every token.

    Args:
        samplings: each row's settings, of which ``max_new_tokens`` and ``stop`` end its answer.
        stops: for each row, an event that ends it after the current token when set.
        on_token: called, in the decoding thread, after each token of the batch.

    Attributes:
        tokens: each row's tokens so far.
        ended: whether each row's answer is complete.
    """

    def __init__(
        self,
        model: LoadedModel,
        samplings: Sequence[Sampling],
        stops: Sequence[threading.Event],
        on_token: Callable[["Listener"], None] = lambda listener: None,
    ) -> None:
        self.model = model
        self.ends = model.end_tokens
        self.tokens: list[list[int]] = [[] for _ in samplings]
        self.ended = [False for _ in samplings]
        self.samplings = samplings
        self.stops = stops
        self.on_token = on_token
        self.turn_began = 0.0
        self.turn_to(list(range(len(samplings))))

    def turn_to(self, members: Sequence[int]) -> None:
        """Listen to a decode of these rows from now on."""
        self.members = members
        self.prompt_seen = False

    def put(self, value: Tensor) -> None:
        if not self.prompt_seen:  # the first call brings the prompt
            self.prompt_seen = True
            self.turn_began = time.perf_counter()
            return
        for row, token in zip(self.members, value.flatten().tolist(), strict=True):
            if not self.ended[row] and token not in self.ends:
                self.tokens[row].append(token)
            self.ended[row] = self.ended[row] or token in self.ends or self._is_enough(row)
        self.on_token(self)

    def _is_enough(self, row: int) -> bool:
        tokens, sampling = self.tokens[row], self.samplings[row]
        if len(tokens) >= sampling.max_new_tokens:
            return True
        if not sampling.stop:
            return False
        tail = tokens[-4 * max(map(len, sampling.stop)) :]  # a character takes four tokens (of a byte) at the most
        return cut(self._text(tail), sampling.stop)[1]

    def end(self) -> None:
        pass

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Any:
        if time.perf_counter() - self.turn_began > SECONDS_PER_TURN:
            with threads(ALL_THREADS):  # the next thread in line counts on them
                shared = self.model.lock.share()
            if shared:
                self.turn_began = time.perf_counter()
        ended = [self.ended[row] or self.stops[row].is_set() for row in self.members]
        return torch.tensor(ended, device=input_ids.device)

    def answers(self, tokens: list[list[int]]) -> list[Answer]:
        """Make the answers of all rows, of what their tokens were at some moment."""
        return [self._answer(row, row_tokens) for row, row_tokens in enumerate(tokens)]

    def answer(self, row: int) -> Answer:
        """One row's answer so far."""
        return self._answer(row, self.tokens[row])

    def _answer(self, row: int, tokens: list[int]) -> Answer:
        sampling = self.samplings[row]
        text = cut(without_thoughts(self._text(tokens)), sampling.stop)[0]
        done = self.ended[row] or len(tokens) >= sampling.max_new_tokens
        return Answer(text.removesuffix("�"), len(tokens), done)  # a character may need more tokens than have come yet

    def _text(self, tokens: list[int]) -> str:
        return str(self.model.tokenizer.decode(tokens, skip_special_tokens=True))


def cut(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """Cut a text before the first of these stop texts; also say whether there was one."""
    found = [place for end in stop if (place := text.find(end)) >= 0]
    return (text[: min(found)], True) if found else (text, False)
