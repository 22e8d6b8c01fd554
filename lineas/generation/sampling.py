"""How the next token is chosen: one draw of random numbers for all rows of a prompt."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LogitsProcessor, LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper


@dataclass(frozen=True)
class Sampling:
    """How an answer is decoded.

    Attributes:
        max_new_tokens: length of the answer at the most.
        temperature: 0 takes the likeliest token each time.
        top_p: share of probability to draw from.
        repetition_penalty: 1 is none; it hides degeneration, so measure with 1.
        seed: the same seed, prompt and settings give the same text.
        chat: as a chat turn or as text to continue; None: as a chat turn where the model has a template.
    """

    max_new_tokens: int = 80
    temperature: float = 0.7
    top_p: float = 0.9
    repetition_penalty: float = 1.1
    seed: int = 0
    chat: bool | None = None


def processors(sampling: Sampling, prompts: Sequence[str]) -> LogitsProcessorList:
    """What turns the logits of each row, whose prompts are given, into the token with the highest score."""
    steps = LogitsProcessorList()
    if sampling.temperature > 0:
        steps.append(TemperatureLogitsWarper(sampling.temperature))
        if sampling.top_p < 1:
            steps.append(Nucleus(sampling.top_p))
        steps.append(SharedGumbel(prompts, sampling.seed))
    return steps


class SharedGumbel(LogitsProcessor):
    """Adds Gumbel noise, so that the argmax is a sample (Gumbel-max trick); the same noise for all rows of one prompt.

    Rows that see the same logits draw the same token, and logits that differ little seldom draw another one. The noise of a
    prompt depends on its text and the seed only, not on what else is in the batch.
    """

    def __init__(self, prompts: Sequence[str], seed: int) -> None:
        distinct = list(dict.fromkeys(prompts))
        # hashed together: PyTorch's generator uses only the low 32 bits of a seed
        self.generators = [torch.Generator().manual_seed(zlib.crc32(f"{seed} {p}".encode())) for p in distinct]
        self.members = [distinct.index(prompt) for prompt in prompts]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        exponential = torch.stack([torch.empty(scores.shape[-1]).exponential_(generator=g) for g in self.generators])
        # a prompt's noise goes to a card once, not row by row
        return scores - exponential.log().to(scores)[self.members]


class Nucleus(LogitsProcessor):
    """Keeps the likeliest tokens that have the share p together (top-p sampling), as ``TopPLogitsWarper`` does.

    It looks for them among the likeliest few hundred first: sorting the whole vocabulary takes a tenth of a token's time for
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
