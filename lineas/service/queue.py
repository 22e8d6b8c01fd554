"""Training in the background: one thread that trains one run after the other, and checks the health of what it trained."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from lineas.errors import LineasError
from lineas.service.health_job import check_health
from lineas.service.previews import Previews
from lineas.service.snapshot import RunState
from lineas.service.training_job import Stop, run_training
from lineas.storage import Run
from lineas.storage.runs import now

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.evaluation.health import HealthProgress
    from lineas.evaluation.health_card import HealthCard
    from lineas.models.loaded import LoadedModel
    from lineas.training.events import Event


SECONDS_TO_STOP = 5.0
"""How long closing waits for a training step."""


@dataclass
class Job:
    """A run that waits, is in training, or has its health checked.

    Attributes:
        progress: fields of ``RunState`` that the trainer reported.
        reading: sentences read so far and in all, before the first step.
        checking: progress of the health check; None until it starts.
        stop: whether to stop after the current step, and how.
        stop_preview: set together with ``stop``; a preview ends at its next token.
        stop_check: set to end the health check.
    """

    run: Run
    model: "LoadedModel"
    progress: dict[str, Any] = field(default_factory=dict)
    reading: tuple[int, int] | None = None
    checking: "HealthProgress | None" = None
    stop: Stop = False
    stop_preview: threading.Event = field(default_factory=threading.Event)
    stop_check: threading.Event = field(default_factory=threading.Event)

    @property
    def alive(self) -> bool:
        """Whether the training has not ended yet."""
        return self.run.record.active

    @property
    def state(self) -> RunState:
        """The run as pages show it."""
        record = self.run.record
        state = RunState.from_record(record)
        if record.active:
            state = replace(state, **self.progress, stopping=bool(self.stop))
            return replace(state, sentence=self._sentence(state))
        if self.checking is None:
            return state
        return replace(state, checking=self.checking.sentence, checked=self.checking.fraction)

    def _sentence(self, state: RunState) -> str:
        if state.stopping:
            return "Stopping after this step."
        if state.state == "queued":
            return "Waiting for its turn."
        if "of" in self.progress:
            return f"Step {state.step} of {state.of}." if self.reading is None else "Measuring the result."
        return f"Reading the sentences: {self.reading[0]} of {self.reading[1]}." if self.reading else "Getting ready."

    def end(self, how: Stop) -> None:
        """Stop after the current step. The first reason counts."""
        self.stop = self.stop or how
        self.stop_preview.set()


class TrainingQueue:
    """A daemon thread that trains queued runs in order, and does health checks while no run waits.

    Args:
        changed: called, from any thread, after everything that a page should show.
        ended: called with each run that ended, before the next one starts.
        health_checks: whether each trained concept gets a health check.
    """

    def __init__(self, changed: Callable[[], None], ended: Callable[[Run], None], *, health_checks: bool) -> None:
        self._changed = changed
        self._ended = ended
        self._health_checks = health_checks
        self._queue: deque[Job] = deque()
        self._unchecked: deque[Job] = deque()
        self._current: Job | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="lineas-train", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float = SECONDS_TO_STOP) -> None:
        """Stop after the current step. Unfinished runs are left interrupted and can be resumed.

        A step that takes longer is abandoned: the program ends soon, and the run goes on from its last checkpoint one day.
        """
        with self._wake:
            self._closing = True
            waiting, self._queue = list(self._queue), deque()
            current = self._current
            if self._current:
                self._current.end("interrupted")
                self._current.stop_check.set()
            self._wake.notify_all()
        for job in waiting:
            self._end_waiting(job, "interrupted")
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive() and current is not None and current.alive:
            with suppress(OSError, LineasError):
                current.run.update(state="interrupted", ended=now(), step=current.progress.get("step", 0))

    def submit(self, run: Run, model: "LoadedModel") -> None:
        """Append a claimed, queued run. A health check in progress ends now and starts again later."""
        with self._wake:
            self._queue.append(Job(run, model))
            if self._current is not None:
                self._current.stop_check.set()
            self._wake.notify_all()
        self._changed()

    def cancel(self, run_id: str) -> str | None:
        """Stop a run after its current step, or remove it from the queue. Returns a sentence; None if the run is not here."""
        with self._wake:
            if (job := self._current) is not None and job.run.id == run_id and job.alive:
                if job.stop:
                    return f"{job.run.record.name!r} is being stopped already; one moment."
                job.end("cancelled")
                waiting, sentence = None, f"{job.run.record.name!r} stops after this step."
            elif (waiting := next((job for job in self._queue if job.run.id == run_id), None)) is not None:
                self._queue.remove(waiting)
                sentence = f"{waiting.run.record.name!r} was taken out of the queue."
            else:
                return None
        if waiting is not None:
            self._end_waiting(waiting, "cancelled")
        self._changed()
        return sentence

    def stop_health_checks(self) -> None:
        """End the health check in progress and drop those that wait, because their model leaves."""
        with self._wake:
            self._unchecked.clear()
            if self._current is not None and not self._current.alive:
                self._current.end(True)
                self._current.stop_check.set()

    def wait_until_idle(self, timeout: float = 60.0) -> None:
        """Return when no run is in training and no health check is running, so that nobody here uses a model."""
        with self._wake:
            self._wake.wait_for(lambda: self._current is None, timeout)

    @property
    def job(self) -> Job | None:
        """The run in training, or else the next one, or else the one whose health is checked (see ``Job.alive``)."""
        with self._wake:
            current = self._current
            return self._queue[0] if self._queue and not (current and current.alive) else current

    @property
    def queue_length(self) -> int:
        """Number of runs that wait for the one in training."""
        return len(self._queue)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue or self._unchecked or self._closing)
                if self._closing:
                    return
                job = self._current = (self._queue or self._unchecked).popleft()
            self._changed()
            if job.alive:
                self._train(job)
                self._ended(job.run)
                check_next = self._health_checks and job.run.record.state == "done" and not job.stop
            else:
                self._check(job)
                check_next = job.stop_check.is_set() and not job.stop  # it ended for a run
            with self._wake:
                if check_next:
                    job.stop_check.clear()
                    self._unchecked.append(job)
                del job  # it refers to the model, which may be replaced now
                self._current = None
                self._wake.notify_all()
            self._changed()

    def _train(self, job: Job) -> None:
        from lineas.training.events import Done, Reading, Started, Step

        previews = Previews(job.run, job.model, job.stop_preview)

        def on_event(event: "Event") -> None:
            match event:
                case Reading():
                    job.reading = event.done, event.of
                case Started():
                    job.reading = None
                    job.progress |= {"of": event.of, "step": event.first, "distance_start": event.distance}
                case Step():
                    job.progress |= {"step": event.step, "distance": event.distance, "eta_seconds": event.eta}
                case Done():
                    job.progress |= {"distance": event.loss_end, "eta_seconds": 0.0}
            self._changed()
            if previews.after(event):
                self._changed()

        run_training(job.run, job.model, should_stop=lambda: job.stop, on_event=on_event)

    def _check(self, job: Job) -> None:
        from lineas.evaluation.health_card import HealthCard

        def on_event(event: "HealthProgress | HealthCard") -> None:
            if not isinstance(event, HealthCard):
                job.checking = event
            self._changed()

        check_health(job.run, job.model, stop=job.stop_check, on_event=on_event)

    def _end_waiting(self, job: Job, state: Literal["cancelled", "interrupted"]) -> None:
        job.run.end(state=state, ended=now())
        self._ended(job.run)
