"""Forward passes over sentences: token batches in, each site's mean activation and the next-token loss out."""

import math
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.intercept import Change, intercept
from lineas.steering.site import Site
from lineas.training.batching import Batch, chunks, pad
from lineas.training.distributed import ALONE, Ranks
from lineas.training.events import Reading


class HasWeights(Protocol):
    """A model that is loaded: ``lineas.models.LoadedModel``, ``lineas.pictures.PictureModel``."""

    @property
    def id(self) -> str: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...


class _LastSite(Exception):
    """Ends a forward pass at the last site, since nothing after it is wanted."""


def site_means(
    model: LoadedModel,
    sites: Sequence[Site],
    batch: Batch,
    changes: Mapping[str, Change] | None = None,
    *,
    first_lm_row: int | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Average every site's output, after its change, over each sentence's tokens, in one forward pass (LinEAS Eq. 1).

    Args:
        changes: what steers the sites; None for the plain network.
        first_lm_row: rows from here on are not averaged; their next-token loss is computed instead. None: all rows are
            averaged, and the pass ends at the last site.

    Returns:
        the means, float32, shape (averaged rows, total width of the sites); and the summed next-token loss of the other rows
        in nats, shape (), or None.
    """
    averaged = slice(0, first_lm_row)
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

    whole = first_lm_row is not None
    visits = {site.name: visit(site.name, site is sites[-1] and not whole) for site in sites}
    lm_loss = None
    with intercept(model.network, visits):
        if whole:
            with _predict_rows(model, slice(first_lm_row, None)):
                logits = model.network(input_ids=batch.ids, use_cache=False).logits
            lm_loss = next_token_loss(logits, Batch(batch.ids[first_lm_row:], batch.mask[first_lm_row:]))
        else:
            try:
                model.network(input_ids=batch.ids, use_cache=False)
            except _LastSite:
                pass
    return torch.cat([means[site.name] for site in sites], dim=1), lm_loss


@contextmanager
def _predict_rows(model: LoadedModel, rows: slice) -> Iterator[None]:
    """Let the language-model head see these rows of the batch only, in this thread: no others' logits are computed."""
    owner = threading.get_ident()

    def select(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (inputs[0][rows], *inputs[1:]) if threading.get_ident() == owner else inputs

    handle = model.network.get_output_embeddings().register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()


def read(
    model: LoadedModel,
    sites: Sequence[Site],
    rows: Sequence[Tensor],
    changes: Mapping[str, Change] | None = None,
    ranks: Ranks = ALONE,
) -> Generator[Reading, None, Tensor]:
    """``site_means`` of any number of sentences without a graph, one chunk between two events; each rank reads its share.

    Returns (as ``yield from`` does): float32, shape (rows, total width of the sites).
    """
    own = ranks.share(rows)
    means = yield from _read(model, sites, [rows[i] for i in own], changes, ranks)
    return ranks.gather(means, own, len(rows))


def _read(
    model: LoadedModel,
    sites: Sequence[Site],
    rows: Sequence[Tensor],
    changes: Mapping[str, Change] | None,
    ranks: Ranks,
) -> Generator[Reading, None, Tensor]:
    means = torch.empty(len(rows), sum(site.width for site in sites), device=model.device)
    done = 0
    for group in ranks.padded(chunks(rows)):
        batch = pad([rows[i] for i in group]) if group else idle_batch(model)
        with torch.no_grad():
            # processes that hold parts of the network cannot leave it half-way
            found, _ = site_means(model, sites, batch, changes, first_lm_row=len(batch.ids) if ranks.sharded else None)
        means[group] = found[: len(group)]
        done += len(group)
        if group:
            yield Reading(done, len(rows))
    return means


def idle_batch(model: LoadedModel) -> Batch:
    """One token, for a pass in which a rank only lends its part of the network to the others."""
    return pad([torch.zeros(1, dtype=torch.long, device=model.device)])


def read_at_once(
    model: LoadedModel,
    sites: Sequence[Site],
    rows: Sequence[Tensor],
    changes: Mapping[str, Change] | None = None,
    ranks: Ranks = ALONE,
) -> Tensor:
    """This rank's own sentences read without events; what other ranks read is not gathered."""
    return finish(_read(model, sites, rows, changes, ranks))


def refuse_overflow(model: HasWeights, distance: float) -> None:
    """Raise LineasError where the distance of what was read is not a number."""
    if not math.isfinite(distance):
        raise LineasError(
            f"The model {model.id!r} overflows in {str(model.dtype).removeprefix('torch.')}, the number format that it runs in "
            "here: its activations are not numbers any more. Choose another model."
        )


def next_token_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Sum of −log p(token | tokens before it) over the sentences' tokens but the first ones.

    Args:
        logits: shape (rows, tokens, vocabulary).

    Returns:
        nats, float32, shape ().
    """
    targets = batch.ids[:, 1:].masked_fill(~batch.mask[:, 1:], -100)
    return functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="sum")
