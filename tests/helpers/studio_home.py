"""A studio on a home folder in which something was interrupted: how it is begun, and what has to be there afterwards."""

from pathlib import Path

import torch
from polling import wait_for
from tiny import SOURCE, TARGET

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap

STEPS = 12
KEPT = {"names.lock", "runs", "maps", "trash"}
KEPT_IN_A_RUN = {
    "run.json", "run.lock", "source.txt", "target.txt", "metrics.jsonl", "checkpoint.safetensors", "map.safetensors", "log.txt",
    "health.json",
}  # fmt: skip


def open_studio(home: Path, model: LoadedModel) -> StudioService:
    service = StudioService(root=home)
    service.start(load=False)
    service.use_model(model)
    return service


def teach(service: StudioService) -> str:
    """Queue the training that every check compares with; return the run's id."""
    return service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=STEPS, seed=7)


def undisturbed(home: Path, model: LoadedModel, file: Path) -> None:
    """Train once without being disturbed, and keep the map in a file outside of the home."""
    service = open_studio(home, model)
    run = teach(service)
    wait_for(lambda: service.snapshot().run.state == "done", seconds=600)
    service.steering_map(f"run:{run}").with_metadata(name="theirs").save(file)
    service.close()


def resume_all(service: StudioService, reference: SteeringMap) -> int:
    """Resume what did not end and compare every run with the undisturbed one; return how many were resumed."""
    resumed = 0
    for record in service.runs():
        assert service.sentences(record.id) == (SOURCE, TARGET), f"sentences of {record.id}"
        assert record.state in ("done", "interrupted", "failed"), f"{record.id} is {record.state}"
        if record.state != "done":
            service.resume(record.id)
            wait_for(
                lambda: service.snapshot().run.state == "done" and service.snapshot().queue_length == 0, seconds=600
            )
            resumed += 1
        assert_same(service.steering_map(f"run:{record.id}"), reference)
    return resumed


def assert_same(map: SteeringMap, reference: SteeringMap) -> None:
    assert map.sites == reference.sites
    for site in reference.sites:
        assert torch.equal(map.scale[site], reference.scale[site]) and torch.equal(
            map.shift[site], reference.shift[site]
        )


def assert_nothing_left_over(home: Path, service: StudioService) -> None:
    """Raise where a file is half written or of unknown use, or a name appears twice."""
    unknown = {path.name for path in home.iterdir()} - KEPT
    unknown |= {file.name for run in home.glob("runs/*") for file in run.iterdir()} - KEPT_IN_A_RUN
    unknown |= {path.name for path in home.glob("maps/*") if path.suffix != ".safetensors" or path.name[0] == "."}
    assert not unknown, f"left over: {sorted(unknown)}"
    names = [concept.name.casefold() for concept in service.concepts() if concept.kind != "preset"]
    assert len(names) == len(set(names)), f"names appear twice: {names}"
