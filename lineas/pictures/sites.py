"""Sites of a picture model: its norms, or in FLUX the outputs of its blocks, seen to fire in a dry run.

As in the paper's reference code, which chooses norms by name. Names deceive: inside an adaptive norm they match linear layers, too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from diffusers import DiffusionPipeline
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.pictures.sampling import call_pipeline
from lineas.steering.intercept import Change, Member, intercept
from lineas.steering.site import Site

_ROWS = 2
"""Pictures of the dry run."""


def find_sites(pipeline: DiffusionPipeline, network: nn.Module, inputs: Mapping[str, Any]) -> tuple[Site, ...]:
    """Draw for one step, and find what can be steered, in the order of computing.

    Args:
        inputs: the pipeline's arguments for two prompts.

    Raises:
        LineasError: where nothing was found.
    """
    found: dict[str, Site] = {}

    def look(name: str, module: nn.Module, member: int) -> Change:
        def change(output: Tensor) -> None:
            axis = 1 if isinstance(module, nn.GroupNorm) else -1
            # two dimensions are one vector for a whole picture, four of a norm are single heads of an attention
            if output.ndim == 3 or (output.ndim == 4 and axis == 1):
                found.setdefault(name, Site(name, output.shape[axis], len(found), axis, member))

        return Member(change, member) if member else change

    watched = {name: look(name, module, member) for name, module, member in _candidates(network)}
    seeds = list(range(_ROWS))
    with torch.no_grad(), intercept(network, watched):
        call_pipeline(pipeline, inputs, seeds, steps=1, guidance=0.0, output="latent")
    if not found:
        raise LineasError(
            f"No part of this {type(network).__name__} can be steered. Choose another text-to-image model."
        )
    return tuple(found.values())


def _candidates(network: nn.Module) -> Iterator[tuple[str, nn.Module, int]]:
    """Name, module, and the member of its output that is the picture's."""
    if "Flux" in type(network).__name__:
        for name, module in network.named_modules():
            if name.rpartition(".")[0] in ("transformer_blocks", "single_transformer_blocks"):
                yield name, module, 1  # the text's stream comes first
        return
    norms: set[str] = set()
    for name, module in network.named_modules():
        # an adaptive norm holds a plain one, whose output it only scales
        inside = any(name.startswith(f"{outer}.") for outer in norms)
        if "Norm" in type(module).__name__ and not inside:
            norms.add(name)
            yield name, module, 0
