"""What listens to a decode: it collects each row's tokens, lets waiting threads have the model, and says when to stop."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

from lineas.generation.sampling import Sampling
from lineas.generation.sentence_end import TAIL, ends_sentence, last_stretch
from lineas.generation.thoughts import ThoughtFollower
from lineas.models.chat import without_thoughts
from lineas.models.hardware import ALL_THREADS, threads
from lineas.models.loaded import LoadedModel

SECONDS_PER_TURN = 1.5
"""How long an answer keeps the model while a training waits: they take turns, whatever a step costs."""


Ending = Literal["", "itself", "sentence", "length"]
"""How an answer ended: not yet, or it was stopped; by itself; at a sentence's end near the limit; in the middle, at the limit."""


@dataclass(frozen=True)
class Answer:
    """One row's text so far.

    Attributes:
        tokens: its length.
        done: whether no more will come.
        ids: everything that was decoded, also what the text leaves out. A row that begins with these goes on from here.
    """

    text: str
    tokens: int
    done: bool
    ending: Ending = ""
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heard:
    """What a row had at some moment: the tokens of its text, everything that was decoded, and how it ended."""

    tokens: tuple[int, ...]
    ids: tuple[int, ...]
    ending: Ending


class Listener(BaseStreamer, StoppingCriteria):
    """Called by ``network.generate`` for every token.

    Args:
        samplings: each row's settings, of which ``max_new_tokens`` and ``stop`` end its answer.
        stops: for each row, an event that ends it after the current token when set.
        on_token: called, in the decoding thread, after each token of the batch.
        begun: for each row, what was decoded of it before (``Row.begun``).

    Attributes:
        tokens: each row's tokens so far.
        endings: how each row's answer ended; empty while it goes on.
    """

    def __init__(
        self,
        model: LoadedModel,
        samplings: Sequence[Sampling],
        stops: Sequence[threading.Event],
        on_token: Callable[["Listener"], None] = lambda listener: None,
        begun: Sequence[Sequence[int]] = (),
    ) -> None:
        self.model = model
        self.ends = model.end_tokens
        self.tokens: list[list[int]] = [[] for _ in samplings]
        self.ids: list[list[int]] = [[] for _ in samplings]
        self.endings: list[Ending] = ["" for _ in samplings]
        self._followers = [ThoughtFollower(model) for _ in samplings]
        self._thinking = [False for _ in samplings]
        self.samplings = samplings
        self.stops = stops
        self.on_token = on_token
        self.turn_began = 0.0
        self.turn_to(list(range(len(samplings))))
        for row, ids in enumerate(begun):
            for token in ids:
                self._hear(row, token)

    def turn_to(self, members: Sequence[int]) -> None:
        """Listen to a decode of these rows from now on."""
        self.members = members
        self.prompt_seen = False

    def now_thinking(self) -> list[bool]:
        """Whether the newest token of each row that is being decoded is part of thoughts."""
        return [self._thinking[row] for row in self.members]

    def put(self, value: Tensor) -> None:
        if not self.prompt_seen:  # the first call brings the prompt
            self.prompt_seen = True
            self.turn_began = time.perf_counter()
            return
        for row, token in zip(self.members, value.flatten().tolist(), strict=True):
            self._hear(row, token)
        self.on_token(self)

    def _hear(self, row: int, token: int) -> None:
        if self.endings[row]:
            return
        self.ids[row].append(token)
        self._thinking[row] = self._followers[row].hear(token)
        if token in self.ends:
            self.endings[row] = "itself"
        elif self._begins_another_sentence(row, token):
            self.endings[row] = "sentence"
        else:
            self.tokens[row].append(token)
            self.endings[row] = self._ending(row)

    def _begins_another_sentence(self, row: int, token: int) -> bool:
        """Whether this token comes after a sentence's end that is near enough to the limit to end the answer."""
        tokens, sampling = self.tokens[row], self.samplings[row]
        if not sampling.whole_sentences or len(tokens) < last_stretch(sampling.max_new_tokens):
            return False
        before = self._text(tokens[-TAIL:])
        return ends_sentence(before, self._text([*tokens[-TAIL:], token]).removeprefix(before))

    def _ending(self, row: int) -> Ending:
        tokens, sampling = self.tokens[row], self.samplings[row]
        if sampling.stop:
            tail = tokens[-4 * max(map(len, sampling.stop)) :]  # a character takes four tokens (of a byte) at the most
            if cut(self._text(tail), sampling.stop)[1]:
                return "itself"
        if len(tokens) < sampling.max_new_tokens:
            return ""
        return "sentence" if ends_sentence(self._text(tokens[-TAIL:])) else "length"

    def end(self) -> None:
        pass

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Any:
        if time.perf_counter() - self.turn_began > SECONDS_PER_TURN:
            with threads(ALL_THREADS):  # the next thread in line counts on them
                shared = self.model.lock.share()
            if shared:
                self.turn_began = time.perf_counter()
        ended = [bool(self.endings[row]) or self.stops[row].is_set() for row in self.members]
        return torch.tensor(ended, device=input_ids.device)

    def heard(self) -> list[Heard]:
        """What there is of each row now; quick, unlike its text."""
        return [
            Heard(tuple(tokens), tuple(ids), ending)
            for tokens, ids, ending in zip(self.tokens, self.ids, self.endings, strict=True)
        ]

    def answers(self, heard: Sequence[Heard] | None = None) -> list[Answer]:
        """Make the answers of all rows, as they are now or were when they were ``heard``."""
        return [self._answer(row, moment) for row, moment in enumerate(heard or self.heard())]

    def answer(self, row: int) -> Answer:
        """One row's answer so far."""
        return self._answer(row, self.heard()[row])

    def _answer(self, row: int, heard: Heard) -> Answer:
        text = cut(without_thoughts(self._text(heard.tokens)), self.samplings[row].stop)[0]
        text = text.removesuffix("�")  # a character may need more tokens than have come yet
        return Answer(text, len(heard.tokens), bool(heard.ending), heard.ending, heard.ids)

    def _text(self, tokens: Sequence[int]) -> str:
        return str(self.model.tokenizer.decode(list(tokens), skip_special_tokens=True))


def cut(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """Cut a text before the first of these stop texts; also say whether there was one."""
    found = [place for end in stop if (place := text.find(end)) >= 0]
    return (text[: min(found)], True) if found else (text, False)
