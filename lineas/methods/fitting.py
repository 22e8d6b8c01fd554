"""What the methods in closed form share: sites in, a map or adapter out, and the distance before and after."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import cast

import torch
from torch import Tensor
from transformers import PreTrainedModel

from lineas.models.loaded import LoadedModel
from lineas.models.progress import seconds_left
from lineas.models.sites import find_sites
from lineas.steering.adapter import Steering
from lineas.steering.intercept import Change, affine
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.training.activations import read
from lineas.training.batching import tokenize
from lineas.training.events import Done, Event, Reading, Started, Step
from lineas.training.loss import Distance, before_and_after
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe, recipe_named

ClosedForm = Callable[[Tensor, Tensor], tuple[Tensor, ...]]
"""From one site's pooled source (n, d) and target (m, d) to what its change is made of, for a map scale and shift, each (d,)."""

Read = Callable[
    [LoadedModel, Sequence[Site], Sequence[Tensor], Mapping[str, Change] | None], Generator[Reading, None, Tensor]
]
"""Pools every site's output over each sentence's tokens: ``passes.read``, or another pool with its signature."""

FindSites = Callable[[PreTrainedModel, str], tuple[Site, ...]]

Build = Callable[[Mapping[str, tuple[Tensor, ...]], Mapping[str, str]], Steering]


def own_sites(usual: str) -> FindSites:
    """``find_sites`` of a method whose "default" is this set or expression."""
    return lambda network, sites: find_sites(network, usual if sites == "default" else sites)


def build_map(fitted: Mapping[str, tuple[Tensor, ...]], metadata: Mapping[str, str]) -> SteeringMap:
    return SteeringMap(
        {s: parts[0] for s, parts in fitted.items()}, {s: parts[1] for s, parts in fitted.items()}, metadata
    )


def fit_sites(
    method: str,
    closed_form: ClosedForm,
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
    in_order: bool = False,
    find: FindSites = find_sites,
    transform: Callable[..., Change] = affine,
    build: Build = build_map,
    read: Read = read,
) -> Iterator[Event]:
    """Events as of ``training.train``, a Step for each site. Of the recipe only ``max_tokens`` counts; nothing is random.

    Args:
        in_order: each site is fitted with the earlier ones steered (AcT); else all on the plain network.
        find: from ``sites`` to the sites, where "default" means another set than LinEAS's (``own_sites``).
        transform: from what ``closed_form`` returned to the change it stands for.
        build: from the same of all sites to the artefact.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    began = time.perf_counter()
    places = find(model.network, sites)
    widths = [site.width for site in places]
    source_rows = tokenize(model, source, recipe.max_tokens)
    wanted = yield from read(model, places, tokenize(model, target, recipe.max_tokens), None)
    plain = yield from read(model, places, source_rows, None)
    distance = Distance(places, wanted)
    start = float(distance(plain))
    yield Started(len(places), 0, start)

    fitting = time.perf_counter()
    fitted: dict[str, tuple[Tensor, ...]] = {}
    columns = zip(places, plain.split(widths, dim=1), wanted.split(widths, dim=1), strict=True)
    for i, (site, here, there) in enumerate(columns):
        if in_order and i:
            changes = {name: transform(*parts) for name, parts in fitted.items()}
            here = (yield from read(model, places[: i + 1], source_rows, changes))[:, -site.width :]
        with torch.no_grad():
            left = float(Distance([site], there)(here))
            fitted[site.name] = closed_form(here, there)
        eta = seconds_left(fitting, i + 1, len(places))
        yield Step(i + 1, len(places), left, left, time.perf_counter() - began, eta)

    changes = {name: transform(*parts) for name, parts in fitted.items()}
    steered = yield from read(model, places, source_rows, changes)
    end = float(distance(steered))
    seconds = time.perf_counter() - began
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed}
    metrics = {
        "distance_start": start,
        "distance_end": end,
        "steps": len(places),
        "seconds": round(seconds, 2),
        "sites": before_and_after(distance.by_site(plain), distance.by_site(steered)),
    }
    steering = build(fitted, provenance(model, name, method, settings, source, target, metrics))
    yield done(steering, start, end, seconds, len(places), f"All {len(places)} sites are fitted.")


def done(steering: Steering, start: float, end: float, seconds: float, steps: int, message: str) -> Done:
    """``Done`` of any method; its annotation names the usual case, a map."""
    return Done(cast(SteeringMap, steering), start, end, seconds, steps, "finished", message)
