"""LoReFT (Wu et al., arXiv 2404.03592): at block outputs h + Rᵀ(Wh + c − Rh), rank 4, trained on the target text.

R has orthonormal rows; the edit replaces what h is in the space they span by Wh + c. Trained on next-token loss of the target
sentences; the source is not used. W starts as R and c at 0, so that the plain model is the start. As in LinEAS's comparison,
every block and every token is edited, those of the answer too.

Left out: the paper's choice of blocks and of prompt positions, its weights tied between positions, and dropout.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import orthogonal

from lineas.methods import recipe_for
from lineas.methods.fitting import done, own_sites
from lineas.methods.text_loss import learn
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Change, intercept
from lineas.training.batching import tokenize
from lineas.training.events import Event
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe

RANK = 4
LEARNING_RATE = 4e-3


class LoReFT(Adapter):
    """``rotate`` R and ``weight`` W of shape (rank, width), ``bias`` c of shape (rank,) for each site."""

    kind: ClassVar[str] = "reft"
    parts: ClassVar[tuple[str, ...]] = ("rotate", "weight", "bias")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return parts["rotate"].shape[1]

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        at = placed(parts)
        return lambda output: edit(output, at(output), strength)


def edit(output: Tensor, parts: Mapping[str, Tensor], strength: float = 1.0) -> Tensor:
    """h + λRᵀ(Wh + c − Rh), computed in the parts' dtype; (…, width) to the same shape and dtype."""
    hidden = output.to(parts["rotate"].dtype)
    moved = hidden @ (parts["weight"] - parts["rotate"]).T + parts["bias"]
    return (hidden + strength * moved @ parts["rotate"]).to(output.dtype)


class Edit(nn.Module):
    """One site's edit while it is trained."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rotation = orthogonal(nn.Linear(width, RANK, bias=False))
        self.learned = nn.Linear(width, RANK)
        with torch.no_grad():
            self.learned.weight.copy_(self.parts()["rotate"])
            self.learned.bias.zero_()

    def parts(self) -> dict[str, Tensor]:
        rotate = cast(Tensor, self.rotation.weight)  # computed from the parametrisation
        return {"rotate": rotate, "weight": self.learned.weight, "bias": self.learned.bias}

    def forward(self, output: Tensor) -> Tensor:
        # a model that is spread over several cards returns each site's output on another
        return edit(output, {name: tensor.to(output.device) for name, tensor in self.parts().items()})


def train(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
) -> Iterator[Event]:
    """Events as of ``training.train``; loss and distance are both the next-token loss of the step's target sentences.

    Of the recipe count ``steps``, ``anchor_batch`` and ``max_tokens``.
    """
    recipe = recipe_for("reft", recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    places = own_sites("blocks")(model.network, sites)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        edits = {site.name: Edit(site.width).to(model.device) for site in places}
    learnt = yield from learn(
        model.network,
        [parameter for one in edits.values() for parameter in one.parameters()],
        tokenize(model, target, recipe.max_tokens),
        recipe,
        LEARNING_RATE,
        seed,
        lambda: intercept(model.network, edits),
    )
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "rank": RANK, "learning_rate": LEARNING_RATE}
    metadata = provenance(model, name, "reft", settings, source, target, learnt.metrics)
    steering = LoReFT({site: one.parts() for site, one in edits.items()}, metadata)
    message = f"All {recipe.steps} steps are done."
    yield done(steering, learnt.loss_start, learnt.loss_end, learnt.seconds, recipe.steps, message)
