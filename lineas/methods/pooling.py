"""Pools over a sentence's tokens other than the mean that ``training.activations.read`` takes."""

from collections.abc import Callable, Generator, Mapping, Sequence

import torch
from torch import Tensor

from lineas.models.loaded import LoadedModel
from lineas.steering.intercept import Change, intercept
from lineas.steering.site import Site
from lineas.training.batching import Batch, chunks, pad
from lineas.training.events import Reading

Pool = Callable[[Tensor, Tensor], Tensor]
"""Pools an output of shape (rows, tokens, width), with a mask (rows, tokens) that is True at tokens, to (rows, width)."""


def max_pool(output: Tensor, mask: Tensor) -> Tensor:
    """Maximum over the tokens."""
    return output.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


def mean_after_first(output: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens without the first, unless it is the only one."""
    mask = mask.clone()
    mask[:, 0] = mask.sum(dim=1) == 1
    weights = mask.to(output.dtype) / mask.sum(dim=1, keepdim=True)
    return (weights[:, None] @ output)[:, 0]


def read_pooled(
    pool: Pool,
    model: LoadedModel,
    sites: Sequence[Site],
    rows: Sequence[Tensor],
    changes: Mapping[str, Change] | None = None,
) -> Generator[Reading, None, Tensor]:
    """``training.activations.read`` with another pool; returns float32, shape (rows, total width of the sites)."""

    def run(batch: Batch) -> Tensor:
        seen: dict[str, Tensor] = {}

        def visit(site: str) -> Change:
            def change(output: Tensor) -> Tensor | None:
                steered = changes[site](output) if changes and site in changes else None
                final = (output if steered is None else steered).float()
                seen[site] = pool(final, batch.mask.to(final.device)).to(batch.mask.device)
                return steered

            return change

        with torch.no_grad(), intercept(model.network, {site.name: visit(site.name) for site in sites}):
            model.network(input_ids=batch.ids, use_cache=False)
        return torch.cat([seen[site.name] for site in sites], dim=1)

    pooled = torch.empty(len(rows), sum(site.width for site in sites), device=model.device)
    done = 0
    for group in chunks(rows):
        pooled[group] = run(pad([rows[i] for i in group]))
        done += len(group)
        yield Reading(done, len(rows))
    return pooled
