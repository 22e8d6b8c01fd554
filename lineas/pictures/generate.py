"""Pictures with a map: many strengths in one batch, from the same noise."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

import torch
from PIL import Image

from lineas.pictures.activations import ROWS
from lineas.pictures.model import PictureModel
from lineas.pictures.sampling import FOUR_STEPS, Drawing, call_pipeline, negative_inputs
from lineas.steering.hooks import check_fits
from lineas.steering.intercept import affine, intercept
from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Picture:
    """A picture and what it was drawn from."""

    prompt: str
    seed: int
    strength: float
    image: Image.Image


@contextmanager
def steer(model: PictureModel, steering_map: SteeringMap, strengths: Sequence[float]) -> Iterator[None]:
    """Steer every run of this thread inside the ``with`` block.

    Args:
        strengths: one for each row of the batch. 0 is the plain model, bit for bit.

    Raises:
        LineasError: where the map does not belong to this model.
    """
    check_fits(model, steering_map)
    maps = {strength: steering_map.at_strength(strength) for strength in set(strengths)}
    changes = {}
    for site in model.sites:
        if site.name in steering_map.scale:
            scale = torch.stack([maps[strength].scale[site.name] for strength in strengths])
            shift = torch.stack([maps[strength].shift[site.name] for strength in strengths])
            changes[site.name] = site.placed(affine(scale[:, None], shift[:, None], site.axis))
    with intercept(model.network, changes):
        yield


def generate(
    model: PictureModel,
    prompts: Sequence[str],
    steering_map: SteeringMap | None = None,
    strengths: Sequence[float] = (0.0,),
    seeds: Sequence[int] = (0,),
    drawing: Drawing = FOUR_STEPS,
    negative: str = "",
) -> Iterator[Picture]:
    """Draw every prompt with every seed at every strength; the strengths of one prompt and seed share their noise.

    Args:
        steering_map: None for the plain model.
        negative: what guidance leads away from, a negative prompt; empty for none.

    Raises:
        LineasError: where the map does not belong to this model, or a negative prompt means nothing.
    """
    wanted = list(product(prompts, seeds, strengths))
    for first in range(0, len(wanted), ROWS):
        rows = wanted[first : first + ROWS]
        inputs = dict(model.inputs([prompt for prompt, _, _ in rows]))
        if negative:
            inputs |= negative_inputs(model.pipeline, negative, len(rows), drawing.guidance)
        steering = steer(model, steering_map, [strength for _, _, strength in rows]) if steering_map else _plain()
        with model.lock, torch.no_grad(), steering:
            images = call_pipeline(
                model.pipeline, inputs, [seed for _, seed, _ in rows], drawing.steps, drawing.guidance, output="pil"
            )
        for (prompt, seed, strength), image in zip(rows, images, strict=True):
            yield Picture(prompt, seed, strength, image)


@contextmanager
def _plain() -> Iterator[None]:
    yield
