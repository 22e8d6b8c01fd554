"""Concepts and runs on disk."""

from pathlib import Path
from typing import Any

import torch
from maps import random_map
from small_presets import PRESETS

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage import Concept, RunSpec


def change_map(path: Path | None, **metadata: str) -> None:
    """Write other metadata into a map file."""
    assert path is not None
    SteeringMap.load(path).with_metadata(**metadata).save(path)


def import_map(service: StudioService, model: LoadedModel, folder: Path, name: str, **metadata: str) -> Concept:
    """Import a random map of this name, by way of a file in ``folder``."""
    path = folder / "import.safetensors"
    random_map(model.sites, seed=1, size=0.1).with_metadata(name=name, **metadata).save(path)
    return service.import_concept(path)


def add_run(service: StudioService, model: LoadedModel, name: str, state: str, **record: Any) -> str:
    """Add a run that ended, with the sentences of a preset; a finished one has a map. Returns its id."""
    preset = PRESETS[0]
    run = service.run_store.create(RunSpec(name, preset.source, preset.target))
    if state == "done":
        random_map(model.sites, seed=2, size=0.1).with_metadata(name=name).save(run.map_path)
    run.end(state=state, of=40, ended=run.record.created, **record)
    return run.id


def map_of_layers(layers: int = 12, **metadata: str) -> SteeringMap:
    """A map that moves later layers more, and says where it is from."""
    generator = torch.Generator().manual_seed(6)
    sites = [f"model.layers.{i}.post_attention_layernorm" for i in range(layers)]
    scale = {site: 1 + 0.02 * (i + 1) * torch.randn(16, generator=generator) for i, site in enumerate(sites)}
    shift = {site: 0.02 * (i + 1) * torch.randn(16, generator=generator) for i, site in enumerate(sites)}
    origin = {
        "name": "pirate",
        "base_model": "default",
        "method": "lineas",
        "recipe": '{"recipe": {"name": "quick"}, "seed": 0}',
        "examples": '{"source": 32, "target": 32}',
        "metrics": '{"distance_start": 0.0596, "distance_end": 0.0165, "steps": 40, "seconds": 103.0}',
        "created": "2026-01-31T20:41:54+00:00",
    }
    return SteeringMap(scale, shift, origin | metadata)
