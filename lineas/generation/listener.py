"""What listens to a decode: it collects each row's tokens, lets waiting threads have the model, and says when to stop."""

import queue
import threading
import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

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
        rows: number of answers.
        limit: tokens of an answer at the most.
        stop: ends the decode after the current token when set.

    Attributes:
        tokens: each row's tokens so far.
        news: the same as it grows, for a reader in another thread.
    """

    def __init__(self, model: LoadedModel, rows: int, limit: int, stop: threading.Event) -> None:
        self.model = model
        self.ends = model.end_tokens
        self.tokens: list[list[int]] = [[] for _ in range(rows)]
        self.ended = [False] * rows
        self.limit = limit
        self.stop = stop
        self.prompt_seen = False
        self.turn_began = 0.0
        self.news: queue.SimpleQueue[list[list[int]]] = queue.SimpleQueue()

    def put(self, value: Tensor) -> None:
        if not self.prompt_seen:  # the first call brings the prompt
            self.prompt_seen = True
            self.turn_began = time.perf_counter()
            return
        for row, token in enumerate(value.flatten().tolist()):
            self.ended[row] = self.ended[row] or token in self.ends
            if not self.ended[row]:
                self.tokens[row].append(token)
        self.news.put([list(tokens) for tokens in self.tokens])

    def end(self) -> None:
        pass

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Any:
        if time.perf_counter() - self.turn_began > SECONDS_PER_TURN:
            with threads(ALL_THREADS):  # the next thread in line counts on them
                shared = self.model.lock.share()
            if shared:
                self.turn_began = time.perf_counter()
        return torch.full((len(input_ids),), self.stop.is_set(), device=input_ids.device)

    def answers(self, tokens: list[list[int]]) -> list[Answer]:
        texts = self.model.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [
            # a character may need more tokens than have come yet
            Answer(text.removesuffix("�"), len(row), ended or len(row) >= self.limit)
            for text, row, ended in zip(texts, tokens, self.ended, strict=True)
        ]
