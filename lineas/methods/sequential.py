"""Maps in closed form, fitted site by site in forward order, each with the earlier ones in place (AcT, arXiv 2410.23054)."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import torch
from torch import Tensor

from lineas.core.maps import SteeringMap
from lineas.events import Done, Event, Started, Step
from lineas.model.intercept import affine
from lineas.model.loaded import LoadedModel
from lineas.model.sites import find_sites
from lineas.objective import Distance
from lineas.passes import read, tokenize
from lineas.recipes import Recipe
from lineas.training import provenance, refuse_too_few

ClosedForm = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""From one site's source means (n, d) and target means (m, d) to its scale and shift, each (d,)."""


def fit_in_order(
    method: str,
    closed_form: ClosedForm,
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe,
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
) -> Iterator[Event]:
    """Events as of ``training.train``, a Step for each site. Of the recipe only ``max_tokens`` counts; nothing is random."""
    refuse_too_few(source, target)
    began = time.perf_counter()
    places = find_sites(model.network, sites)
    source_rows = tokenize(model, source, recipe.max_tokens)
    wanted = yield from read(model, places, tokenize(model, target, recipe.max_tokens))
    distance = Distance(places, wanted)
    start = float(distance((yield from read(model, places, source_rows))))
    yield Started(len(places), 0, start)

    scale: dict[str, Tensor] = {}
    shift: dict[str, Tensor] = {}
    for i, (site, site_target) in enumerate(
        zip(places, wanted.split([site.width for site in places], dim=1), strict=True)
    ):
        changes = {name: affine(scale[name], shift[name]) for name in scale}
        found = yield from read(model, places[: i + 1], source_rows, changes)
        with torch.no_grad():
            here = found[:, -site.width :]
            left = float((Distance([site], site_target))(here))
            scale[site.name], shift[site.name] = closed_form(here, site_target)
        elapsed = time.perf_counter() - began
        yield Step(i + 1, len(places), left, left, elapsed, elapsed / (i + 1) * (len(places) - i - 1))

    changes = {name: affine(scale[name], shift[name]) for name in scale}
    end = float(distance((yield from read(model, places, source_rows, changes))))
    seconds = time.perf_counter() - began
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed}
    metrics = {"distance_start": start, "distance_end": end, "steps": len(places), "seconds": round(seconds, 2)}
    steering_map = SteeringMap(scale, shift, provenance(model, name, method, settings, source, target, metrics))
    yield Done(steering_map, start, end, seconds, len(places), "finished", f"All {len(places)} sites are fitted.")
