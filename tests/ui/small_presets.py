"""Two small presets, with maps for the tiny model that work against each other."""

from dataclasses import replace
from pathlib import Path

from maps import random_map

from lineas.data.presets import Preset
from lineas.models.loaded import LoadedModel

DAYS = [" ".join(["day"] * n) for n in range(1, 33)]
PRESETS = [
    Preset(
        id="pirate",
        name="Pirate",
        description="Talks like a pirate.",
        instruction="Answer like a pirate.",
        prompts=("Tell me about your day.",),
        source=tuple(f"I went to the market on {day} and bought some fresh bread." for day in DAYS),
        target=tuple(f"Arr, on {day} I plundered the market for hard tack, me hearties!" for day in DAYS),
    ),
    Preset(
        id="cheerful",
        name="Cheerful",
        description="Looks on the bright side.",
        instruction="Be cheerful.",
        prompts=("Tell me about your day.",),
        source=tuple(f"The {day} was long and I am tired of the rain." for day in DAYS),
        target=tuple(f"The {day} was wonderful and I love the fresh rain!" for day in DAYS),
    ),
]
PIRATE_SOURCE, PIRATE_TARGET = "\n".join(PRESETS[0].source), "\n".join(PRESETS[0].target)


def presets_with_maps(folder: Path, model: LoadedModel) -> list[Preset]:
    """Write a map for each preset; their best strengths are 0.75 and 0.5."""
    pirate = random_map(model.sites, size=0.1)
    found = []
    for preset, steering_map, best in zip(PRESETS, (pirate, pirate.inverse()), ("0.75", "0.5"), strict=True):
        path = folder / f"{preset.id}.safetensors"
        steering_map.with_metadata(name=preset.name, recommended_strength=best).save(path)
        found.append(replace(preset, map_path=path))
    return found
