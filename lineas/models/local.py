"""Models that are on this computer, found without opening them: their names, families and sizes. No torch, no network."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lineas.errors import LineasError
from lineas.files import as_path, atomic_write, writing
from lineas.models import builtin as default
from lineas.models.gguf_header import read_header

Kind = Literal["built-in", "hub", "folder", "gguf"]
NAMED = "named.txt"
"""In the home's ``models``: the files and folders that people named, one a line."""
MOST = 200
_WRITES = re.compile(r"ForCausalLM$|LMHeadModel$|ForConditionalGeneration$")


@dataclass(frozen=True)
class LocalModel:
    """A model that could be loaded.

    Attributes:
        name: as ``load_model`` takes it.
        path: where it is; None for one of the hub that has not been fetched, and for the built-in one before its first use.
        family: transformers' ``model_type`` or GGUF's architecture; empty where unknown.
        parameters: number of weights; None where unknown.
    """

    name: str
    kind: Kind
    path: Path | None = None
    family: str = ""
    parameters: int | None = None


class LocalModels:
    """Args: folder: the home's ``models``; it need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def models(self) -> list[LocalModel]:
        """The built-in model, what stands in the home, what people named, and what Hugging Face's tools fetched."""
        from huggingface_hub import constants

        found = [self.look_at("default"), *_inside(self._folder)]
        for name in self._named():
            path = as_path(name)
            found += [model] if (model := _read(path)) else _inside(path)
        found += _of_hub(Path(constants.HF_HUB_CACHE))
        unique = {(model.path or model.name): model for model in reversed(found)}
        return [*reversed(unique.values())][:MOST]

    def look_at(self, name: str) -> LocalModel:
        """What a name stands for, as ``load_model`` would understand it.

        Raises:
            LineasError: for a path that leads to nothing, or to no model that writes text.
        """
        name = name.strip()
        if name == "default":
            folder = self._folder / default.NAME
            found = _read_folder(folder)
            return LocalModel(name, "built-in", folder if found else None, "llama", default.PARAMETERS)
        path = as_path(name)
        if name and _exists(path):
            if model := _read(path, name):
                return model
            raise LineasError(
                f"{name!r} is no model that can be loaded. It must be a .gguf file, or a folder with config.json and "
                ".safetensors files of a model that writes text."
            )
        if name.startswith((".", "/", "~")) or "\\" in name or path.suffix.lower() == ".gguf":
            raise LineasError(f"There is no file or folder {name!r}. Check the spelling.")
        if not re.fullmatch(r"[\w.-]{1,96}(/[\w.-]{1,96})?", name):
            raise LineasError(
                f"{name[:200]!r} is not the name of a model. A model is a name on Hugging Face like "
                "'Qwen/Qwen2.5-0.5B-Instruct', a folder, or a .gguf file."
            )
        here = next((m for m in self.models() if m.name == name), None)
        return here or LocalModel(name, "hub", None, _family_in(name), _parameters_in(name))

    def inside(self, name: str) -> list[LocalModel]:
        """The models of which a folder is full, where the name is that of a folder and not of a model."""
        path = as_path(name.strip())
        return _inside(path) if name.strip() and _exists(path) and _read(path) is None else []

    def remember(self, name: str) -> None:
        """Keeps a file or folder that a person named, so that it is found from now on; a name of the hub needs no keeping."""
        path = as_path(name.strip()).absolute()
        kept = self._named()
        if not _exists(path) or str(path) in kept or self._folder in path.parents:
            return
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        atomic_write(self._folder / NAMED, "".join(f"{line}\n" for line in [*kept, path]))

    def _named(self) -> list[str]:
        try:
            text = (self._folder / NAMED).read_text("utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()]


def _inside(folder: Path) -> list[LocalModel]:
    """The models of which a folder is full."""
    return [model for path in _entries(folder) if path.name != default.NAME and (model := _read(path))]


def _of_hub(cache: Path) -> Iterator[LocalModel]:
    """Whole models in the folder in which Hugging Face's tools keep what they fetched."""
    for folder in _entries(cache):
        if folder.name.startswith("models--"):
            name = folder.name.removeprefix("models--").replace("--", "/")
            snapshots = sorted(_entries(folder / "snapshots"), key=lambda path: path.stat().st_mtime, reverse=True)
            model = next((model for path in snapshots if (model := _read_folder(path))), None)
            if model:
                yield LocalModel(name, "hub", model.path, model.family, model.parameters)


def _read(path: Path, name: str = "") -> LocalModel | None:
    """The model that a file or folder is."""
    if path.suffix.lower() != ".gguf" or path.is_dir():
        model = _read_folder(path)
        return model and LocalModel(name or model.name, "folder", path, model.family, model.parameters)
    try:
        header = read_header(path)
    except (OSError, ValueError):
        return None
    return LocalModel(name or str(path), "gguf", path, header.architecture, header.parameters)


def _read_folder(folder: Path) -> LocalModel | None:
    config = _json(folder / "config.json")
    kinds = config.get("architectures")
    writes = isinstance(kinds, list) and any(_WRITES.search(str(kind)) for kind in kinds)
    wanted = set(_mapping(_json(folder / "model.safetensors.index.json").get("weight_map")).values())
    files = [folder / str(name) for name in wanted] or [*folder.glob("model*.safetensors")]
    if not writes or config.get("is_encoder_decoder") or not files or not all(map(Path.exists, files)):
        return None
    return LocalModel(str(folder), "folder", folder, str(config.get("model_type", "")), _count(files))


def _count(files: Iterable[Path]) -> int | None:
    """Number of weights, from the heads of the files."""
    from safetensors import SafetensorError, safe_open

    count = 0
    try:
        for path in files:
            with safe_open(path, framework="numpy") as file:
                for name in file.keys():
                    size = 1
                    for length in file.get_slice(name).get_shape():
                        size *= length
                    count += size
    except (OSError, SafetensorError):
        return None
    return count


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a path, or with a zero in it
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _json(path: Path) -> dict[str, Any]:
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _family_in(name: str) -> str:
    """A guess from a name on the hub."""
    families = {"qwen3": "qwen3", "qwen": "qwen2", "gemma-2": "gemma2", "gemma-3": "gemma3", "llama": "llama",
                "smollm3": "smollm3", "smollm": "llama", "mistral": "mistral", "gpt2": "gpt2"}  # fmt: skip
    return next((family for part, family in families.items() if part in name.lower()), "")


def _parameters_in(name: str) -> int | None:
    """A guess as well: the "1.5B" or "360M" that most names hold."""
    size = re.search(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])", name.lower())
    return round(float(size[1]) * {"b": 1e9, "m": 1e6}[size[2]]) if size else None
