"""The model that a map is folded into, as it is on the disk."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from lineas.errors import LineasError
from lineas.models.builtin import default_model_folder
from lineas.models.cpu_linear import use_plain_linear_layers
from lineas.models.hub import fetch
from lineas.models.load import load_model, wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.local import find_path
from lineas.models.network import Checkpoint
from lineas.models.progress import Progress, silent
from lineas.models.quiet import quiet
from lineas.steering.adapter import Steering
from lineas.steering.hooks import check_fits
from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Base:
    """A model that a map is folded into.

    Attributes:
        model: float32 on the CPU, with PyTorch's own linear layers.
        dtype: what its files hold; float32 for GGUF, whose weights are unpacked.
        path: its folder or ``.gguf`` file; None for a network that is only in memory.
    """

    model: LoadedModel
    dtype: torch.dtype
    path: Path | None

    @property
    def name(self) -> str:
        """What ``from_pretrained`` of any program finds the model by: its id on the hub, or its path."""
        on_hub = self.path is None or (self.model.id != "default" and find_path(self.model.id) is None)
        return self.model.id if on_hub else str(self.path)

    def fresh_network(self) -> PreTrainedModel:
        """Read the network again, or copy it; this one may be changed."""
        if self.path is None:
            return copy.deepcopy(self.model.network)
        if self.path.is_file():
            return load_base(self.model.id).model.network
        with quiet():
            network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
                **Checkpoint(self.path, self.model.id).source, dtype=torch.float32, use_safetensors=True
            )
        network.eval()
        return network


def load_base(model: str | LoadedModel, progress: Progress = silent) -> Base:
    """Load the model that a map is folded into.

    Args:
        model: a name as in ``load_model``, or a model in memory, of which a copy is made; its dtype is then that of its weights.

    Raises:
        LineasError: as ``load_model``, or weights that are quantised and cannot be unpacked.
    """
    if isinstance(model, LoadedModel):
        network: Any = copy.deepcopy(model.network)
        use_plain_linear_layers(network)
        return Base(wrap_model(network.to("cpu", torch.float32), model.tokenizer, model.id), model.dtype, None)
    loaded = load_model(model, device="cpu", dtype="float32", progress=progress)
    use_plain_linear_layers(loaded.network)
    path = default_model_folder() if model == "default" else find_path(model) or fetch(model, weights=False)
    dtype = torch.float32
    if path.is_dir():
        config = AutoConfig.from_pretrained(**Checkpoint(path, model).source)
        if getattr(config, "quantization_config", None) is not None:
            raise LineasError(
                f"The weights of {model!r} are quantised, so a map cannot be folded into them. Export for the model that it was "
                "quantised from."
            )
        dtype = config.dtype or torch.float32
    vars(loaded.network.config).pop("quantization_config", None)  # what a GGUF file was packed by
    return Base(loaded, dtype, path)


def check_map(base: Base, steering: Steering) -> tuple[SteeringMap, str | None]:
    """Return the map, and a warning where the model has other weights than the one that it was made on.

    Raises:
        LineasError: an adapter, or a map for a model of another shape.
    """
    if not isinstance(steering, SteeringMap):
        raise LineasError(
            f"{steering.name or 'This concept'!r} is not a map but an adapter ({steering.kind}), which other programs cannot hold. "
            "Export a concept that was taught with the method lineas."
        )
    return steering, check_fits(base.model, steering)
