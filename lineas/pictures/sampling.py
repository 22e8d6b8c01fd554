"""One run of a pipeline: prompts and noise in, pictures out, with a graph through all of its steps where gradients are on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DiffusionPipeline


@dataclass(frozen=True)
class Drawing:
    """How pictures are drawn.

    Attributes:
        steps: runs of the network for a picture; distilled models need 1 to 8.
        guidance: weight of the prompt against no prompt; up to 1 is none, as distilled models want it.
    """

    steps: int = 4
    guidance: float = 0.0


FOUR_STEPS = Drawing(steps=4)
ONE_STEP = Drawing(steps=1)
"""How pictures are drawn while a map learns, as in the paper's reference code."""


def call_pipeline(
    pipeline: DiffusionPipeline,
    inputs: Mapping[str, Any],
    seeds: Sequence[int],
    steps: int,
    guidance: float,
    output: str,
) -> Any:
    """Run a pipeline and return its pictures.

    Args:
        inputs: its arguments for the prompts.
        seeds: one for each prompt; rows of one seed start from the same noise.
        output: "pil", or "latent" for a tensor, with a graph where gradients are on.
    """
    # a pipeline's __call__ is wrapped in torch.no_grad
    call = getattr(type(pipeline).__call__, "__wrapped__", type(pipeline).__call__)
    # drawn on the CPU, so that a seed means the same noise on every device
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return call(
        pipeline,
        **inputs,
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=generators,
        output_type=output,
    ).images
