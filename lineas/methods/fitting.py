"""Fitting of the methods in closed form: reads activations, fits site by site, and measures the distance before and after."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import torch
from torch import Tensor
from transformers import PreTrainedModel

from lineas.methods import recipe_for
from lineas.models.loaded import LoadedModel
from lineas.models.progress import TimeLeft
from lineas.models.sites import best_sites, find_sites
from lineas.steering.adapter import Steering
from lineas.steering.intercept import Change, affine
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.training.activations import read
from lineas.training.answer_context import answer_context, each_after
from lineas.training.batching import tokenize
from lineas.training.events import Done, Event, Reading, Started, Step
from lineas.training.loss import Distance, before_and_after
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe

Parts = tuple[Tensor, ...]
"""What is fitted at one site; for a map scale and shift, each of shape (width,)."""

ClosedForm = Callable[[Tensor, Tensor], Parts]
"""Fits one site from its pooled source (n, width) and target (m, width)."""

Read = Callable[
    [LoadedModel, Sequence[Site], Sequence[Tensor], Mapping[str, Change] | None], Generator[Reading, None, Tensor]
]
"""Pools every site's output over each sentence's tokens, as ``training.activations.read`` does."""

Side = Literal["source", "target"]
SIDES: tuple[Side, ...] = ("source", "target")

ReadSide = Callable[[Side, Sequence[Site], Mapping[str, Change]], Generator[Reading, None, Tensor]]
"""Pools these sites' outputs over each example of a side, with these changes in place."""

FindSites = Callable[[PreTrainedModel, str], tuple[Site, ...]]


@dataclass(frozen=True)
class Fitted:
    """What ``fit_each`` found.

    Attributes:
        parts: of each site.
        start, end: the distance of the whole source side before and after.
        metrics: for the map's metadata.
    """

    parts: Mapping[str, Parts]
    start: float
    end: float
    seconds: float
    metrics: Mapping[str, Any]


def default_sites(usual: str) -> FindSites:
    """``find_sites`` for a method whose "default" is the site set or expression ``usual``, or what takes its place."""
    return lambda network, sites: best_sites(network, usual)[1] if sites == "default" else find_sites(network, sites)


def build_map(fitted: Mapping[str, Parts], metadata: Mapping[str, str]) -> SteeringMap:
    """A map from the scale and shift of each site."""
    scale, shift = ({site: parts[i] for site, parts in fitted.items()} for i in (0, 1))
    return SteeringMap(scale, shift, metadata)


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
    find: FindSites = default_sites("default"),  # noqa: B008  # a function, the same for all
    transform: Callable[..., Change] = affine,
    build: Callable[[Mapping[str, Parts], Mapping[str, str]], Steering] = build_map,
    read: Read = read,
) -> Iterator[Event]:
    """Fit every site in closed form; yields events as ``training.trainer.train`` does, with one Step for each site.

    Only ``max_tokens`` and ``as_answer`` of the recipe matter, and nothing is random.

    Args:
        in_order: fit each site with the earlier ones steered, on both sides (AcT), instead of all on the plain network.
        find: finds the sites, if "default" means another set than LinEAS's (``default_sites``).
        transform: makes a site's change from its fitted parts.
        build: makes the map or adapter from the fitted parts of all sites and the metadata.
    """
    recipe = recipe_for(method, recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    began = time.perf_counter()
    places = find(model.network, sites)
    context = answer_context(model) if recipe.as_answer else None
    rows = {
        side: tokenize(model, sentences, recipe.max_tokens, continued=context is not None)
        for side, sentences in zip(SIDES, (source, target), strict=True)
    }

    def read_side(side: Side, here: Sequence[Site], changes: Mapping[str, Change]) -> Generator[Reading, None, Tensor]:
        return each_after(model, context, read(model, here, rows[side], changes or None))

    fitted = yield from fit_each(
        closed_form,
        places,
        read_side,
        in_order=in_order,
        transform=lambda site, *parts: transform(*parts),
        began=began,
    )
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed}
    metadata = provenance(model, name, method, settings, source, target, fitted.metrics)
    if recipe.as_answer:
        metadata["scope"] = "answer"
    steering = build(fitted.parts, metadata)
    yield done(steering, fitted.start, fitted.end, fitted.seconds, len(places), f"All {len(places)} sites are fitted.")


def fit_each(
    closed_form: ClosedForm,
    places: Sequence[Site],
    read_side: ReadSide,
    *,
    in_order: bool,
    transform: Callable[..., Change],
    began: float,
) -> Generator[Event, None, Fitted]:
    """Fit one site after the other, whatever is read, sentences or pictures; yield Started, and a Step for each site.

    Args:
        in_order: fit each site with the earlier ones steered, on both sides (AcT), instead of all on the plain network.
        transform: makes the change of a site from the site and its fitted parts.
        began: when the work began, as ``time.perf_counter`` tells it.
    """
    wanted = yield from read_side("target", places, {})
    plain = yield from read_side("source", places, {})
    distance = Distance(places, wanted)
    start = float(distance(plain))
    yield Started(len(places), 0, start)

    time_left = TimeLeft(len(places))
    parts: dict[str, Parts] = {}
    changes: dict[str, Change] = {}
    widths = [site.width for site in places]
    columns = zip(places, plain.split(widths, dim=1), wanted.split(widths, dim=1), strict=True)
    for i, (site, site_source, site_target) in enumerate(columns):
        if in_order and i:
            here = places[: i + 1]
            found = yield from read_side("source", here, changes)
            site_source = found[:, -site.width :]
            found = yield from read_side("target", here, changes)
            site_target = found[:, -site.width :]
        with torch.no_grad():
            before = float(Distance([site], site_target)(site_source))
            parts[site.name] = closed_form(site_source, site_target)
        changes[site.name] = transform(site, *parts[site.name])
        eta = time_left.after(i + 1)
        yield Step(i + 1, len(places), before, before, time.perf_counter() - began, eta)

    steered = yield from read_side("source", places, changes)
    end, seconds = float(distance(steered)), time.perf_counter() - began
    metrics = {
        "distance_start": start,
        "distance_end": end,
        "steps": len(places),
        "seconds": round(seconds, 2),
        "sites": before_and_after(distance.by_site(plain), distance.by_site(steered)),
    }
    return Fitted(parts, start, end, seconds, metrics)


def done(steering: Steering, start: float, end: float, seconds: float, steps: int, message: str) -> Done:
    """``Done`` for any method; the annotation of ``Done.map`` names only maps, the usual case."""
    return Done(cast(SteeringMap, steering), start, end, seconds, steps, "finished", message)
