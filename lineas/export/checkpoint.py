"""Export to a folder in transformers' format with the map folded into the weights."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from lineas.errors import LineasError
from lineas.export.base import Base
from lineas.export.fold import find_folds, fold, folded_state
from lineas.export.prove import Proof, Reference, proven, to_dtype
from lineas.export.stock import stock_network
from lineas.export.template import with_instruction
from lineas.models.quiet import quiet
from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Written:
    """What an export wrote.

    Attributes:
        architecture: class of the network, as its config names it.
        proofs: file or kind of export → how near it is to the steered model.
    """

    architecture: str
    proofs: Mapping[str, Proof]
    notes: tuple[str, ...] = ()


def write_checkpoint(base: Base, steering_map: SteeringMap, folder: Path, instruction: str = "") -> Written:
    """Write a folder that ``AutoModelForCausalLM.from_pretrained`` and vLLM load without LinEAS, and prove it.

    Args:
        steering_map: at the strength that is wanted.
        folder: an empty folder.
        instruction: goes into the chat template's default system turn.

    Raises:
        LineasError: the model cannot hold the map, or what was written is not the steered model; ``folder`` may then hold files.
    """
    network = base.model.network
    reference = Reference.of(base, steering_map)
    format_makes = 0.0 if base.dtype == torch.float32 else reference.rounded(to_dtype(base.dtype))
    try:
        folded = fold(network, steering_map, find_folds(network, steering_map))
        stock = stock_network(network, folded_state(network, folded))
    except LineasError as error:
        raise LineasError(f"A checkpoint cannot hold this map: {error} {next_best(base, steering_map)}") from error
    notes = () if type(stock) is type(network) else (f"Written as {type(stock).__name__}, which computes the same.",)
    if base.dtype != torch.float32:  # its rounding could hide a mistake at low strengths
        with tempfile.TemporaryDirectory(dir=folder, prefix="float32-") as exact:
            save(stock, Path(exact))
            proven(reference.compare(reload(Path(exact))), "folded model")
    cast: Any = stock  # the type of its method "to" does not know dtypes
    save(cast.to(base.dtype), folder)
    del stock, cast
    with_instruction(base.model.tokenizer, instruction).save_pretrained(folder)
    reloaded = reload(folder)
    proof = proven(reference.compare(reloaded, format_makes), "checkpoint")
    return Written(type(reloaded).__name__, {"checkpoint": proof}, notes)


def next_best(base: Base, steering_map: SteeringMap) -> str:
    """Say what to do with a map that a checkpoint cannot hold."""
    try:
        find_folds(base.model.network, steering_map)
    except LineasError:
        return (
            "Use the map file itself with LinEAS (lineas generate, or steer in Python), which is exact on every model."
        )
    return "Export it with --format peft, which is exact on this model, or use the map file itself with LinEAS."


def save(network: PreTrainedModel, folder: Path) -> None:
    """Save a network with the file modes that the folder's other files have; safetensors' own are for their owner only."""
    with quiet():
        network.save_pretrained(folder)
    mode = (folder / "config.json").stat().st_mode
    for file in folder.glob("*.safetensors"):
        file.chmod(mode)


def reload(folder: Path) -> PreTrainedModel:
    """Load a checkpoint in float32 by stock means.

    Raises:
        LineasError: a tensor that the architecture lacks, or one that is missing; transformers drops or makes up such tensors.
    """
    with quiet():
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True
        )
    network, report = loaded
    check_report(report)
    result: PreTrainedModel = network.eval()
    return result


def check_report(report: Mapping[str, Any]) -> None:
    """Raise a LineasError where transformers' loading report names a tensor."""
    if wrong := sorted(
        str(key) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") for key in report[kind]
    ):
        raise LineasError(
            f"What was written cannot be loaded completely ({wrong[0]} is the first of {len(wrong)} tensors), so it was deleted. "
            "Please report this with the name of the model; the map file itself works in LinEAS."
        )
