"""What the sites of a picture model return: pooled over the places of a picture, averaged over its steps."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

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
) -> Tensor:
    """Draw, and average every site's output, after its change, over tokens or pixels and over the steps.

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
    with intercept(model.network, {site.name: visit(site) for site in sites}):
        call_pipeline(
            model.pipeline, inputs, [row.seed for row in rows], drawing.steps, drawing.guidance, output="latent"
        )
    return torch.cat([sums[site.name] / visits[site.name] for site in sites], dim=1)


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
