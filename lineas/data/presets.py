"""Presets: ready pairs of example lists, so that a first visitor can teach or compare with one click."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from lineas.errors import LineasError
from lineas.files import ASSETS

FIRST_VISIT_ORDER = (
    *("fairy-tale", "shakespeare", "casual", "pirate", "poetic", "cheerful", "food-lover", "ocean-lover", "polite"),
    *("scientific", "enthusiastic-seller", "terse"),
)
"""Order of the presets for a newcomer: those whose first answers at the advised strength show at a glance what they are, first."""


@dataclass(frozen=True)
class Preset:
    """A concept with its examples.

    Attributes:
        instruction: the same wish as a system prompt.
        prompts: questions that show the concept off.
        source: how the model should stop sounding.
        target: how it should sound.
        map_path: the ready-made map for the built-in model; None if there is none yet.
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
    """Load every ``presets/<id>.toml`` of the assets folder, in ``FIRST_VISIT_ORDER``, then by id.

    Raises:
        LineasError: a file that cannot be used; the message names it.
    """
    order = {preset_id: rank for rank, preset_id in enumerate(FIRST_VISIT_ORDER)}
    presets = [load_preset(path, assets / "maps") for path in (assets / "presets").glob("*.toml")]
    return sorted(presets, key=lambda preset: (order.get(preset.id, len(order)), preset.id))


def load_preset(path: Path, maps: Path) -> Preset:
    """Load one preset file.

    Args:
        maps: folder of ready-made maps.

    Raises:
        LineasError: the file cannot be used.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        for key in ("id", "name", "description", "instruction"):
            if not isinstance(text := fields.get(key), str) or not text.strip():
                raise ValueError(f'"{key}" is missing or is not a text')
        for key in ("prompts", "source", "target"):
            lines = fields.get(key)
            if (
                not isinstance(lines, list)
                or not lines
                or not all(isinstance(line, str) and line.strip() for line in lines)
            ):
                raise ValueError(f'"{key}" is missing or is not a list of sentences')
            fields[key] = tuple(lines)
        if fields["id"] != path.stem:
            raise ValueError(f'its id is "{fields["id"]}", but it must be the same as the file name')
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise LineasError(f"The preset file {path} cannot be read: {error}. Correct the file or remove it.") from error
    map_path = maps / f"{path.stem}.safetensors"
    known = {key: value for key, value in fields.items() if key in Preset.__dataclass_fields__}
    return Preset(**known | {"map_path": map_path if map_path.is_file() else None})
