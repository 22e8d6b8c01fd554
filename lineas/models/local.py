"""Models on this computer, described without loading them: names, families and sizes. Needs neither torch nor a network."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from lineas.errors import LineasError, short
from lineas.files import as_path, atomic_write, make_folder, path_exists
from lineas.models import builtin as default
from lineas.models.gguf_header import read_header
from lineas.models.kinds import writes_text

Kind = Literal["built-in", "hub", "folder", "gguf"]
NAMED = "named.txt"
"""Name of the file in the home's ``models`` that lists the files and folders that people added, one per line."""
MAX_MODELS = 200
CALLED_DEFAULT = "or choose the built-in model, 'default'"
"""Advice in an error."""


@dataclass(frozen=True)
class LocalModel:
    """A model that could be loaded.

    Attributes:
        name: as ``load_model`` takes it.
        path: None if a hub model, or the built-in one, has not been fetched.
        family: transformers' ``model_type`` or GGUF's architecture; empty if unknown.
        parameters: number of weights; None if unknown.
    """

    name: str
    kind: Kind
    path: Path | None = None
    family: str = ""
    parameters: int | None = None


def find_path(name: str) -> Path | None:
    """Find the file or folder of a model's name; None for a name that can only be one on the hub.

    Raises:
        LineasError: a blank name, or one that looks like a path but leads nowhere.
    """
    if not name.strip():
        raise LineasError("No model was named. Give 'default', a name on Hugging Face, a folder, or a .gguf file.")
    path = as_path(name)
    if path_exists(path):
        return path
    if name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1 or path.suffix.lower() == ".gguf":
        raise LineasError(f"There is no file or folder {short(name, 200)!r}. Check the spelling, {CALLED_DEFAULT}.")
    return None


def check_name(name: str) -> Path | None:
    """Return the path of a model's name; None for the built-in model and for a name on the hub.

    Raises:
        LineasError: no model can have this name.
    """
    if name == "default":
        return None
    if (path := find_path(name)) is None and not re.fullmatch(r"[\w.-]{1,96}(/[\w.-]{1,96})?", name):
        raise LineasError(
            f"{short(name, 200)!r} is not the name of a model. A model is a name on Hugging Face like "
            "'Qwen/Qwen2.5-0.5B-Instruct', a folder, or a .gguf file."
        )
    return path


class LocalModels:
    """The list of models on this computer.

    Args:
        folder: the home's ``models``; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def models(self) -> list[LocalModel]:
        """List the built-in model, those in the home, those that people added, and those in Hugging Face's cache."""
        from huggingface_hub import constants

        found = [self.look_at("default"), *_models_in(self._folder)]
        for name in self._named():
            path = as_path(name)
            found += [model] if (model := _read_model(path)) else _models_in(path)
        found += _hub_cache(Path(constants.HF_HUB_CACHE))
        unique = {(model.path or model.name): model for model in reversed(found)}
        return [*reversed(unique.values())][:MAX_MODELS]

    def look_at(self, name: str) -> LocalModel:
        """Describe the model that ``load_model`` would load by this name.

        Raises:
            LineasError: a path that leads nowhere, or to something that is no language model.
        """
        name = name.strip()
        if name == "default":
            folder = self._folder / default.NAME
            found = _read_folder(folder)
            return LocalModel(name, "built-in", folder if found else None, "llama", default.PARAMETERS)
        if path := check_name(name):
            if model := _read_model(path):
                return replace(model, name=name)
            raise LineasError(
                f"{name!r} is no model that can be loaded. It must be a .gguf file, or a folder with config.json and "
                ".safetensors files of a model that writes text."
            )
        here = next((model for model in self.models() if model.name == name), None)
        return here or LocalModel(name, "hub", None, _guess_family(name), _guess_parameters(name))

    def inside(self, name: str) -> list[LocalModel]:
        """List the models in a folder; empty for a name that is no folder, or that of a model itself."""
        path = as_path(name.strip())
        return _models_in(path) if name.strip() and path_exists(path) and _read_model(path) is None else []

    def remember(self, name: str) -> None:
        """Add a file or folder to the list for good; hub names are not kept."""
        path = as_path(name.strip()).absolute()
        kept = self._named()
        if not path_exists(path) or str(path) in kept or self._folder in path.parents:
            return
        make_folder(self._folder, private=False)
        atomic_write(self._folder / NAMED, "".join(f"{line}\n" for line in [*kept, path]))

    def _named(self) -> list[str]:
        try:
            text = (self._folder / NAMED).read_text("utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()]


def _models_in(folder: Path) -> list[LocalModel]:
    return [model for path in _entries(folder) if path.name != default.NAME and (model := _read_model(path))]


def _hub_cache(cache: Path) -> Iterator[LocalModel]:
    """Find complete models in Hugging Face's cache, the newest snapshot of each."""
    for folder in _entries(cache):
        if folder.name.startswith("models--"):
            name = folder.name.removeprefix("models--").replace("--", "/")
            snapshots = sorted(_entries(folder / "snapshots"), key=_changed, reverse=True)
            model = next((model for path in snapshots if (model := _read_folder(path))), None)
            if model:
                yield replace(model, name=name, kind="hub")


def _changed(path: Path) -> float:
    """When a file or folder was changed last; 0 for one that leads nowhere."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read_model(path: Path) -> LocalModel | None:
    """Describe the model in a file or folder; None if it holds none."""
    if path.suffix.lower() != ".gguf" or not path.is_file():
        return _read_folder(path)
    try:
        return LocalModel(str(path), "gguf", path, *read_header(path))
    except (OSError, ValueError):
        return None


def _read_folder(folder: Path) -> LocalModel | None:
    config = _read_json(folder / "config.json")
    shards = _read_json(folder / "model.safetensors.index.json").get("weight_map")
    wanted = set(shards.values()) if isinstance(shards, dict) else ()
    files = [folder / str(name) for name in wanted] or [*folder.glob("model*.safetensors")]
    if not writes_text(config) or not files or not all(map(path_exists, files)):
        return None
    return LocalModel(str(folder), "folder", folder, str(config.get("model_type", "")), _count_parameters(files))


def _count_parameters(files: Iterable[Path]) -> int | None:
    """Count the weights from the headers of safetensors files."""
    from safetensors import SafetensorError, safe_open

    count = 0
    try:
        for path in files:
            with safe_open(path, framework="numpy") as file:
                count += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())
    except (OSError, SafetensorError):
        return None
    return count


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty if the file is missing, damaged or another value."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _guess_family(name: str) -> str:
    families = {"qwen3": "qwen3", "qwen": "qwen2", "gemma-2": "gemma2", "gemma-3": "gemma3", "llama": "llama",
                "smollm3": "smollm3", "smollm": "llama", "mistral": "mistral", "gpt2": "gpt2"}  # fmt: skip
    return next((family for part, family in families.items() if part in name.lower()), "")


def _guess_parameters(name: str) -> int | None:
    """Guess the number of weights from the "1.5B" or "360M" that most names hold."""
    size = re.search(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])", name.lower())
    return round(float(size[1]) * {"b": 1e9, "m": 1e6}[size[2]]) if size else None
