"""Teaching in the background: one thread, one run after the other, the model lent to it for one step at a time."""

import gc
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lineas.checkup import check_health
from lineas.errors import LineasError
from lineas.explain import explain
from lineas.fairlock import FairLock
from lineas.recipes import recipe_named
from lineas.store import MetricPoint, Run, RunRecord
from lineas.store.runs import now

if TYPE_CHECKING:  # torch comes with them, and the page must be up before it is
    from lineas.evaluation.health import Examining
    from lineas.evaluation.health_card import HealthCard
    from lineas.events import Event
    from lineas.model.loaded import LoadedModel

Stop = bool | Literal["cancelled", "interrupted"]
"""Whether to end, and in which state the run is left; True is "cancelled"."""


def run_training(
    run: Run,
    model: "LoadedModel",
    *,
    lock: FairLock | None = None,
    should_stop: Callable[[], Stop] = lambda: False,
    on_event: Callable[["Event"], None] = lambda event: None,
) -> RunRecord:
    """Works on a claimed run until it is done, told to stop, or fails; writes all of it into the run's folder.

    Goes on from the run's checkpoint where there is one. No exception of the training leaves it: a failure is a state,
    with a sentence in ``error`` and the traceback in ``log.txt``. Ctrl-C passes through and leaves the run cancelled.

    Args:
        lock: held for one step at a time, so that others can use the model in between.
        should_stop: asked before every step.
        on_event: told every event of the trainer, after its trace is on disk (Done: the map; the state comes last).

    Returns:
        The record at the end; the run's lock is free again.
    """
    began, before = time.monotonic(), run.record.seconds
    ending: dict[str, Any] = {"state": "cancelled"}  # what Ctrl-C leaves behind
    try:
        ending = _teach(run, model, lock or nullcontext(), should_stop, on_event)
    except Exception as error:
        ending = {"state": "failed", "error": explain(error)}
        run.log(str(error) if isinstance(error, LineasError) else traceback.format_exc())
    finally:
        run.log(f"{ending['state']}: {ending.get('error') or ending.get('message') or ''}")
        run.end(**ending, ended=now(), seconds=round(before + time.monotonic() - began, 2))
    if ending["state"] == "failed":
        _free_memory()
    return run.record


def _teach(
    run: Run,
    model: "LoadedModel",
    lock: AbstractContextManager[object],
    should_stop: Callable[[], Stop],
    on_event: Callable[["Event"], None],
) -> dict[str, Any]:
    """The training itself; returns what changes in the record at its end."""
    from lineas.events import Checkpoint, Done, Started, Step
    from lineas.training import train

    record = run.record
    source, target = run.sentences()
    resume_from = run.checkpoint_path if run.checkpoint_path.exists() else None
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
    events = train(
        model, source, target, recipe, sites=record.sites, seed=record.seed, name=record.name, resume_from=resume_from
    )
    try:
        while not (stop := should_stop()):
            with lock:
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
                    # the name may have been changed while it was learning
                    event.map.with_metadata(name=run.record.name, description=run.record.note).save(run.map_path)
            on_event(event)
            if isinstance(event, Done):
                return {"state": "done", "step": event.steps, "distance": event.loss_end, "message": event.message}
    finally:
        with lock:  # its hooks must not vanish while another thread is inside the network
            events.close()
    return {"state": "cancelled" if stop is True else stop, "step": step, "distance": distance}


def _free_memory() -> None:
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


@dataclass
class Job:
    """A run in the worker's hands, and how far it is.

    Attributes:
        reading: sentences read so far and in all, before the first step.
        examining: what is being found out about the concept, once it is taught; end_examining: set to end that.
    """

    run: Run
    model: "LoadedModel"
    step: int = 0
    of: int = 0
    distance: float | None = None
    distance_start: float | None = None
    eta_seconds: float | None = None
    reading: tuple[int, int] | None = None
    examining: "Examining | None" = None
    stop: Stop = False
    end_examining: threading.Event = field(default_factory=threading.Event)

    @property
    def alive(self) -> bool:
        """False from when its end is on record, a moment before the worker turns to the next."""
        return self.run.record.active


class Worker:
    """One daemon thread that works through a queue of claimed runs, and examines what was taught while no run waits.

    Args:
        lock: the lock of the model; held for one step at a time.
        changed: called, from any thread, after everything that a page should show.
        ended: called with each run that ended, before the worker turns to the next.
        examine: whether a concept is examined once it is taught.
    """

    def __init__(
        self, lock: FairLock, changed: Callable[[], None], ended: Callable[[Run], None], *, examine: bool
    ) -> None:
        self._lock = lock
        self._changed = changed
        self._ended = ended
        self._examine = examine
        self._queue: deque[Job] = deque()
        self._unexamined: deque[Job] = deque()
        self._current: Job | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="lineas-teach", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float = 30.0) -> None:
        """Ends after the step that is being made; what was not done is left interrupted, to be resumed."""
        with self._wake:
            self._closing = True
            waiting, self._queue = list(self._queue), deque()
            if self._current:
                self._current.stop = self._current.stop or "interrupted"
                self._current.end_examining.set()
            self._wake.notify()
        for job in waiting:
            self._put_aside(job, "interrupted")
        if self._thread.is_alive():
            self._thread.join(timeout)

    def submit(self, run: Run, model: "LoadedModel") -> None:
        """Puts a claimed, queued run at the end of the line. An examination makes way for it and begins anew later."""
        with self._wake:
            self._queue.append(Job(run, model))
            if self._current is not None:
                self._current.end_examining.set()
            self._wake.notify()
        self._changed()

    def cancel(self, run_id: str) -> str | None:
        """Stops a run after its present step, or takes it out of the line. Says what happens; None: not a run of this worker."""
        with self._wake:
            if (job := self._current) is not None and job.run.id == run_id and job.alive:
                again, job.stop = bool(job.stop), job.stop or "cancelled"
                sentence = f"{job.run.record.name!r} stops after this step."
                if again:
                    return f"{job.run.record.name!r} is being stopped already; one moment."
                job = None
            elif (job := next((j for j in self._queue if j.run.id == run_id), None)) is not None:
                self._queue.remove(job)
                sentence = f"{job.run.record.name!r} was taken out of the queue."
            else:
                return None
        if job is not None:
            self._put_aside(job, "cancelled")
        self._changed()
        return sentence

    def stop_examining(self) -> None:
        """Gives up what is to be found out about concepts: the model is wanted for something else."""
        with self._wake:
            self._unexamined.clear()
            if self._current is not None and not self._current.alive:
                self._current.stop = True
                self._current.end_examining.set()

    @property
    def job(self) -> Job | None:
        """What is being taught or examined (see ``alive``), or else what comes next."""
        with self._wake:
            return self._current or (self._queue[0] if self._queue else None)

    @property
    def queue_length(self) -> int:
        """How many wait behind the one that is being taught."""
        return len(self._queue)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue or self._unexamined or self._closing)
                if self._closing:
                    return
                job = self._current = (self._queue or self._unexamined).popleft()
            self._changed()
            if job.alive:
                self._run(job)
                self._ended(job.run)
                examine_next = self._examine and job.run.record.state == "done"
            else:
                self._check(job)
                # it made way for a run
                examine_next = job.end_examining.is_set() and not job.stop
            with self._wake:
                if examine_next:
                    job.end_examining.clear()
                    self._unexamined.append(job)
                self._current = None
            del job  # and with it the model, should another be loaded
            self._changed()

    def _run(self, job: Job) -> None:
        run_training(
            job.run,
            job.model,
            lock=self._lock,
            should_stop=lambda: job.stop,
            on_event=lambda event: self._note(job, event),
        )

    def _note(self, job: Job, event: "Event") -> None:
        from lineas.events import Done, Reading, Started, Step

        match event:
            case Reading():
                job.reading = event.done, event.of
            case Started():
                job.of, job.step, job.distance_start, job.reading = event.of, event.first, event.distance, None
            case Step():
                job.step, job.of, job.distance, job.eta_seconds = event.step, event.of, event.distance, event.eta
            case Done():
                job.distance, job.eta_seconds = event.loss_end, 0.0
        self._changed()

    def _check(self, job: Job) -> None:
        check_health(
            job.run,
            job.model,
            lock=self._lock,
            stop=job.end_examining,
            on_event=lambda event: self._note_health(job, event),
        )

    def _note_health(self, job: Job, event: "Examining | HealthCard") -> None:
        from lineas.evaluation.health import Examining

        job.examining = event if isinstance(event, Examining) else job.examining
        self._changed()

    def _put_aside(self, job: Job, state: Literal["cancelled", "interrupted"]) -> None:
        job.run.end(state=state, ended=now())
        self._ended(job.run)
