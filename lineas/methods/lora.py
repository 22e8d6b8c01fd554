"""LoRA (Hu et al., arXiv 2106.09685, Eq. 3): Wx + (α/r)·BAx at the linear layers of every attention (q, k, v, o), rank 8, by peft.

Trained on the next-token loss of the target sentences. Strength λ multiplies BA: 0 is the plain model, 1 what was trained.

peft replaces modules of the network in place. It gets a second network that shares the first one's weights, so that other users of
the model do not notice the training. Afterwards the low-rank branch is added by hooks, like all steering.

Left out: adapters on the MLP, dropout, and saving in peft's own format.
"""

import copy
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lineas.methods.text_loss import Trainable, train_on_text
from lineas.models.loaded import LoadedModel
from lineas.models.sites import find_sites
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Branch, Change

if TYPE_CHECKING:
    from peft import PeftModel

RANK = 8
ALPHA = 16
LEARNING_RATE = 1e-3
"""Learning rate of the first step, chosen on the default model by the effect at 75 % of the plain relevance: on three presets 0.29,
0.74 and 0.43; 3e-3 reaches 0.29, 0.79 and 0.33."""


class LoRA(Adapter):
    """``down`` A of shape (rank, input width) and ``up`` (α/r)·B of shape (width, rank) for each linear layer."""

    kind: ClassVar[str] = "lora"
    parts: ClassVar[tuple[str, ...]] = ("down", "up")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return len(parts["up"])

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        on_device = placed(parts)

        def add_branch(output: Tensor, layer_input: Tensor) -> Tensor:
            p = on_device(output)
            branch = layer_input.to(p["down"].dtype) @ p["down"].T @ p["up"].T
            return (output + strength * branch).to(output.dtype)

        return Branch(add_branch)


def attention_linears(network: PreTrainedModel, sites: str = "default") -> list[str]:
    """Names of the linear layers in each attention, in any model family, or of those in other ``sites``."""
    return [
        f"{site.name}.{name}".removesuffix(".")
        for site in find_sites(network, "attention" if sites == "default" else sites)
        for name, module in network.get_submodule(site.name).named_modules()
        if isinstance(module, nn.Linear | Conv1D)
    ]


def with_new_adapters(network: PreTrainedModel, layers: Sequence[str], seed: int) -> "PeftModel":
    """A second network around the same weights, with a new adapter at each of ``layers``; ``network`` is not touched."""
    from peft import LoraConfig, get_peft_model

    shared = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft warns about what it then corrects by itself
        torch.manual_seed(seed)
        config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(layers), task_type="CAUSAL_LM")
        return get_peft_model(copy.deepcopy(network, shared), config)


def adapter_tensors(network: "PeftModel") -> dict[str, dict[str, Tensor]]:
    """The adapters of ``with_new_adapters`` as the tensors of a LoRA: layer → parts."""
    from peft.tuners.lora import LoraLayer

    return {
        name: {
            "down": cast(Tensor, module.lora_A["default"].weight),
            "up": module.scaling["default"] * cast(Tensor, module.lora_B["default"].weight),
        }
        for name, module in network.get_base_model().named_modules()
        if isinstance(module, LoraLayer)
    }


def prepare(model: LoadedModel, sites: str, seed: int) -> Trainable:
    """New adapters at the linear layers of every attention (for "default"), or at those in the given sites."""
    network = with_new_adapters(model.network, attention_linears(model.network, sites), seed)
    return Trainable(
        network,
        [parameter for parameter in network.parameters() if parameter.requires_grad],
        lambda metadata: LoRA(adapter_tensors(network), metadata),
        RANK,
        LEARNING_RATE,
    )


train = partial(train_on_text, "lora", prepare)
