"""The ready-made concepts, taught on a model for which they did not come with the program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lineas.service.eta import estimate
from lineas.storage import Concept, RunRecord
from lineas.training.recipes import recipe_named

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.service.service import StudioService

RECIPE = "quick"


def missing(presets: Sequence[Preset], concepts: Iterable[Concept], model: str) -> list[Preset]:
    """The presets of which there is no concept for a model, known by their instruction, since people rename concepts.

    Args:
        model: the model's id. A concept that does not name its model counts as one for every model.
    """
    made = {concept.instruction for concept in concepts if concept.base_model in ("", model)}
    return [preset for preset in presets if preset.instruction not in made]


def waiting(presets: Sequence[Preset], runs: Iterable[RunRecord], model: str) -> list[RunRecord]:
    """The runs that wait or train now to make one of the presets for a model."""
    wanted = {preset.instruction for preset in presets}
    return [run for run in runs if run.active and run.model == model and run.instruction in wanted]


def seconds(presets: Sequence[Preset], runs: Sequence[RunRecord], model: str) -> float | None:
    """How long it takes to teach all of the presets; None for a model that was never timed here.

    Args:
        runs: all runs, newest first.
    """
    recipe = recipe_named(RECIPE)
    found = [estimate(runs, model, recipe, len(preset.source), len(preset.target)) for preset in presets]
    known = [one.seconds for one in found if one is not None]
    return sum(known) if len(known) == len(found) else None


def make(service: StudioService, presets: Sequence[Preset]) -> list[str]:
    """Queue a training for every preset that the present model lacks, and return the runs' ids.

    Raises:
        LineasError: no model, or no space on the disk.
    """
    model = service.model_slot.ready(to_train=True).id
    queued = {run.instruction for run in waiting(presets, service.runs(), model)}
    lacking = [p for p in missing(presets, service.concepts(), model) if p.instruction not in queued]
    return [
        service.teach(p.name, "\n".join(p.source), "\n".join(p.target), recipe=RECIPE, instruction=p.instruction)
        for p in lacking
    ]


def stop(service: StudioService, presets: Sequence[Preset]) -> None:
    """Take those that wait out of the queue, then stop the one that is being taught."""
    found = waiting(presets, service.runs(), service.model_slot.ready().id)
    for run in sorted(found, key=lambda run: run.state == "running"):  # else the next one would begin in between
        service.cancel(run.id)
