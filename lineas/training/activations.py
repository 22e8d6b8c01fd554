"""Forward passes over sentences: token batches in, each site's mean activation and the next-token loss out."""

import math
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.intercept import Change, intercept
from lineas.steering.site import Site
from lineas.training.events import Reading

CHUNK_TOKENS = 1024
"""Padded tokens that go through the network at once. With gradients, the default model keeps 1.2 MB for each."""
PASS_TOKENS = 48
"""What a pass through the network costs beside its tokens (reading the weights, calling the layers), in tokens; on the CPU."""


@dataclass(frozen=True)
class Batch:
    """Sentences padded on the right, where a causal network never looks, so that no attention mask is needed.

    Attributes:
        ids: int64, shape (rows, tokens).
        mask: bool, shape (rows, tokens): True where there is a token of the sentence.
    """

    ids: Tensor
    mask: Tensor


class _LastSite(Exception):
    """Ends a forward pass at the last site: what comes after it is not wanted."""


def tokenize(model: LoadedModel, sentences: Sequence[str], max_tokens: int) -> list[Tensor]:
    """One row of token ids for each sentence, with the special tokens that the model's tokenizer adds by itself."""
    limit = min(max_tokens, model.max_tokens)
    with model.tokenizing:
        rows = model.tokenizer(list(sentences), truncation=True, max_length=limit)["input_ids"]
    for row, sentence in zip(rows, sentences, strict=True):
        if not row:
            raise LineasError(
                f"The model cannot read {sentence!r}: nothing is left of it as tokens. Remove that line."
            )
    return [torch.tensor(row, device=model.device) for row in rows]


def pad(rows: Sequence[Tensor]) -> Batch:
    ids = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    lengths = torch.tensor([len(row) for row in rows], device=ids.device)
    return Batch(ids, torch.arange(ids.shape[1], device=ids.device) < lengths[:, None])


def chunks(rows: Sequence[Tensor], budget: int = CHUNK_TOKENS) -> list[list[int]]:
    """Row numbers in groups of at most ``budget`` padded tokens (a single longer row goes alone), the longest of each last.

    Of all ways to cut the rows, sorted by length, into groups it is the one that costs the least: the padded tokens of all
    groups, and for each group what a pass costs beside its tokens.
    """
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    # on a card a pass costs what very many tokens do, so that as few groups as possible are best
    extra = PASS_TOKENS if rows[0].device.type == "cpu" else budget
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


def site_means(
    model: LoadedModel,
    sites: Sequence[Site],
    batch: Batch,
    changes: Mapping[str, Change] | None = None,
    *,
    first_language_row: int | None = None,
) -> tuple[Tensor, Tensor | None]:
    """One forward pass: the mean over each sentence's tokens of every site's output, after its change.

    Args:
        changes: what steers the sites; None for the plain network.
        first_language_row: from this row on, rows are not averaged: their next-token loss is computed instead. None:
            all rows are averaged, and the pass ends at the last site.

    Returns:
        float32 (averaged rows, total width of the sites), and the summed next-token loss of the other rows (or None).
    """
    averaged = slice(0, first_language_row)
    mask = batch.mask[averaged].float()
    weights = (mask / mask.sum(dim=1, keepdim=True))[:, None]
    means: dict[str, Tensor] = {}

    def visit(site: str, last: bool) -> Change:
        steer = (changes or {}).get(site)

        def change(output: Tensor) -> Tensor | None:
            steered = None if steer is None else steer(output)
            seen = (output if steered is None else steered)[averaged]
            means[site] = (weights.to(seen.device) @ seen.float())[:, 0].to(weights.device)
            if last:
                raise _LastSite
            return steered

        return change

    whole = first_language_row is not None
    visits = {site.name: visit(site.name, site is sites[-1] and not whole) for site in sites}
    with intercept(model.network, visits):
        if whole:
            with _predict_rows(model, slice(first_language_row, None)):
                logits = model.network(input_ids=batch.ids, use_cache=False).logits
            language = next_token_loss(logits, Batch(batch.ids[first_language_row:], batch.mask[first_language_row:]))
        else:
            language = None
            try:
                model.network(input_ids=batch.ids, use_cache=False)
            except _LastSite:
                pass
    return torch.cat([means[site.name] for site in sites], dim=1), language


@contextmanager
def _predict_rows(model: LoadedModel, rows: slice) -> Iterator[None]:
    """While inside, in this thread only, the language-model head sees these rows of the batch: no others' logits are computed."""
    owner = threading.get_ident()

    def select(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (inputs[0][rows], *inputs[1:]) if threading.get_ident() == owner else inputs

    handle = model.network.get_output_embeddings().register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()


def read(
    model: LoadedModel, sites: Sequence[Site], rows: Sequence[Tensor], changes: Mapping[str, Change] | None = None
) -> Generator[Reading, None, Tensor]:
    """``site_means`` of any number of sentences without a graph, a chunk between two events.

    Returns (as ``yield from`` does): float32 (rows, total width of the sites).
    """
    means = torch.empty(len(rows), sum(site.width for site in sites), device=model.device)
    done = 0
    for group in chunks(rows):
        with torch.no_grad():
            means[group] = site_means(model, sites, pad([rows[i] for i in group]), changes)[0]
        done += len(group)
        yield Reading(done, len(rows))
    return means


def read_at_once(
    model: LoadedModel, sites: Sequence[Site], rows: Sequence[Tensor], changes: Mapping[str, Change] | None = None
) -> Tensor:
    """``read`` for callers that have nobody to tell."""
    return finish(read(model, sites, rows, changes))


def refuse_overflow(model: LoadedModel, distance: float) -> None:
    """LineasError where a distance of what was read is no number."""
    if not math.isfinite(distance):
        raise LineasError(
            f"The model {model.id!r} overflows in {str(model.dtype).removeprefix('torch.')}, the number format that it runs in "
            "here: what passes through it are no numbers any more. Choose another model."
        )


def next_token_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Sum over the sentences' tokens, the first ones left out, of −log p(token | those before); nats."""
    targets = batch.ids[:, 1:].masked_fill(~batch.mask[:, 1:], -100)
    return functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="sum")
