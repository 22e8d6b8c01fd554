"""Presets: ready pairs of example lists, so that a first visitor can teach or compare at one click."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.files import ASSETS

# What a newcomer sees first: the concepts one recognises at a glance, the quiet ones last.
FIRST_VISIT_ORDER = (
    "pirate",
    "cheerful",
    "shakespeare",
    "fairy-tale",
    "food-lover",
    "ocean-lover",
    "poetic",
    "formal",
    "polite",
    "scientific",
    "enthusiastic-seller",
    "terse",
)


@dataclass(frozen=True)
class Preset:
    """A concept with its examples: ``source`` is how the model should stop sounding, ``target`` how it should sound.

    ``instruction`` is the same wish as a system prompt, ``prompts`` are questions that show the concept off, and
    ``map_path`` is the ready-made map for the default model, or None where none has been made yet.
    """

    id: str
    name: str
    description: str
    instruction: str
    prompts: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    map_path: Path | None = None


def load_presets(assets: Path = ASSETS) -> list[Preset]:
    """Every ``presets/<id>.toml`` in the assets folder, in the order for a first visit; presets it does not name
    follow by id. Raises LineasError naming the file if one cannot be used."""
    presets = [_load(path, assets / "maps") for path in (assets / "presets").glob("*.toml")]
    return sorted(presets, key=lambda preset: (_rank(preset.id), preset.id))


def _rank(preset_id: str) -> int:
    return FIRST_VISIT_ORDER.index(preset_id) if preset_id in FIRST_VISIT_ORDER else len(FIRST_VISIT_ORDER)


def _load(path: Path, maps: Path) -> Preset:
    try:
        # TOMLDecodeError and UnicodeDecodeError are both ValueErrors.
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, f"it cannot be read: {error}") from error
    preset_id = _text(path, fields, "id")
    if preset_id != path.stem:
        raise _broken(path, f'its id is "{preset_id}", but it must be the same as the file name')
    map_path = maps / f"{preset_id}.safetensors"
    return Preset(
        id=preset_id,
        name=_text(path, fields, "name"),
        description=_text(path, fields, "description"),
        instruction=_text(path, fields, "instruction"),
        prompts=_lines(path, fields, "prompts"),
        source=_lines(path, fields, "source"),
        target=_lines(path, fields, "target"),
        map_path=map_path if map_path.is_file() else None,
    )


def _text(path: Path, fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _broken(path, f'"{key}" is missing or is not a text')
    return value


def _lines(path: Path, fields: dict[str, Any], key: str) -> tuple[str, ...]:
    value = fields.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(line, str) and line.strip() for line in value):
        raise _broken(path, f'"{key}" is missing or is not a list of sentences')
    return tuple(value)


def _broken(path: Path, reason: str) -> LineasError:
    return LineasError(f"The preset file {path} is broken: {reason}. Correct the file or remove it.")
