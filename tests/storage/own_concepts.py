"""Maps and trainings that a home can have."""

import torch

from lineas.steering.map import SteeringMap
from lineas.storage import RunSpec

SITES = ("layers.0.norm", "layers.1.norm")


def make_map(name="pirate", shift=0.5, **metadata):
    strings = {
        "name": name,
        "base_model": "tiny",
        "recommended_strength": "0.75",
        "created": "2026-01-01T00:00:00+00:00",
    }
    return SteeringMap(
        {site: torch.full((4,), 1.5) for site in SITES},
        {site: torch.full((4,), shift) for site in SITES},
        strings | metadata,
    )


def finished(runs, name="pirate", state="done"):
    run = runs.create(RunSpec(name, ("a",), ("b",)))
    if state == "done":
        make_map(name).save(run.map_path)
    run.update(state=state, ended="2026-02-02T00:00:00+00:00")
    run.release()
    return run
