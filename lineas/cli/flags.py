"""Flags, values and files that several commands share."""

import argparse
import json
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.cli.terminal import Terminal
from lineas.errors import LineasError, short
from lineas.files import ASSETS, as_path, home, path_exists, writing
from lineas.models.local import check_name
from lineas.models.quantize import QUANTIZED
from lineas.storage.names import LONGEST

if TYPE_CHECKING:
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap
    from lineas.storage import Concept, ConceptStore

MODEL = "default (built in, downloaded at first use), a Hugging Face id, a folder, or a .gguf file"
QUANTIZE = "load the model's weights in 8 or 4 bits, so that a larger one fits (needs the package bitsandbytes)"
MAP = "a map file, or the name of a concept in the studio"


def add_model_flag(parser: argparse.ArgumentParser, default: str | None = "default") -> None:
    parser.add_argument("--model", default=default, metavar="M", help=MODEL)
    parser.add_argument("--quantize", choices=QUANTIZED, help=QUANTIZE)


def load(name: str, terminal: Terminal, quantize: str | None, device: str | None = None) -> "LoadedModel":
    """Load a model, with a progress bar, and say what is unusual in it."""
    check_name(name)

    from lineas.models.load import load_model

    with terminal.progress() as progress:
        model = load_model(name, device=device, quantize=quantize, progress=progress)
    for note in model.notes:
        terminal.message(note)
    return model


def load_map(name: str) -> "SteeringMap":
    """Load a map by its file, or by the name of an own or ready-made concept.

    Raises:
        LineasError: there is no such map, or the file is damaged.
    """
    path = find_map(name)

    from lineas.steering.map import SteeringMap

    return SteeringMap.load(path)


def find_map(name: str, pictures: bool = False) -> Path:
    """Return the file of a map that is given by its path, or by the name of a concept.

    Args:
        pictures: look for a concept of a model that draws.

    Raises:
        LineasError: there is neither, or it is an archive.
    """
    from lineas.storage.archive import is_archive

    path = as_path(name)
    if path_exists(path):
        if path.is_file() and is_archive(path):
            page = "Pictures" if pictures else "My concepts"
            raise LineasError(
                f"{short(name, 200)!r} is a concept packed to be given away. Add it to the studio, on the page {page}, and use "
                "its name here."
            )
        return path
    if path.suffix or len(path.parts) > 1:
        raise LineasError(f"There is no map file at {short(name, 200)!r}. Check the name, or give that of a concept.")
    concepts = library(pictures).concepts()
    if found := _named(name, concepts):
        return found.path
    if _named(name, library(not pictures).concepts()):
        use = "text: 'lineas generate' writes" if pictures else "pictures: 'lineas picture generate' draws"
        raise LineasError(f"{short(name)!r} is a concept for {use} with it.")
    near = get_close_matches(name.casefold()[:LONGEST], [concept.name.casefold() for concept in concepts], n=3)
    meant = [concept.name for concept in concepts if concept.name.casefold() in near]
    advice = f"Did you mean {' or '.join(map(repr, meant))}?" if meant else "Check the name."
    existing = ", ".join(concept.name for concept in concepts[:20]) or "none yet; 'lineas train' makes one"
    kind = "picture concept" if pictures else "concept"
    raise LineasError(
        f"There is no map file and no {kind} {short(name, 200)!r}. {advice} {kind.capitalize()}s here: {existing}."
    )


def _named(name: str, concepts: "Sequence[Concept]") -> "Concept | None":
    for concept in concepts:
        if name.casefold() in map(str.casefold, (concept.name, concept.id, concept.id.partition(":")[2])):
            return concept
    return None


def library(pictures: bool = False) -> "ConceptStore":
    """The concepts of the home folder and the ready-made ones, as in the studio, for text or for a model that draws."""
    from lineas.data import load_presets
    from lineas.storage import ConceptStore, RunStore

    root = home() / "pictures" if pictures else home()
    assets = ASSETS / "pictures" if pictures else ASSETS
    return ConceptStore(root, RunStore(root), lambda: load_presets(assets), for_pictures=pictures)


def add_column_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--column", metavar="NAME", help="the column of the sentences, where a file is a table with several")
    add("--source-column", metavar="NAME", help="the same, of the file --source alone")
    add("--target-column", metavar="NAME", help="the same, of the file --target alone")


def read_examples(flags: argparse.Namespace, terminal: Terminal) -> tuple[list[str], list[str]]:
    """Read the sentences of the files ``--source`` and ``--target``, and print what was decided about them.

    Raises:
        LineasError: a file cannot be read, or nothing can be learned from them.
    """
    from lineas.data import refuse_errors

    source, target = read_sides(flags, terminal)
    refuse_errors(source, target)
    return source, target


def read_sides(flags: argparse.Namespace, terminal: Terminal) -> tuple[list[str], list[str]]:
    """Read the files as ``read_examples`` does, without a check of what can be learned from them."""
    from lineas.data import read_examples_file

    source = read_examples_file(flags.source, flags.source_column or flags.column, "source")
    target = read_examples_file(flags.target, flags.target_column or flags.column, "target")
    for note in dict.fromkeys((*source.notes, *target.notes)):
        terminal.message(f"Note: {note}")
    return source.sentences, target.sentences


def known_examples(metadata: Mapping[str, str]) -> tuple[list[str], list[str], str]:
    """Find source, target and instruction of a map among presets and runs, by the hash in its metadata; empty if unknown."""
    from lineas.data import load_presets
    from lineas.storage import RunStore
    from lineas.training.provenance import examples_hash

    try:
        wanted = json.loads(metadata.get("examples", "{}")).get("sha256")
    except (ValueError, AttributeError, RecursionError):  # another program's metadata
        wanted = None
    if wanted:
        for preset in load_presets():
            if examples_hash(preset.source, preset.target) == wanted:
                return list(preset.source), list(preset.target), preset.instruction
        for run in RunStore(home()).runs():
            with suppress(LineasError, OSError):
                source, target = run.sentences()
                if examples_hash(source, target) == wanted:
                    return list(source), list(target), ""
    return [], [], ""


def try_it(path: Path) -> str:
    """A command that tries a map, to be copied."""
    return f'lineas generate --map {shlex.quote(str(path))} --prompt "Tell me about your day." --strength 0 0.5 1'


def writable(text: str) -> Path:
    """Return the path of an output file, after checking that it can be written, before any work is done.

    Raises:
        LineasError: it cannot be written.
    """
    path = as_path(text)
    if path.is_dir():
        example = str(path / "pirate.safetensors")
        raise LineasError(f"{text!r} is a folder. Give the name of a file in it, such as {example!r}.")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.with_name(f".{path.name}.probe")
        probe.touch()
        probe.unlink()
    return path


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """An argparse ``type``: a number from ``low`` to ``high``."""
    return _between(float, "a number", low, high)


def whole(low: int, high: float = math.inf) -> Callable[[str], float]:
    """An argparse ``type``: a whole number from ``low`` to ``high``."""
    return _between(int, "a whole number", low, high)


def _between(kind: type[float], what: str, low: float, high: float) -> Callable[[str], float]:
    wanted = f"{what} of {low:,} or more" if high == math.inf else f"{what} from {low:,} to {high:,}"

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or value == math.inf:
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return parse
