"""A text-to-image pipeline that is ready to be steered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers import DiffusionPipeline
from torch import nn

from lineas.errors import LineasError
from lineas.models.fair_lock import FairLock
from lineas.models.fingerprint import fingerprint
from lineas.pictures.sites import find_sites
from lineas.steering.site import Site, know_widths

Inputs = Callable[[Sequence[str]], Mapping[str, Any]]
"""What a pipeline is called with for some prompts."""


@dataclass(eq=False)
class PictureModel:
    """A frozen pipeline in eval mode, made by ``load_pipeline`` or ``wrap_pipeline``.

    Attributes:
        id: "small", a Hugging Face id, a path, or what the caller chose.
        network: the part that removes noise, whose modules are steered.
        sites: in the order of computing.
        fingerprint: "<structure>:<weights>", see ``lineas.models.fingerprint``.
        inputs: turns prompts into arguments of the pipeline.
        lock: to hold while the pipeline runs, since its scheduler keeps state.
    """

    id: str
    pipeline: DiffusionPipeline
    network: nn.Module
    sites: tuple[Site, ...]
    fingerprint: str
    inputs: Inputs
    lock: FairLock = field(default_factory=FairLock, repr=False)

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.network.parameters()).dtype


def prompts_alone(prompts: Sequence[str]) -> dict[str, Any]:
    return {"prompt": list(prompts)}


def wrap_pipeline(pipeline: DiffusionPipeline, id: str, inputs: Inputs = prompts_alone) -> PictureModel:
    """Freeze a pipeline and find its sites, which takes one dry run of one step.

    Raises:
        LineasError: where the pipeline has no UNet and no transformer to steer.
    """
    network = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    if not isinstance(network, nn.Module):
        raise LineasError(
            f"{id!r} is a {type(pipeline).__name__}, which has neither a UNet nor a transformer that draws. "
            "Choose a text-to-image model, such as Stable Diffusion or FLUX."
        )
    for part in pipeline.components.values():
        if isinstance(part, nn.Module):
            part.eval().requires_grad_(False)
    pipeline.set_progress_bar_config(disable=True)
    model = PictureModel(id, pipeline, network, (), "", inputs)
    model.sites = find_sites(model.pipeline, network, inputs(["a", "b"]))
    know_widths(network, {site.name: site.width for site in model.sites})
    model.fingerprint = fingerprint(network, model.sites)
    return model
