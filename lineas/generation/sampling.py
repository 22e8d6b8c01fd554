"""What happens at each token of a decode: one draw for all rows of a prompt, and somebody who listens and says when to stop."""

import math
import queue
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor, StoppingCriteria, TopPLogitsWarper
from transformers.generation.streamers import BaseStreamer

from lineas.models.fair_lock import FairLock
from lineas.models.hardware import ALL_THREADS, threads
from lineas.models.loaded import LoadedModel

SECONDS_OF_A_TURN = 1.5
"""How long an answer keeps the model to itself while a training waits: a turn each, whatever a step costs."""


@dataclass(frozen=True)
class Answer:
    """The text so far, its length in tokens, and whether it has ended by itself or by the limit."""

    text: str
    tokens: int
    done: bool


class SharedGumbel(LogitsProcessor):
    """Adds Gumbel noise, so that the argmax is a sample (Gumbel-max trick); the same noise for all rows of one prompt.

    Rows that see the same logits draw the same word, and logits that differ little seldom draw another one. The noise of a
    prompt depends on its text and the seed only, not on what else is in the batch.
    """

    def __init__(self, prompts: Sequence[str], seed: int) -> None:
        distinct = list(dict.fromkeys(prompts))
        # hashed together: PyTorch's generator takes only the low 32 bits of a seed to heart
        self.generators = [torch.Generator().manual_seed(zlib.crc32(f"{seed} {p}".encode())) for p in distinct]
        self.members = [distinct.index(prompt) for prompt in prompts]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        exponential = torch.stack([torch.empty(scores.shape[-1]).exponential_(generator=g) for g in self.generators])
        # a prompt's noise goes to a card once, not row by row
        return scores - exponential.log().to(scores)[self.members]


class Nucleus(LogitsProcessor):
    """Leaves the likeliest words that have the share p together (top-p sampling), as ``TopPLogitsWarper`` does.

    It looks for them among the likeliest few hundred first: to sort the whole vocabulary takes a tenth of a token's time for
    one row, and a fifth for eleven.
    """

    LIKELIEST = 512

    def __init__(self, p: float) -> None:
        self.p = p
        self.by_sorting_all = TopPLogitsWarper(p)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        top, where = scores.topk(min(self.LIKELIEST, scores.shape[-1]))
        share = (top - scores.logsumexp(-1, keepdim=True)).exp()
        before = share.cumsum(-1) - share
        kept = top.masked_fill(before >= self.p, -math.inf)
        kept[:, 0] = top[:, 0]
        nucleus = torch.full_like(scores, -math.inf).scatter(-1, where, kept)
        more = before[:, -1] < self.p
        if more.any():
            nucleus[more] = self.by_sorting_all(input_ids[more], scores[more])
        return nucleus


class Progress(BaseStreamer, StoppingCriteria):
    """What ``generate`` calls for every token: collects each row's tokens, hands on the model's lock, and says when to stop."""

    def __init__(
        self, model: LoadedModel, rows: int, limit: int, stop: threading.Event, lock: FairLock | None
    ) -> None:
        self.tokenizer = model.tokenizer
        self.ends = end_tokens(model)
        self.tokens: list[list[int]] = [[] for _ in range(rows)]
        self.ended = [False] * rows
        self.limit = limit
        self.stop = stop
        self.lock = lock
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
        if self.lock is not None and time.perf_counter() - self.turn_began > SECONDS_OF_A_TURN:
            with threads(ALL_THREADS):  # whoever is next in line counts on them
                shared = self.lock.share()
            if shared:
                self.turn_began = time.perf_counter()
        return torch.full((len(input_ids),), self.stop.is_set(), device=input_ids.device)

    def answers(self, tokens: list[list[int]]) -> list[Answer]:
        texts = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [
            # a character may need more tokens than have come yet
            Answer(text.removesuffix("�"), len(row), ended or len(row) >= self.limit)
            for text, row, ended in zip(texts, tokens, self.ended, strict=True)
        ]


def end_tokens(model: LoadedModel) -> set[int]:
    """A chat model may have several tokens that end an answer; its generation config lists them."""
    listed = model.network.generation_config.eos_token_id
    ends = [listed] if isinstance(listed, int) else listed or []
    return {token for token in (*ends, model.tokenizer.eos_token_id) if token is not None}
