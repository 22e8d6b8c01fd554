"""Teaching in the background: one thread, one run after the other, the model lent to it for one step at a time."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from lineas.service.health_job import check_health
from lineas.service.previews import Previews
from lineas.service.snapshot import RunState
from lineas.service.training_job import Stop, run_training
from lineas.storage import Run
from lineas.storage.runs import now

if TYPE_CHECKING:  # torch comes with them, and the page must be up before it is
    from lineas.evaluation.health import HealthProgress
    from lineas.evaluation.health_card import HealthCard
    from lineas.models.loaded import LoadedModel
    from lineas.training.events import Event


@dataclass
class Job:
    """A run in the worker's hands, and how far it is.

    Attributes:
        progress: what the trainer has told, by the names of ``RunState``.
        reading: sentences read so far and in all, before the first step.
        ending: set together with ``stop``, for what has to end at once and not after the step.
        examining: what is being found out about the concept, once it is taught; end_examining: set to end that.
    """

    run: Run
    model: "LoadedModel"
    progress: dict[str, Any] = field(default_factory=dict)
    reading: tuple[int, int] | None = None
    examining: "HealthProgress | None" = None
    stop: Stop = False
    ending: threading.Event = field(default_factory=threading.Event)
    end_examining: threading.Event = field(default_factory=threading.Event)

    @property
    def alive(self) -> bool:
        """False from when its end is on record, a moment before the worker turns to the next."""
        return self.run.record.active

    @property
    def state(self) -> RunState:
        """The run as pages show it."""
        record = self.run.record
        if record.active:
            state = replace(RunState.from_record(record), **self.progress, stopping=bool(self.stop))
            return replace(state, sentence=self._sentence(state))
        if self.examining is None:
            return RunState.from_record(record)
        return replace(
            RunState.from_record(record), examining=self.examining.sentence, examined=self.examining.fraction
        )

    def _sentence(self, state: RunState) -> str:
        if state.stopping:
            return "Stopping after this step."
        if state.state == "queued":
            return "Waiting for its turn."
        if self.reading is None:
            return f"Step {state.step} of {state.of}." if "of" in self.progress else "Getting ready."
        if "of" not in self.progress:
            return f"Reading the sentences: {self.reading[0]} of {self.reading[1]}."
        return "Measuring the result."

    def end(self, how: Stop) -> None:
        """Tells it to end after the present step; the first reason counts."""
        self.stop = self.stop or how
        self.ending.set()


class TrainingQueue:
    """One daemon thread that works through a queue of claimed runs, and examines what was taught while no run waits.

    Args:
        changed: called, from any thread, after everything that a page should show.
        ended: called with each run that ended, before the worker turns to the next.
        examine: whether a concept is examined once it is taught.
    """

    def __init__(self, changed: Callable[[], None], ended: Callable[[Run], None], *, examine: bool) -> None:
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
                self._current.end("interrupted")
                self._current.end_examining.set()
            self._wake.notify_all()
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
            self._wake.notify_all()
        self._changed()

    def cancel(self, run_id: str) -> str | None:
        """Stops a run after its present step, or takes it out of the line. Says what happens; None: not a run of this worker."""
        with self._wake:
            if (job := self._current) is not None and job.run.id == run_id and job.alive:
                again = bool(job.stop)
                job.end("cancelled")
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
                self._current.end(True)
                self._current.end_examining.set()

    def wait_until_idle(self, timeout: float = 60.0) -> None:
        """Returns when nothing is taught or examined any more, and the model is in nobody's hands here."""
        with self._wake:
            self._wake.wait_for(lambda: self._current is None, timeout)

    @property
    def job(self) -> Job | None:
        """What is being taught, or else comes next, or else is being examined (see ``alive``)."""
        with self._wake:
            current = self._current
            return self._queue[0] if self._queue and not (current and current.alive) else current

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
                examine_next = self._examine and job.run.record.state == "done" and not job.stop
            else:
                self._check(job)
                # it made way for a run
                examine_next = job.end_examining.is_set() and not job.stop
            with self._wake:
                if examine_next:
                    job.end_examining.clear()
                    self._unexamined.append(job)
                del job  # and with it the model, should another be loaded
                self._current = None
                self._wake.notify_all()
            self._changed()

    def _run(self, job: Job) -> None:
        previews = Previews(job.run, job.model, job.ending)

        def note(event: "Event") -> None:
            self._note(job, event)
            if previews.after(event):
                self._changed()

        run_training(job.run, job.model, should_stop=lambda: job.stop, on_event=note)

    def _note(self, job: Job, event: "Event") -> None:
        from lineas.training.events import Done, Reading, Started, Step

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

    def _check(self, job: Job) -> None:
        check_health(
            job.run,
            job.model,
            stop=job.end_examining,
            on_event=lambda event: self._note_health(job, event),
        )

    def _note_health(self, job: Job, event: "HealthProgress | HealthCard") -> None:
        from lineas.evaluation.health import HealthProgress

        job.examining = event if isinstance(event, HealthProgress) else job.examining
        self._changed()

    def _put_aside(self, job: Job, state: Literal["cancelled", "interrupted"]) -> None:
        job.run.end(state=state, ended=now())
        self._ended(job.run)
