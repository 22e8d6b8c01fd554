"""What the sites of a picture model return: pooled over the places of a picture, averaged over its steps."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from lineas.pictures.model import PictureModel
from lineas.pictures.sampling import Drawing, call_pipeline
from lineas.steering.intercept import Change, intercept
from lineas.steering.site import Site
from lineas.training.events import Reading

ROWS = 16
"""Pictures that are drawn at once."""


@dataclass(frozen=True)
class Row:
    """A picture that is to be drawn."""

    prompt: str
    seed: int


def site_means(
    model: PictureModel,
    sites: Sequence[Site],
    rows: Sequence[Row],
    drawing: Drawing,
    changes: Mapping[str, Change] | None = None,
    *,
    recompute: bool = False,
) -> Tensor:
    """Draw, and average every site's output, after its change, over tokens or pixels and over the steps.

    Args:
        recompute: let the graph keep the inputs of the network's blocks only (``recomputing``).

    Returns:
        float32, shape (rows, total width of the sites), with a graph to the changes where gradients are on.
    """
    sums: dict[str, Tensor] = {}
    visits: dict[str, int] = {}

    def visit(site: Site) -> Change:
        steer = (changes or {}).get(site.name)

        def change(output: Tensor) -> Tensor | None:
            steered = None if steer is None else steer(output)
            seen = (output if steered is None else steered)[
                -len(rows) :
            ]  # with guidance the prompted half is the last
            axis = site.axis % seen.ndim
            mean = seen.float().mean(dim=[i for i in range(1, seen.ndim) if i != axis])
            sums[site.name] = sums[site.name] + mean if site.name in sums else mean
            visits[site.name] = visits.get(site.name, 0) + 1
            return steered

        return site.placed(change)

    inputs = model.inputs([row.prompt for row in rows])
    watched = {site.name: visit(site) for site in sites}
    memory = recomputing(model.network, watched) if recompute else nullcontext()
    with intercept(model.network, watched), memory:
        call_pipeline(
            model.pipeline, inputs, [row.seed for row in rows], drawing.steps, drawing.guidance, output="latent"
        )
    return torch.cat([sums[site.name] / visits[site.name] for site in sites], dim=1)


@contextmanager
def recomputing(network: Any, changes: Mapping[str, Change]) -> Iterator[None]:
    """Let ``diffusers`` compute each block again when the gradient comes back to it, instead of keeping what it computed.

    What a thread intercepts no other sees, and on a graphics card the gradient's way back has threads of its own; so each
    second computation sets the changes up anew.

    Args:
        network: a ``diffusers`` model.
    """

    def call(block: nn.Module, *inputs: Any) -> Any:
        return checkpoint(
            block.__call__,
            *inputs,
            use_reentrant=False,
            preserve_rng_state=False,  # nothing in a frozen network is random
            context_fn=lambda: (nullcontext(), intercept(network, changes)),
        )

    network.enable_gradient_checkpointing(call)
    try:
        yield
    finally:
        network.disable_gradient_checkpointing()


def read(
    model: PictureModel,
    sites: Sequence[Site],
    rows: Sequence[Row],
    drawing: Drawing,
    changes: Mapping[str, Change] | None = None,
) -> Generator[Reading, None, Tensor]:
    """``site_means`` of any number of pictures without a graph, some between two events."""
    means = []
    for first in range(0, len(rows), ROWS):
        part = rows[first : first + ROWS]
        with torch.no_grad():
            means.append(site_means(model, sites, part, drawing, changes))
        yield Reading(first + len(part), len(rows))
    return torch.cat(means)
