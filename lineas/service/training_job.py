"""One training of a run, from its folder to its end, for the background queue and for the command line."""

import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lineas.errors import LineasError, describe
from lineas.models.memory import give_memory_back
from lineas.storage import MetricPoint, Run, RunRecord
from lineas.storage.runs import now
from lineas.training.recipes import recipe_named

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from torch.distributed import ProcessGroup

    from lineas.models.loaded import LoadedModel
    from lineas.training.events import Event

Stop = bool | Literal["cancelled", "interrupted"]
"""Whether to stop, and the state that the run is left in; True means "cancelled"."""


def run_training(
    run: Run,
    model: "LoadedModel",
    *,
    should_stop: Callable[[], Stop] = lambda: False,
    on_event: Callable[["Event"], None] = lambda event: None,
    group: "ProcessGroup | None" = None,
) -> RunRecord:
    """Train a claimed run until it is done, stopped or failed, and write everything into its folder.

    Training continues from the run's checkpoint if there is one. No exception of the training is raised: a failure becomes the
    run's state, with a sentence in ``error`` and the traceback in ``log.txt``. KeyboardInterrupt is raised, and leaves the run
    cancelled.

    Args:
        should_stop: called before every step.
        on_event: called with every event of the trainer, after its results are on disk (Done: the map; the state comes last).
        group: as ``train`` takes it; the other processes of the group call ``follow_training``.

    Returns:
        The final record. The run is no longer claimed.
    """
    started, seconds_before = time.monotonic(), run.record.seconds
    result: dict[str, Any] = {"state": "cancelled"}  # stays so after Ctrl-C
    try:
        result = _train(run, model, should_stop, on_event, group)
    except Exception as error:
        result = {"state": "failed", "error": describe(error)}
        run.log(str(error) if isinstance(error, LineasError) else traceback.format_exc())
    finally:
        run.log(f"{result['state']}: {result.get('error') or result.get('message') or ''}")
        run.end(**result, ended=now(), seconds=round(seconds_before + time.monotonic() - started, 2))
    give_memory_back()
    return run.record


def _train(
    run: Run,
    model: "LoadedModel",
    should_stop: Callable[[], Stop],
    on_event: Callable[["Event"], None],
    group: "ProcessGroup | None",
) -> dict[str, Any]:
    """Train, and return the final changes to the record."""
    from lineas.training.events import Checkpoint, Done, Started, Step

    record = run.record
    resume_from = _checkpoint(run)
    if resume_from and record.fingerprint != model.fingerprint:
        raise LineasError(
            f"{record.name!r} was begun on the model {record.model!r}. Load that one, not {model.id!r}, to resume it."
        )
    recipe = recipe_named(record.recipe, **record.settings)
    run.update(
        state="running", started=record.started or now(), ended="", error="", message="",
        model=model.id, fingerprint=model.fingerprint, of=recipe.steps, step=record.step if resume_from else 0,
    )  # fmt: skip
    run.log(f"teaching on {model.id!r}{', resumed from the last checkpoint' if resume_from else ''}")
    step, distance = run.record.step, record.distance
    events = _events(run, model, group)
    try:
        while not (stop := should_stop()):
            with model.lock:
                event = next(events)
            match event:
                case Started():
                    step = event.first
                    run.update(of=event.of, step=step, distance_start=event.distance)
                case Step():
                    step, distance = event.step, event.distance
                    run.add_metric(MetricPoint(step, distance, event.loss, event.elapsed))
                case Checkpoint():
                    event.save(run.checkpoint_path)
                    run.update(step=step, distance=distance)
                case Done():
                    # the name may have been changed during training
                    words = {"instruction": record.instruction} if record.instruction else {}
                    named = {"name": run.record.name, "description": run.record.note, **words}
                    event.map.with_metadata(**named).save(run.map_path)
            on_event(event)
            if isinstance(event, Done):
                return {"state": "done", "step": event.steps, "distance": event.loss_end, "message": event.message}
    finally:
        with model.lock:  # closing removes hooks, which must not happen while another thread is inside the network
            events.close()
    return {"state": "cancelled" if stop is True else stop, "step": step, "distance": distance}


def follow_training(run: Run, model: "LoadedModel", group: "ProcessGroup") -> None:
    """Do this process's share of a training that another process of the group keeps the run of; write nothing."""
    for _ in _events(run, model, group):
        pass


def _events(run: Run, model: "LoadedModel", group: "ProcessGroup | None") -> "Generator[Event, None, None]":
    from lineas.training.trainer import train

    record, (source, target) = run.record, run.sentences()
    return train(
        model, source, target, recipe_named(record.recipe, **record.settings), sites=record.sites, seed=record.seed,
        name=record.name, resume_from=_checkpoint(run), group=group,
    )  # fmt: skip


def _checkpoint(run: Run) -> Path | None:
    return run.checkpoint_path if run.checkpoint_path.exists() else None
