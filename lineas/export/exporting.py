"""Exports: one function for all formats, which writes a folder completely and proven, or not at all."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

from lineas.errors import LineasError
from lineas.export.base import Base, check_map, load_base
from lineas.export.checkpoint import Written, write_checkpoint
from lineas.export.gguf import write_gguf
from lineas.export.peft import write_adapter
from lineas.export.prove import Proof
from lineas.export.scope import ScopeChange, measure_scope
from lineas.files import writing
from lineas.models.loaded import LoadedModel
from lineas.models.progress import Progress, silent
from lineas.steering.adapter import Steering
from lineas.steering.map import SteeringMap

Format = Literal["checkpoint", "gguf", "peft"]
WITHOUT_INSTRUCTION = (
    "This concept works best together with its instruction, which is not in this export: without it a higher strength than the "
    "recommended one may be needed."
)


@dataclass(frozen=True)
class Exported:
    """An export that is on the disk and proven.

    Attributes:
        architecture: what holds the map: a class of transformers, or a kind of adapter.
        proofs: file or kind of export → how near it is to the steered model.
        scope: what folding changes; None for a concept that steers everything anyway.
        notes: sentences for people.
    """

    folder: Path
    format: Format
    strength: float
    model: str
    architecture: str
    proofs: Mapping[str, Proof]
    scope: ScopeChange | None
    notes: tuple[str, ...]

    @property
    def files(self) -> dict[str, int]:
        """Name and size in bytes of each file."""
        return {path.name: path.stat().st_size for path in sorted(self.folder.iterdir())}


def export(
    steering: Steering,
    folder: str | Path,
    *,
    format: Format = "checkpoint",
    strength: float = 1.0,
    model: str | LoadedModel = "default",
    instruction: str = "",
    examples: tuple[Sequence[str], Sequence[str]] = ((), ()),
    progress: Progress = silent,
) -> Exported:
    """Write a concept for other programs, at one strength, and prove that it is what LinEAS steers.

    Args:
        folder: a folder that is empty or does not exist.
        format: "checkpoint" (transformers, vLLM), "gguf" (llama.cpp, Ollama) or "peft" (an adapter).
        model: the model to fold into: a name, as ``load_model`` takes it, or one in memory.
        instruction: goes into the chat template's default system turn (not for "peft"); empty for none.
        examples: source and target, with which the effect of a concept of scope "answer" is measured.

    Raises:
        LineasError: the model cannot hold the map, the folder cannot be written, or what was written is not the steered model.
            The folder is then as before.

    Example:
        export(SteeringMap.load("pirate.safetensors"), "pirate-model", strength=0.75)
    """
    folder = Path(folder)
    if instruction and format == "peft":
        raise LineasError(
            "An adapter has no chat template that could hold the instruction. Export a checkpoint, or without it."
        )
    check_free(folder)
    base = load_base(model, progress)
    steering_map, warning = check_map(base, steering)
    steering_map = steering_map.at_strength(strength)
    scope = None
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.part")
        try:
            draft.mkdir()
            progress("Writing, and comparing with the steered model …", None)
            written = _write(base, steering_map, draft, format, instruction)
            if steering_map.metadata.get("scope") == "answer":
                progress("Measuring what it changes that everything is steered …", None)
                scope = measure_scope(base.model, steering_map, examples)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    told = steering_map.metadata.get("mode") == "both" and not instruction
    said = (*written.notes, WITHOUT_INSTRUCTION if told else "", warning or "", scope.sentence if scope else "")
    return Exported(
        folder, format, strength, base.model.id, written.architecture, written.proofs, scope, tuple(filter(None, said))
    )


def _write(base: Base, steering_map: SteeringMap, folder: Path, format: Format, instruction: str) -> Written:
    match format:
        case "checkpoint":
            return write_checkpoint(base, steering_map, folder, instruction)
        case "gguf":
            return write_gguf(base, steering_map, folder, file_stem(steering_map.name), instruction)
        case "peft":
            return write_adapter(base, steering_map, folder)


def file_stem(name: str) -> str:
    """A name as the beginning of a file's name."""
    return re.sub(r"[^\w-]+", "-", name).strip("-").lower()[:60] or "concept"


def check_free(folder: Path) -> None:
    """Raise LineasError where a folder holds something already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LineasError(
            f"{str(folder)!r} is there already, and is not empty. Name another folder, or delete it first."
        )
