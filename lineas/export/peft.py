"""Export to an adapter of the PEFT library, which leaves the model's own files alone."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from peft import LNTuningConfig, LoraConfig, PeftConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import PreTrainedModel

from lineas.errors import LineasError
from lineas.export.base import Base
from lineas.export.checkpoint import Written
from lineas.export.fold import Folded, find_folds, fold
from lineas.export.prove import Reference, proven
from lineas.models.quiet import quiet
from lineas.steering.map import SteeringMap


def write_adapter(base: Base, steering_map: SteeringMap, folder: Path) -> Written:
    """Write an adapter that ``PeftModel.from_pretrained`` puts on the model, and prove it.

    Where the map goes into weights and biases of norms only, it is LN-tuning; else LoRA of rank 1, of which only the biases are
    used, with the norms saved whole. Its strength is fixed: PEFT scales neither biases nor saved modules.

    Args:
        steering_map: at the strength that is wanted.
        folder: an empty folder.

    Raises:
        LineasError: no adapter can hold the map, or what was written is not the steered model; ``folder`` may then hold files.
    """
    reference = Reference.of(base, steering_map)
    try:
        folds = find_folds(base.model.network, steering_map)
    except LineasError as error:
        raise LineasError(
            f"An adapter cannot hold this map: {error} Use the map file itself with LinEAS (lineas generate, or steer in Python), "
            "which is exact on every model."
        ) from error
    folded = fold(base.model.network, steering_map, folds)
    tuned = not folded.shifts
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PEFT takes biases without a low-rank part, and LayerNorms, for mistakes
        adapted = _adapt(base.fresh_network(), _ln_tuning(folded) if tuned else _lora(folded))
        _fill(adapted, folded)
        adapted.peft_config["default"].base_model_name_or_path = base.name
        adapted.save_pretrained(folder, save_embedding_layers=False)
        (folder / "README.md").unlink()  # PEFT's form to be filled in
        del adapted
        reloaded: Any = PeftModel.from_pretrained(base.fresh_network(), folder)
        proof = reference.compare(reloaded.eval())
    return Written("LN-tuning" if tuned else "LoRA", {"adapter": proven(proof, "adapter")})


def _adapt(network: PreTrainedModel, config: PeftConfig) -> Any:
    try:
        return get_peft_model(network, config)
    except ValueError as error:  # PEFT adapts no layer of Mamba whose weight a fused kernel reads
        raise LineasError(
            f"An adapter cannot hold this map: in {network.config.model_type!r} models PEFT does not adapt the layers that the "
            "map's shift must go into. Export it with --format checkpoint, or use the map file itself with LinEAS."
        ) from error


def _ln_tuning(folded: Folded) -> LNTuningConfig:
    return LNTuningConfig(task_type="CAUSAL_LM", target_modules=_modules(folded.norms))


def _lora(folded: Folded) -> LoraConfig:
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=1,
        lora_alpha=1,  # PEFT multiplies the bias by lora_alpha / r
        lora_bias=True,
        target_modules=_modules(folded.shifts),
        modules_to_save=_modules(folded.norms) or None,
    )


def _modules(parameters: Iterable[str]) -> list[str]:
    """Names of the modules that these parameters belong to."""
    return list(dict.fromkeys(name.rpartition(".")[0] for name in parameters))


@torch.no_grad()
def _fill(adapted: Any, folded: Folded) -> None:
    """Write a folded map into the adapter's own parameters."""
    for name, parameter in adapted.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            module, _, kind = name.removeprefix("base_model.model.").partition(".lora_")
            value: Tensor | float = folded.shifts[f"{module}.bias"] if kind == "B.default.bias" else 0.0
            parameter.copy_(torch.as_tensor(value))
        elif ".modules_to_save.default." in name:
            parameter.copy_(folded.norms[_own(name, ".modules_to_save.default.")])
        elif ".ln_tuning_layers.default." in name:
            parameter.copy_(folded.norms[_own(name, ".ln_tuning_layers.default.")])


def _own(name: str, between: str) -> str:
    """The name that a parameter has in the network without an adapter."""
    return name.removeprefix("base_model.model.").replace(between, ".")
