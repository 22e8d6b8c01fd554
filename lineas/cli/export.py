"""``lineas export``: a concept for other programs, folded into a model's weights."""

import argparse
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import MAP, add_model_flag, find_map, known_examples, number
from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError
from lineas.files import as_path
from lineas.models.local import check_name
from lineas.storage.concept import from_header
from lineas.storage.names import clean_text

if TYPE_CHECKING:
    from lineas.export.exporting import Exported
    from lineas.steering.adapter import Steering

HELP = "write a concept for transformers, vLLM, llama.cpp, Ollama or PEFT"
EXAMPLE = """\
  lineas export pirate --format checkpoint --strength 0.75 --out pirate-model
  lineas export pirate --format gguf --strength 0.75 --out pirate-gguf
  lineas export mine.safetensors --format peft --model Qwen/Qwen2.5-1.5B-Instruct --out mine-adapter

  formats:
  checkpoint        a folder that transformers and vLLM load
  gguf              F16 and Q8_0 files for llama.cpp, LM Studio and Ollama
  peft              an adapter for the PEFT library
  card              the map itself with a README.md, as `lineas push` puts it on the Hugging Face hub
  The strength is fixed in all but the last. What was written is loaded again and compared with the steered model before it is
  kept."""
FORMATS = ("checkpoint", "gguf", "peft", "card")


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("map", help=MAP)
    add("--format", required=True, choices=FORMATS, help="what to write")
    add("--out", required=True, metavar="DIR", help="the folder to write; it must be new or empty")
    add(
        "--strength", type=number(-10, 10), metavar="NUMBER", help="strength to fold in (default: the recommended one)"
    )
    add("--with-instruction", action="store_true",
        help="also write the concept's instruction into the chat template, for chats that bring no system prompt")  # fmt: skip
    add_model_flag(parser)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    began = time.perf_counter()
    path = find_map(flags.map)
    check_name(flags.model)

    from lineas.export.exporting import export
    from lineas.methods.load import load_steering

    steering = load_steering(path)
    if flags.format == "card":
        _write_card(steering, as_path(flags.out), terminal)
        return
    source, target, instruction = known_examples(steering.metadata)
    instruction = clean_text(steering.metadata.get("instruction") or instruction)
    if flags.with_instruction and flags.format == "peft":
        raise WrongUse("an adapter holds no chat template: --with-instruction works with checkpoint and gguf")
    if flags.with_instruction and not instruction:
        raise WrongUse("--with-instruction: this map has no instruction")
    strength = flags.strength if flags.strength is not None else _recommended(steering.metadata)
    with terminal.progress() as progress:
        exported = export(
            steering,
            as_path(flags.out),
            format=flags.format,
            strength=strength,
            model=flags.model,
            instruction=instruction if flags.with_instruction else "",
            examples=(source, target),
            progress=progress,
        )
    terminal.result(document(exported, time.perf_counter() - began), text(exported))


def _write_card(steering: "Steering", folder: Path, terminal: Terminal) -> None:
    from lineas.export.exporting import check_free
    from lineas.steering.map import SteeringMap

    if not isinstance(steering, SteeringMap):
        raise LineasError("Only maps have a card. This is what another method trained.")
    check_free(folder)
    steering.save_pretrained(folder)
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    terminal.result({"out": str(folder), "format": "card", "files": files}, f"The map and its card are now {folder}.")


def document(exported: "Exported", seconds: float) -> dict[str, Any]:
    """An export as JSON."""
    return {
        "out": str(exported.folder),
        "format": exported.format,
        "strength": exported.strength,
        "model": exported.model,
        "architecture": exported.architecture,
        "files": exported.files,
        "proofs": {name: asdict(proof) for name, proof in exported.proofs.items()},
        "scope": asdict(exported.scope) if exported.scope else None,
        "notes": list(exported.notes),
        "seconds": round(seconds, 1),
    }


def text(exported: "Exported") -> str:
    """An export in a few lines, and how it is used."""
    size = sum(exported.files.values()) / 1e6
    lines = [f"Strength {exported.strength:g} is now {exported.folder} ({exported.architecture}, {size:,.0f} MB)."]
    for name, proof in exported.proofs.items():
        lines.append(
            f"Loaded again, the {name} differs from the steered model by at most {proof.difference:.2g} at {proof.tokens} tokens; "
            f"rounding may make {proof.limit:.2g}, and the map moves logits by up to {proof.effect:.3g}."
        )
    return "\n".join([*lines, *exported.notes, "Use it:", *(f"  {line}" for line in usage(exported))])


def usage(exported: "Exported") -> list[str]:
    """Commands or code that use an export."""
    folder, name = str(exported.folder), exported.folder.name
    match exported.format:
        case "checkpoint":
            return [f"AutoModelForCausalLM.from_pretrained({folder!r})", f"vllm serve {shlex.quote(folder)}"]
        case "gguf":
            file = next(str(exported.folder / file) for file in exported.files if file.endswith("q8_0.gguf"))
            recipe = shlex.quote(str(exported.folder / "Modelfile"))
            return [f"llama-cli -m {shlex.quote(file)}", f"ollama create {shlex.quote(name)} -f {recipe}"]
        case "peft":
            return [f"AutoPeftModelForCausalLM.from_pretrained({folder!r})"]


def _recommended(metadata: Mapping[str, str]) -> float:
    return from_header("", "imported", Path(), metadata).recommended_strength
