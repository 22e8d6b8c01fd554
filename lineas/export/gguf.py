"""Export to GGUF files, which llama.cpp, Ollama and LM Studio run."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gguf
import torch
from torch import Tensor
from transformers import PreTrainedModel, modeling_gguf_pytorch_utils

from lineas.errors import LineasError, first_line
from lineas.export.base import Base
from lineas.export.checkpoint import Written, reload, write_checkpoint
from lineas.export.gguf_file import INSTALL, KINDS, Kind, round_to, write_file
from lineas.export.prove import Proof, Reference, proven
from lineas.models.gguf import patched_gguf
from lineas.models.quiet import quiet
from lineas.steering.map import SteeringMap

CONVERTER = "convert_hf_to_gguf.py"
WITH_BIASES = ("llama",)
"""Architectures whose MLP has biases in llama.cpp, and that transformers reads back."""


def write_gguf(base: Base, steering_map: SteeringMap, folder: Path, stem: str, instruction: str = "") -> Written:
    """Write ``<stem>-f16.gguf``, ``<stem>-q8_0.gguf`` and a Modelfile for Ollama, and prove the files.

    llama.cpp's own converter writes them where it is installed (on the PATH, or in the folder LLAMA_CPP), else the package gguf.

    Args:
        steering_map: at the strength that is wanted.
        folder: an empty folder.
        instruction: as in ``write_checkpoint``.

    Raises:
        LineasError: as ``write_checkpoint``, or llama.cpp cannot run such a model; ``folder`` may then hold files.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="checkpoint-") as name:
        checkpoint = Path(name)
        written = write_checkpoint(base, steering_map, checkpoint, instruction)
        network = reload(checkpoint)
        added = network.state_dict().keys() - base.model.network.state_dict().keys()
        if added and (family := network.config.model_type) not in WITH_BIASES:
            raise LineasError(
                f"A GGUF file cannot hold this map: llama.cpp's {family!r} has no biases where the map's shift must go, or none "
                "that can be checked here. Export it with --format checkpoint, which is exact."
            )
        reference = Reference.of(base, steering_map)
        files = {kind: folder / f"{stem}-{kind}.gguf" for kind in KINDS}
        for kind, path in files.items():
            _write(path, kind, stem, network, base, checkpoint)
        proofs = {path.name: _prove(path, network, reference, kind) for kind, path in files.items()}
    (folder / "Modelfile").write_text(modelfile(stem, instruction), encoding="utf-8")
    return replace(written, proofs=proofs)


def converter() -> str | None:
    """Path of llama.cpp's converter; None where it is not installed."""
    return shutil.which(CONVERTER) or shutil.which(CONVERTER, os.F_OK, os.environ.get("LLAMA_CPP", ""))


def modelfile(stem: str, instruction: str = "") -> str:
    """A recipe for ``ollama create``; Ollama takes the chat format from the file, where it knows it."""
    said = instruction.replace('"""', "'")  # Ollama knows no way to write these inside of them
    system = f'SYSTEM """{said}"""\n' if said else ""
    return f"FROM ./{stem}-q8_0.gguf\nPARAMETER temperature 0.7\n{system}"


def _write(path: Path, kind: Kind, stem: str, network: PreTrainedModel, base: Base, checkpoint: Path) -> None:
    if script := converter():
        _convert(script, checkpoint, path, kind)
    elif network.config.model_type == "llama":
        write_file(path, kind, stem, network, base.model.tokenizer, checkpoint)
    else:
        raise LineasError(
            f"Only llama.cpp's converter writes GGUF files of {network.config.model_type!r} models. {INSTALL}"
        )


def _convert(script: str, checkpoint: Path, path: Path, kind: Kind) -> None:
    command = [sys.executable, script, str(checkpoint), "--outfile", str(path), "--outtype", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not path.is_file():
        said = first_line(Exception("\n".join(reversed(done.stderr.splitlines())))) or "it said nothing"
        raise LineasError(
            f"llama.cpp's converter {script!r} failed: {said}. Update llama.cpp, or remove it from the PATH and from LLAMA_CPP, so "
            "that LinEAS writes the file."
        )


def _prove(path: Path, network: PreTrainedModel, reference: Reference, kind: Kind) -> Proof:
    """Read a file back with transformers' own reader, into the network of the checkpoint, and compare.

    Raises:
        LineasError: a tensor is missing, a vector (all that a map changes) has other values, or the file is not the steered model.
    """
    with patched_gguf(), quiet():
        try:
            read = modeling_gguf_pytorch_utils.load_gguf_checkpoint(
                str(path), return_tensors=True, model_to_load=network
            )
        except (ValueError, NotImplementedError) as error:
            raise LineasError(
                f"A GGUF file of a {network.config.model_type!r} model cannot be checked here, so it was deleted. Export it with "
                "--format checkpoint, which is exact, and convert that."
            ) from error
    tensors = read["tensors"]
    tied = {"lm_head.weight"} if network.config.tie_word_embeddings else set()
    own = {name: tensor for name, tensor in network.state_dict().items() if name not in tied}
    if wrong := [
        name
        for name, tensor in own.items()
        if name not in tensors or (tensor.ndim == 1 and not torch.equal(tensor, tensors[name].float()))
    ]:
        raise LineasError(
            f"The GGUF file lacks {wrong[0]!r} or holds other values there (and in {len(wrong) - 1} more tensors), so it was "
            "deleted. Please report this with the name of the model; the map file itself works in LinEAS."
        )
    network.load_state_dict(tensors, strict=False)
    return proven(reference.compare(network, reference.rounded(_rounding(kind))), "GGUF file")


def _rounding(kind: Kind) -> Callable[[PreTrainedModel], Callable[[], None]]:
    """A ``change`` for ``Reference.rounded``: weights as the file holds them."""

    def change(network: PreTrainedModel) -> Callable[[], None]:
        kept: list[tuple[Tensor, Tensor]] = []
        for parameter in network.parameters():
            if parameter.ndim > 1:
                kept.append((parameter.data, parameter.data.clone()))
                data, stored = round_to(parameter.data.numpy(), kind)
                parameter.data.copy_(torch.from_numpy(gguf.dequantize(data, stored)))

        def undo() -> None:
            for now, before in kept:
                now.copy_(before)

        return undo

    return change
