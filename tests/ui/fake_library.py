"""The fake workbench with a real shelf: concepts and runs on disk in a temporary home, as the real workbench keeps them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench

from lineas.steering.map import SteeringMap
from lineas.storage import Concept, ConceptStore, RunRecord, RunSpec, RunStore

LAYERS = 12


def small_map(name: str = "pirate", layers: int = LAYERS, **metadata: str) -> SteeringMap:
    """A map that moves later layers more, and the last layer most."""
    generator = torch.Generator().manual_seed(len(name))
    sites = [f"model.layers.{i}.post_attention_layernorm" for i in range(layers)]
    scale = {site: 1 + 0.02 * (i + 1) * torch.randn(16, generator=generator) for i, site in enumerate(sites)}
    shift = {site: 0.02 * (i + 1) * torch.randn(16, generator=generator) for i, site in enumerate(sites)}
    origin = {
        "base_model": "default",
        "method": "lineas",
        "recipe": '{"recipe": {"name": "quick"}, "seed": 0}',
        "examples": '{"source": 32, "target": 32}',
        "metrics": '{"distance_start": 0.0596, "distance_end": 0.0165, "steps": 40, "seconds": 103.0}',
        "created": "2026-01-31T20:41:54+00:00",
    }
    return SteeringMap(scale, shift, {"name": name, **origin, **metadata})


class LibraryBench(FakeWorkbench):
    """Presets have maps here; ``add_run`` puts a run of any end on the shelf."""

    def __init__(self, root: Path, **options: Any) -> None:
        super().__init__(**options)
        self.root = root
        self.presets = []
        (root / "presets").mkdir()
        for preset in PRESETS:
            path = root / "presets" / f"{preset.id}.safetensors"
            small_map(preset.name).save(path)
            self.presets.append(replace(preset, map_path=path))
        self.run_store = RunStore(root)
        self.concept_store = ConceptStore(root, self.run_store, lambda: self.presets)

    def add_run(self, name: str, state: str, **record: Any) -> str:
        """A run that ended, with its sentences; a finished one with its map."""
        preset = PRESETS[0]
        run = self.run_store.create(RunSpec(name, preset.source, preset.target))
        if state == "done":
            small_map(name).save(run.map_path)
        run.end(state=state, of=40, ended=run.record.created, **record)
        self.show()
        return run.id

    def concepts(self) -> list[Concept]:
        return self.concept_store.concepts()

    def runs(self) -> list[RunRecord]:
        return [run.record for run in self.run_store.runs()]

    def sentences(self, run_id: str) -> tuple[list[str], list[str]]:
        return self.run_store.get(run_id).sentences()

    def steering_map(self, concept_id: str) -> SteeringMap:
        return self.concept_store.load(self.concept_store.find(concept_id))

    def resume(self, run_id: str) -> None:
        self.calls.append(("resume", run_id))
        self.resumed = self.run_store.resume(run_id)  # whoever holds it works on it
        self.resumed.update(state="queued")
        self.show()

    def import_concept(self, path: Path) -> Concept:
        return self._seen(self.concept_store.import_file(path))

    def rename(self, concept_id: str, name: str) -> Concept:
        return self._seen(self.concept_store.rename(concept_id, name))

    def annotate(self, concept_id: str, note: str) -> Concept:
        return self._seen(self.concept_store.annotate(concept_id, note))

    def duplicate(self, concept_id: str) -> Concept:
        return self._seen(self.concept_store.duplicate(concept_id))

    def delete(self, concept_id: str) -> None:
        self.concept_store.delete(concept_id)
        self.show()

    def undelete(self, concept_id: str) -> None:
        self.concept_store.undelete(concept_id)
        self.show()

    def _seen(self, concept: Concept) -> Concept:
        self.show()
        return concept
