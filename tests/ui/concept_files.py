"""Map files for tests."""

from pathlib import Path

from maps import random_map

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage import Concept


def change_map(path: Path | None, **metadata: str) -> None:
    """Write other metadata into a map file."""
    assert path is not None
    SteeringMap.load(path).with_metadata(**metadata).save(path)


def import_map(service: StudioService, model: LoadedModel, folder: Path, name: str, **metadata: str) -> Concept:
    """Import a random map of this name, by way of a file in ``folder``."""
    path = folder / "import.safetensors"
    random_map(model.sites, seed=1, size=0.1).with_metadata(name=name, **metadata).save(path)
    return service.import_concept(path)
