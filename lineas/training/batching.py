"""Sentences as batches: token rows, groups alike in length, and which sentences meet in which step."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel

CHUNK_TOKENS = 1024
"""Padded tokens that go through the network at once. With gradients, the default model keeps 1.2 MB for each."""
PASS_TOKENS = 48
"""Cost of a pass through the network beside its tokens (reading the weights, calling the layers), in tokens; on the CPU."""


@dataclass(frozen=True)
class Batch:
    """Sentences padded on the right, where a causal network never looks, so that no attention mask is needed.

    Attributes:
        ids: int64, shape (rows, tokens).
        mask: bool, shape (rows, tokens): True where there is a token of the sentence.
    """

    ids: Tensor
    mask: Tensor


def tokenize(
    model: LoadedModel, sentences: Sequence[str], max_tokens: int, *, continued: bool = False
) -> list[Tensor]:
    """Tokenize each sentence, with the special tokens that the model's tokenizer adds by itself.

    Args:
        continued: whether the sentences go on from a context, so that no special tokens begin or end them.

    Returns:
        one int64 tensor of shape (tokens,) for each sentence, cut at ``max_tokens`` and at the model's own limit.

    Raises:
        LineasError: where nothing is left of a sentence.
    """
    limit = min(max_tokens, model.max_tokens)
    with model.tokenizing:
        rows = model.tokenizer(list(sentences), truncation=True, max_length=limit, add_special_tokens=not continued)[
            "input_ids"
        ]
    for row, sentence in zip(rows, sentences, strict=True):
        if not row:
            raise LineasError(
                f"The model cannot read {sentence!r}: nothing is left of it as tokens. Remove that line."
            )
        model.check_ids(row)
    return [torch.tensor(row, device=model.device) for row in rows]


def pad(rows: Sequence[Tensor]) -> Batch:
    """Pad token rows on the right."""
    ids = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    lengths = torch.tensor([len(row) for row in rows], device=ids.device)
    return Batch(ids, torch.arange(ids.shape[1], device=ids.device) < lengths[:, None])


def chunks(rows: Sequence[Tensor], budget: int = CHUNK_TOKENS) -> list[list[int]]:
    """Group row numbers so that each group has at most ``budget`` padded tokens, the longest row of each last.

    A row longer than the budget goes alone.

    Of all ways to cut the rows, sorted by length, into groups this is the cheapest: the padded tokens of all groups, and for
    each group what a pass costs beside its tokens.
    """
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    # on a card a pass costs as much as very many tokens, so that as few groups as possible are best
    extra = PASS_TOKENS if not rows or rows[0].device.type == "cpu" else budget
    cheapest = [(0, 0)]  # for the first rows of the order: their cost, and where the last group begins
    for end, row in enumerate((rows[i] for i in order), start=1):
        best = cheapest[end - 1][0] + len(row) + extra, end - 1
        for start in range(end - 2, -1, -1):
            size = (end - start) * len(row)
            if size > budget:
                break
            best = min(best, (cheapest[start][0] + size + extra, start))
        cheapest.append(best)
    groups = []
    while order:
        start = cheapest[len(order)][1]
        groups.append(order[start:])
        order = order[:start]
    return groups[::-1]


def minibatch(count: int, size: int, seed: int, step: int) -> Sequence[int]:
    """Numbers of the rows that meet in a step: all ``count`` have their turn before any comes again, each time in a new order.

    A function of its arguments alone, so that a resumed training needs no state of a random generator. Size 0 is all rows.
    """
    if not size or size >= count:
        return range(count)
    dealt = range(step * size, (step + 1) * size)
    orders = {
        turn: torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + turn)).tolist()
        for turn in {position // count for position in dealt}
    }
    return [orders[position // count][position % count] for position in dealt]
