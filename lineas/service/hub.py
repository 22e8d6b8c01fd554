"""Concepts of the studio to and from the Hugging Face hub."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lineas.storage import Concept

if TYPE_CHECKING:  # these import torch
    from lineas.export.hub import Token
    from lineas.service.service import StudioService


def publish(service: "StudioService", concept_id: str, repo: str, *, private: bool, token: "Token" = None) -> str:
    """Put a concept with its name, note and instruction into a repository, and return its address; raises as ``push_to_hub``."""
    from lineas.export.hub import push_to_hub

    concept = service.concept_store.find(concept_id)
    words = {"name": concept.name, "description": concept.note}
    if concept.instruction:
        words |= {"instruction": concept.instruction, "mode": concept.mode}
    return push_to_hub(service.steering_map(concept_id).with_metadata(**words), repo, private, token)


def bring(service: "StudioService", repo: str, token: "Token" = None) -> Concept:
    """Add the concept of a repository. Raises LineasError, and changes nothing, if that fails."""
    from lineas.export.hub import download

    steering_map = download(repo, token=token)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / f"{repo.rpartition('/')[2]}.safetensors"  # a map without a name is called as its file
        steering_map.save(copy)
        return service.import_concept(copy)
