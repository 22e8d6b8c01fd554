"""Other pools over a sentence's tokens than ``passes.read``'s mean of all."""

from collections.abc import Callable, Generator, Mapping, Sequence

import torch
from torch import Tensor

from lineas.models.loaded import LoadedModel
from lineas.steering.intercept import Change, intercept
from lineas.steering.site import Site
from lineas.training.batching import chunks, pad
from lineas.training.events import Reading

Pool = Callable[[Tensor, Tensor], Tensor]
"""From an output (rows, tokens, width) and its mask (rows, tokens), True where there is a token, to (rows, width)."""


def largest(output: Tensor, mask: Tensor) -> Tensor:
    return output.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


def mean_after_first(output: Tensor, mask: Tensor) -> Tensor:
    """The mean without the first token, except where there is no other."""
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
    """As ``passes.read``, with another pool."""
    pooled: list[Tensor] = [torch.empty(0)] * len(rows)
    done = 0
    for group in chunks(rows):
        batch = pad([rows[i] for i in group])
        seen: dict[str, Tensor] = {}

        def visit(site: str, mask: Tensor = batch.mask, seen: dict[str, Tensor] = seen) -> Change:
            def change(output: Tensor) -> Tensor | None:
                steered = None if changes is None or site not in changes else changes[site](output)
                final = (output if steered is None else steered).float()
                seen[site] = pool(final, mask.to(final.device)).to(mask.device)
                return steered

            return change

        with torch.no_grad(), intercept(model.network, {site.name: visit(site.name) for site in sites}):
            model.network(input_ids=batch.ids, use_cache=False)
        for i, row in zip(group, torch.cat([seen[site.name] for site in sites], dim=1), strict=True):
            pooled[i] = row
        done += len(group)
        yield Reading(done, len(rows))
    return torch.stack(pooled)
