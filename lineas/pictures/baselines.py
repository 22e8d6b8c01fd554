"""What LinEAS is compared with on pictures: maps in closed form, and the word in the prompt."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict

from torch import Tensor

from lineas.errors import LineasError
from lineas.methods.closed_form import linear_fit, mean_shift
from lineas.methods.fitting import Side, build_map, fit_each
from lineas.models.progress import finish
from lineas.pictures.activations import read
from lineas.pictures.model import PictureModel
from lineas.pictures.provenance import picture_metadata
from lineas.pictures.sampling import ONE_STEP, Drawing
from lineas.pictures.train import fit, noisy_rows
from lineas.steering.intercept import Change, affine
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.training.events import Reading
from lineas.training.loss import Distance
from lineas.training.provenance import refuse_too_few

METHODS = ("lineas", "mean_difference", "lin_act")
"""Methods that end in a map."""


def fit_with(
    method: str,
    model: PictureModel,
    source: Sequence[str],
    target: Sequence[str],
    *,
    drawing: Drawing = ONE_STEP,
    seed: int = 0,
) -> SteeringMap:
    """Fit a map with one of ``METHODS``: LinEAS, the difference of means (CAA), or Lin-AcT, site after site,
    each with the earlier maps acting on both sides (``lineas.methods.fitting``).

    Raises:
        LineasError: unknown method, or too few prompts.
    """
    if method == "lineas":
        return fit(model, source, target, drawing=drawing, seed=seed, name=method)
    if method not in METHODS:
        raise LineasError(f"There is no method {method!r} for pictures. Choose one of {', '.join(METHODS)}.")
    refuse_too_few(source, target)
    rows = {"source": noisy_rows(source, seed), "target": noisy_rows(target, seed)}

    def read_side(
        side: Side, sites: Sequence[Site], changes: Mapping[str, Change]
    ) -> Generator[Reading, None, Tensor]:
        return read(model, sites, rows[side], drawing, changes)

    found = finish(
        fit_each(
            linear_fit if method == "lin_act" else mean_shift,
            model.sites,
            read_side,
            in_order=method == "lin_act",
            transform=lambda site, scale, shift: affine(scale, shift, site.axis),
            began=time.perf_counter(),
        )
    )
    settings = {"drawing": asdict(drawing), "seed": seed}
    metadata = picture_metadata(model, method, method, settings, source, target, found.metrics)
    return build_map(found.parts, metadata)


def distance_left(
    model: PictureModel, steering_map: SteeringMap, source: Sequence[str], target: Sequence[str], seed: int
) -> float:
    """Share of the transport distance that a map leaves, on noise of another seed; 1 is no effect, above 1 is damage."""
    rows = noisy_rows(source, seed)
    distance = Distance(model.sites, finish(read(model, model.sites, noisy_rows(target, seed), ONE_STEP)))
    parts = {
        site.name: affine(steering_map.scale[site.name], steering_map.shift[site.name], site.axis)
        for site in model.sites
    }
    before = distance(finish(read(model, model.sites, rows, ONE_STEP)))
    return float(distance(finish(read(model, model.sites, rows, ONE_STEP, parts))) / before)
