"""LoReFT (Wu et al., arXiv 2404.03592, Eq. 2): h + Rᵀ(Wh + c − Rh) at block outputs, rank 4, trained on the target text.

R has orthonormal rows; in the subspace that they span, the edit replaces h by Wh + c. W starts as R and c as 0, so that training
starts from the plain model. As in LinEAS's comparison, every block and every token is edited, those of the answer too.

Left out: the paper's choice of blocks and of prompt positions, its weights tied between positions, and dropout.
"""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import orthogonal

from lineas.methods.fitting import default_sites
from lineas.methods.text_loss import Trainable, train_on_text
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Change, intercept

RANK = 4
LEARNING_RATE = 5e-4
"""Learning rate of the first step, chosen on the default model by the effect at 75 % of the plain relevance. On two presets 5e-4
reaches 0.32 and 0.72, 1.5e-3 reaches 0.29 and 0.73, at smaller λ; with 4e-3 text costs too much from λ = 0.02 on."""


class LoReFT(Adapter):
    """``rotate`` R and ``weight`` W of shape (rank, width) and ``bias`` c of shape (rank,) for each site."""

    kind: ClassVar[str] = "reft"
    parts: ClassVar[tuple[str, ...]] = ("rotate", "weight", "bias")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return parts["rotate"].shape[1]

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        on_device = placed(parts)
        return lambda output: edit(output, on_device(output), strength)


def edit(output: Tensor, parts: Mapping[str, Tensor], strength: float = 1.0) -> Tensor:
    """h + λRᵀ(Wh + c − Rh), computed in the parts' dtype; shape (…, width) and dtype stay."""
    hidden = output.to(parts["rotate"].dtype)
    moved = hidden @ (parts["weight"] - parts["rotate"]).T + parts["bias"]
    return (hidden + strength * moved @ parts["rotate"]).to(output.dtype)


class TrainedEdit(nn.Module):
    """One site's edit during training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rotation = orthogonal(nn.Linear(width, RANK, bias=False))
        self.learned = nn.Linear(width, RANK)
        with torch.no_grad():
            self.learned.weight.copy_(self.parts()["rotate"])
            self.learned.bias.zero_()

    def parts(self) -> dict[str, Tensor]:
        """The parts of a LoReFT."""
        rotate = cast(Tensor, self.rotation.weight)  # computed from the parametrisation
        return {"rotate": rotate, "weight": self.learned.weight, "bias": self.learned.bias}

    def forward(self, output: Tensor) -> Tensor:
        # a model that is spread over several cards returns each site's output on another
        return edit(output, {name: tensor.to(output.device) for name, tensor in self.parts().items()})


def prepare(model: LoadedModel, sites: str, seed: int) -> Trainable:
    """New edits at every block (for "default"), or at the given sites."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        edits = {
            site.name: TrainedEdit(site.width).to(model.device)
            for site in default_sites("blocks")(model.network, sites)
        }
    return Trainable(
        model.network,
        [parameter for one in edits.values() for parameter in one.parameters()],
        lambda metadata: LoReFT({site: one.parts() for site, one in edits.items()}, metadata),
        RANK,
        LEARNING_RATE,
        lambda: intercept(model.network, edits),
    )


train = partial(train_on_text, "reft", prepare)
