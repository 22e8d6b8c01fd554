"""One training of a run, from its folder to its end, for the background queue and for the command line."""

import time
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
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
    from lineas.pictures.model import PictureModel
    from lineas.training.events import Event, State

Stop = bool | Literal["cancelled", "interrupted"]
"""Whether to stop, and the state that the run is left in; True means "cancelled"."""


@dataclass(frozen=True)
class Kind:
    """What is trained: maps for text, or others that train as they do.

    Attributes:
        steps: number of steps of a run's recipe.
        events: a run's training from a checkpoint, if there is one: run, model, checkpoint, and the group of processes.
    """

    steps: Callable[[RunRecord], int]
    events: Callable[[Run, Any, Path | None, "ProcessGroup | None"], "Generator[Event, None, None]"]


def run_training(
    run: Run,
    model: "LoadedModel | PictureModel",
    *,
    should_stop: Callable[[], Stop] = lambda: False,
    on_event: Callable[["Event"], None] = lambda event: None,
    group: "ProcessGroup | None" = None,
    kind: Kind | None = None,
) -> RunRecord:
    """Train a claimed run until it is done, stopped or failed, and write everything into its folder.

    Training continues from the run's checkpoint if there is one, and leaves one where it is stopped. No exception of the training
    is raised: a failure becomes the run's state, with a sentence in ``error`` and the traceback in ``log.txt``. KeyboardInterrupt
    is raised, and leaves the run cancelled.

    Args:
        should_stop: called before every step.
        on_event: called with every event of the trainer, after its results are on disk (Done: the map; the state comes last).
        group: as ``train`` takes it; the other processes of the group call ``follow_training``.
        kind: what is trained; None for maps for text.

    Returns:
        The final record. The run is no longer claimed.
    """
    started, seconds_before = time.monotonic(), run.record.seconds
    result: dict[str, Any] = {"state": "cancelled"}  # stays so after Ctrl-C
    try:
        result = _train(run, model, should_stop, on_event, group, kind or TEXT)
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
    model: "LoadedModel | PictureModel",
    should_stop: Callable[[], Stop],
    on_event: Callable[["Event"], None],
    group: "ProcessGroup | None",
    kind: Kind,
) -> dict[str, Any]:
    """Train, and return the final changes to the record."""
    from lineas.training.events import Checkpoint, Done, Started, Step

    record = run.record
    resume_from = _checkpoint(run)
    if resume_from and record.fingerprint != model.fingerprint:
        raise LineasError(
            f"{record.name!r} was begun on the model {record.model!r}. Load that one, not {model.id!r}, to resume it."
        )
    run.update(
        state="running", started=record.started or now(), ended="", error="", message="",
        model=model.id, fingerprint=model.fingerprint, of=kind.steps(record), step=record.step if resume_from else 0,
    )  # fmt: skip
    run.log(f"teaching on {model.id!r}{', resumed from the last checkpoint' if resume_from else ''}")
    step, distance = run.record.step, record.distance
    events = kind.events(run, model, resume_from, group)
    state: State | None = None
    try:
        while not (stop := should_stop()):
            with model.lock:
                event = next(events)
            match event:
                case Started():
                    step = event.first
                    run.update(of=event.of, step=step, distance_start=event.distance)
                case Step():
                    step, distance, state = event.step, event.distance, event.state
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
    if state is not None and run.folder.is_dir():  # not deleted meanwhile
        state.save(run.checkpoint_path)
    return {"state": "cancelled" if stop is True else stop, "step": step, "distance": distance}


def follow_training(run: Run, model: "LoadedModel", group: "ProcessGroup") -> None:
    """Do this process's share of a training that another process of the group keeps the run of; write nothing."""
    for _ in _text_events(run, model, _checkpoint(run), group):
        pass


def _text_events(
    run: Run, model: "LoadedModel", resume_from: Path | None, group: "ProcessGroup | None"
) -> "Generator[Event, None, None]":
    from lineas.training.trainer import train

    record, (source, target) = run.record, run.sentences()
    return train(
        model, source, target, recipe_named(record.recipe, **record.settings), sites=record.sites, seed=record.seed,
        name=record.name, resume_from=resume_from, group=group,
    )  # fmt: skip


TEXT = Kind(lambda record: recipe_named(record.recipe, **record.settings).steps, _text_events)


def _checkpoint(run: Run) -> Path | None:
    return run.checkpoint_path if run.checkpoint_path.exists() else None
