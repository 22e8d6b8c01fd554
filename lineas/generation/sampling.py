"""How the next token is chosen: one draw of random numbers for all rows of a prompt."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)


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
        stop: texts at which the answer ends; they are not part of it.
        whole_sentences: end with a sentence that ends in the last fifth of the length, rather than in the middle of the next.
    """

    max_new_tokens: int = 80
    temperature: float = 0.7
    top_p: float = 0.9
    repetition_penalty: float = 1.1
    seed: int = 0
    chat: bool | None = None
    stop: tuple[str, ...] = ()
    whole_sentences: bool = False

    @property
    def draws(self) -> "Sampling":
        """The same without what only says where an answer ends, or how its prompt is written."""
        return replace(self, max_new_tokens=0, chat=None, stop=(), whole_sentences=False)


def for_each_row(sampling: Sampling | Sequence[Sampling], rows: int) -> list[Sampling]:
    """Repeat settings that hold for a whole batch; settings for each row stay as they are."""
    return [sampling] * rows if isinstance(sampling, Sampling) else list(sampling)


def processors(
    samplings: Sequence[Sampling], prompts: Sequence[str], mask: Tensor | None, begun: Sequence[int]
) -> LogitsProcessorList:
    """What turns the logits of each row into the token with the highest score, by the row's own settings.

    Args:
        begun: for each row, how many tokens of its answer there are already.
        mask: attention mask of the prompts, shape (rows, tokens); None where the answer does not continue them (encoder-decoder).
    """
    alike: dict[Sampling, list[int]] = {}
    for row, sampling in enumerate(samplings):
        alike.setdefault(sampling.draws, []).append(row)
    groups = [
        (
            rows,
            _steps(sampling, [(prompts[row], begun[row]) for row in rows], None if mask is None else mask[rows]),
        )
        for sampling, rows in alike.items()
    ]
    return groups[0][1] if len(groups) == 1 else LogitsProcessorList([ByGroup(groups)])


def _steps(sampling: Sampling, places: Sequence[tuple[str, int]], mask: Tensor | None) -> LogitsProcessorList:
    steps = LogitsProcessorList()
    if sampling.repetition_penalty != 1:
        steps.append(RepetitionPenalty(sampling.repetition_penalty, mask))
    if sampling.temperature > 0:
        steps.append(TemperatureLogitsWarper(sampling.temperature))
        if sampling.top_p < 1:
            steps.append(Nucleus(sampling.top_p))
        steps.append(SharedGumbel(places, sampling.seed))
    return steps


class ByGroup(LogitsProcessor):
    """Hands each group of rows to processors of its own."""

    def __init__(self, groups: Sequence[tuple[list[int], LogitsProcessorList]]) -> None:
        self.groups = groups

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        chosen = torch.empty_like(scores)
        for rows, steps in self.groups:
            chosen[rows] = steps(input_ids[rows], scores[rows])  # type: ignore[arg-type]  # token ids are int64
        return chosen


class RepetitionPenalty(LogitsProcessor):
    """transformers' repetition penalty, for which padding is no repetition: a row in a batch is penalized as it is alone."""

    def __init__(self, penalty: float, mask: Tensor | None) -> None:
        self.penalize = RepetitionPenaltyLogitsProcessor(penalty)
        self.mask = None if mask is None or bool(mask.all()) else mask.bool()

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        if self.mask is not None:  # the prompt's last token, which is never padding, takes the place of the padding
            length = self.mask.shape[1]
            prompt = torch.where(self.mask, input_ids[:, :length], input_ids[:, length - 1 : length])
            input_ids = torch.cat([prompt, input_ids[:, length:]], 1)
        penalized: Tensor = self.penalize(input_ids, scores)
        return penalized


class SharedGumbel(LogitsProcessor):
    """Adds Gumbel noise, so that the argmax is a sample (Gumbel-max trick); the same noise for all rows of one prompt.

    Rows that see the same logits draw the same token, and logits that differ little seldom draw another one. The noise of a
    prompt depends on its text and the seed only, not on what else is in the batch.

    Args:
        places: for each row, its prompt and the number of tokens that its answer has already.
    """

    def __init__(self, places: Sequence[tuple[str, int]], seed: int) -> None:
        distinct = list(dict.fromkeys(places))
        # hashed together: PyTorch's generator uses only the low 32 bits of a seed
        self.generators = [torch.Generator().manual_seed(zlib.crc32(f"{seed} {p}".encode())) for p, _ in distinct]
        self.members = [distinct.index(place) for place in places]
        self.to_skip = [begun for _, begun in distinct]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        for generator, begun in zip(self.generators, self.to_skip, strict=True):
            for _ in range(begun):  # one token's numbers at a time, as they were drawn
                torch.empty(scores.shape[-1]).exponential_(generator=generator)
        self.to_skip = [0 for _ in self.generators]
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
