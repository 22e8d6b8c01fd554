"""One run of a pipeline: prompts and noise in, pictures out, with a graph through all of its steps where gradients are on."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DiffusionPipeline

from lineas.errors import LineasError


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


def negative_inputs(pipeline: DiffusionPipeline, negative: str, rows: int, guidance: float) -> dict[str, Any]:
    """Arguments of a pipeline for a negative prompt: guidance then leads away from that instead of from no prompt.

    Raises:
        LineasError: the pipeline knows none, or it draws without guidance, as distilled models do.
    """
    known = inspect.signature(type(pipeline).__call__).parameters
    if "negative_prompt" not in known:
        raise LineasError(
            f"A {type(pipeline).__name__} knows no negative prompt. Leave it out, or choose another model."
        )
    if guidance <= 1:
        raise LineasError(
            "A negative prompt works by guidance, and the guidance here is none: up to 1, as distilled models want it. "
            "Give a guidance above 1 to a model that was not distilled, or leave the negative prompt out."
        )
    # distilled models that take their guidance as a number (FLUX) have another argument for the real one
    real = {"true_cfg_scale": guidance} if "true_cfg_scale" in known else {}
    return {"negative_prompt": [negative] * rows, **real}
