"""What LinEAS is compared with on pictures: maps in closed form, and the word in the prompt."""

from collections.abc import Sequence

import torch

from lineas.errors import LineasError
from lineas.methods.closed_form import linear_fit, mean_shift
from lineas.models.progress import finish
from lineas.pictures.activations import read
from lineas.pictures.model import PictureModel
from lineas.pictures.provenance import picture_metadata
from lineas.pictures.sampling import ONE_STEP, Drawing
from lineas.pictures.train import fit, noisy_rows
from lineas.steering.intercept import Change, affine
from lineas.steering.map import SteeringMap
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
    """Fit a map with one of ``METHODS``: LinEAS, the difference of means (CAA), or Lin-AcT, site after site.

    Raises:
        LineasError: unknown method, or too few prompts.
    """
    if method == "lineas":
        return fit(model, source, target, drawing=drawing, seed=seed, name=method)
    if method not in METHODS:
        raise LineasError(f"There is no method {method!r} for pictures. Choose one of {', '.join(METHODS)}.")
    refuse_too_few(source, target)
    rows = noisy_rows(source, seed)
    wanted = finish(read(model, model.sites, noisy_rows(target, seed), drawing))
    plain = finish(read(model, model.sites, rows, drawing))
    fitted: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    changes: dict[str, Change] = {}
    widths = [site.width for site in model.sites]
    columns = zip(model.sites, plain.split(widths, dim=1), wanted.split(widths, dim=1), strict=True)
    for i, (site, here, there) in enumerate(columns):
        if method == "lin_act" and i:  # each site is fitted with those before it steered (AcT)
            here = finish(read(model, model.sites[: i + 1], rows, drawing, changes))[:, -site.width :]
        fitted[site.name] = (linear_fit if method == "lin_act" else mean_shift)(here, there)
        changes[site.name] = affine(*fitted[site.name], site.axis)
    steering_map = SteeringMap({site: f[0] for site, f in fitted.items()}, {site: f[1] for site, f in fitted.items()})
    return steering_map.with_metadata(**picture_metadata(model, method, method, {"seed": seed}, source, target, {}))


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
