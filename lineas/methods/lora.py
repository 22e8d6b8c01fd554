"""LoRA (Hu et al., arXiv 2106.09685): Wx + (α/r)·BAx at the linear layers of every attention (q, k, v, o), rank 8, by peft.

Trained on next-token loss of the target sentences; the source is not used. Strength λ multiplies BA, so 0 is the plain model
and 1 what was trained.

peft swaps modules of the network in place. It gets a second network to do that to, of the same weights in the same memory, so
that whoever uses the model meanwhile sees nothing of it; afterwards the low-rank branch is added as all steering is.

Left out: adapters on the MLP, dropout, and saving in peft's own format.
"""

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lineas.methods import recipe_for
from lineas.methods.fitting import done
from lineas.methods.text_loss import learn
from lineas.models.loaded import LoadedModel
from lineas.models.sites import find_sites
from lineas.steering.adapter import Adapter, placed
from lineas.steering.intercept import Branch, Change
from lineas.training.batching import tokenize
from lineas.training.events import Event
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe

if TYPE_CHECKING:
    from peft import PeftModel

RANK = 8
ALPHA = 16
LEARNING_RATE = 1e-3


class LowRank(Adapter):
    """``down`` A of shape (rank, input width) and ``up`` (α/r)·B of shape (width, rank) for each linear layer."""

    kind: ClassVar[str] = "lora"
    parts: ClassVar[tuple[str, ...]] = ("down", "up")

    def width(self, parts: Mapping[str, Tensor]) -> int:
        return len(parts["up"])

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        at = placed(parts)

        def beside(output: Tensor, given: Tensor) -> Tensor:
            own = at(output)
            branch = given.to(own["down"].dtype) @ own["down"].T @ own["up"].T
            return (output + strength * branch).to(output.dtype)

        return Branch(beside)


def attention_linears(network: PreTrainedModel, sites: str = "default") -> list[str]:
    """Names of the linear layers in each attention, whatever the family calls them; or of those in other ``sites``."""
    places = find_sites(network, "attention" if sites == "default" else sites)
    return [
        f"{place.name}.{name}".removesuffix(".")
        for place in places
        for name, module in network.get_submodule(place.name).named_modules()
        if isinstance(module, nn.Linear | Conv1D)
    ]


def adapted(network: PreTrainedModel, layers: Sequence[str], seed: int) -> "PeftModel":
    """Another network around the same weights, with a new adapter at each of ``layers``; the given one is not touched."""
    from peft import LoraConfig, get_peft_model

    shared = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft's own, about what it then puts right by itself
        torch.manual_seed(seed)
        config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(layers), task_type="CAUSAL_LM")
        return get_peft_model(copy.deepcopy(network, shared), config)


def extract(network: "PeftModel") -> dict[str, dict[str, Tensor]]:
    """The adapters of ``adapted``: layer → parts of a LowRank."""
    from peft.tuners.lora import LoraLayer

    return {
        name: {
            "down": cast(Tensor, module.lora_A["default"].weight),
            "up": module.scaling["default"] * cast(Tensor, module.lora_B["default"].weight),
        }
        for name, module in network.get_base_model().named_modules()
        if isinstance(module, LoraLayer)
    }


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
    recipe = recipe_for("lora", recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    network = adapted(model.network, attention_linears(model.network, sites), seed)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    rows = tokenize(model, target, recipe.max_tokens)
    learnt = yield from learn(network, trained, rows, recipe, LEARNING_RATE, seed)
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "rank": RANK, "learning_rate": LEARNING_RATE}
    metadata = provenance(model, name, "lora", settings, source, target, learnt.metrics)
    steering = LowRank(extract(network), metadata)
    message = f"All {recipe.steps} steps are done."
    yield done(steering, learnt.loss_start, learnt.loss_end, learnt.seconds, recipe.steps, message)
