"""Runs on disk. A run is a folder; whoever works on it holds its lock, so a lock that is free tells that nobody does."""

import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lineas.errors import LineasError
from lineas.files import atomic_write, writing
from lineas.storage.metrics import MetricPoint, MetricsFile, read_metrics
from lineas.storage.names import clean_name
from lineas.storage.previews import Preview, append_preview, read_previews
from lineas.storage.records import RunRecord, RunSpec
from lineas.storage.sentences import read_sentences, write_sentences


class Run:
    """One run folder: ``run.json``, the sentences, metrics, checkpoint, map, log, and the lock of who works on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self.source_path = folder / "source.txt"
        self.target_path = folder / "target.txt"
        self.checkpoint_path = folder / "checkpoint.safetensors"
        self.map_path = folder / "map.safetensors"
        self.health_path = folder / "health.json"
        self.log_path = folder / "log.txt"
        self.metrics_path = folder / "metrics.jsonl"
        self.previews_path = folder / "previews.jsonl"
        self._json_path = folder / "run.json"
        self._guard = threading.RLock()
        self._changing = threading.Lock()
        self._record: RunRecord | None = None
        self._seen: tuple[int, int] | None = None  # mtime and size of the run.json that _record was read from
        self._trouble = ""  # why there is no _record
        self._metrics = MetricsFile(self.metrics_path)
        # not thread_local: the page's thread claims a run, the worker's lets it go
        self._lock = FileLock(folder / "run.lock", thread_local=False)

    @property
    def record(self) -> RunRecord:
        """What ``run.json`` says, read again when the file changed; a damaged file reads as a failed run."""
        with self._guard:
            if self._record is None or not self.claimed:  # nobody else writes what is claimed
                self._refresh()
            return self._record or RunRecord.unreadable(self.id, self._trouble)

    def _refresh(self) -> None:
        try:
            seen = _mark(self._json_path)
            if self._record is None or seen != self._seen:
                self._record, self._seen = RunRecord.from_json(self.id, self._json_path.read_text("utf-8")), seen
        except (OSError, ValueError, TypeError, RecursionError) as error:
            self._record, self._trouble = None, getattr(error, "strerror", None) or str(error)

    def update(self, **changes: Any) -> RunRecord:
        """Changes the record, in memory first: where the disk refuses it (OSError, LineasError), this process still knows."""
        with self._guard:
            return self.write(replace(self.record, **changes))

    def write(self, record: RunRecord) -> RunRecord:
        with self._guard:
            self._record = record
            atomic_write(self._json_path, record.to_json().encode("utf-8", "surrogatepass"))
            self._seen = _mark(self._json_path)
        return record

    @property
    def claimed(self) -> bool:
        """Whether this object holds the run's lock."""
        return self._lock.is_locked

    def claim(self) -> bool:
        """Takes the run's lock, unless another process or object has it. True where it is held now."""
        if self.claimed:
            return True
        if not self.folder.is_dir():  # deleted; to take the lock would make the folder anew
            return False
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        with self._guard:
            self._refresh()  # whoever held it until now may have changed it
        return True

    def let_go(self) -> None:
        """Ends the work on this run in this process."""
        self._metrics.close()
        self._lock.release()

    def end(self, **changes: Any) -> None:
        """The last change of a piece of work, and letting go, in one: who sees the end on record can take the run up.

        A disk that refuses the change is no obstacle: this process knows, and the next one will find it interrupted.
        """
        with self._guard:
            try:
                with suppress(OSError, LineasError):
                    self.update(**changes)
            finally:
                self.let_go()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes and threads off while a name or a note is changed, or the folder is moved.

        Raises:
            LineasError: where another process is at work on it.
        """
        with self._changing:
            if self.claimed:
                yield
                return
            if not self.claim():
                raise LineasError(
                    f"{self.record.name!r} is being taught in another window or by the command line. Wait for it to end."
                )
            try:
                yield
            finally:
                self.let_go()

    def sentences(self) -> tuple[list[str], list[str]]:
        """Source and target examples, as they were given.

        Raises:
            LineasError: where their files are gone or damaged.
        """
        try:
            return read_sentences(self.source_path), read_sentences(self.target_path)
        except (OSError, UnicodeError) as error:
            raise LineasError(
                f"The sentences of {self.record.name!r} cannot be read any more ({error}). Teach it anew."
            ) from error

    def add_metric(self, point: MetricPoint) -> None:
        self._metrics.append(point)

    def metrics(self) -> list[MetricPoint]:
        return read_metrics(self.metrics_path)

    def add_preview(self, preview: Preview) -> None:
        append_preview(self.previews_path, preview)

    def previews(self) -> list[Preview]:
        return read_previews(self.previews_path)

    def log(self, text: str) -> None:
        """Adds a dated paragraph to ``log.txt``; a disk that refuses it is no reason to stop."""
        with suppress(OSError), self.log_path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{now()}  {text.rstrip()}\n")

    def log_end(self, most: int = 4000) -> str:
        """The last characters of ``log.txt``."""
        try:
            return self.log_path.read_text("utf-8", errors="replace")[-most:]
        except OSError:
            return ""


class RunStore:
    """The folder ``runs`` of a home, shared with other processes (a command line may be teaching at the same time)."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "runs"
        self._runs: dict[str, Run] = {}
        self._guard = threading.Lock()

    def create(self, spec: RunSpec) -> Run:
        """A new queued run with its sentences on disk, claimed for this process.

        Raises:
            LineasError: where the home cannot be written; nothing is left behind.
        """
        created = datetime.now(UTC)
        folder = self.folder / f"{created:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        record = RunRecord(
            id=folder.name,
            name=clean_name(spec.name),
            state="queued",
            created=created.isoformat(timespec="microseconds"),
            model=spec.model,
            recipe=spec.recipe,
            settings=dict(spec.settings),
            sites=spec.sites,
            seed=spec.seed,
            preview=spec.preview,
            source_count=len(spec.source),
            target_count=len(spec.target),
            versions=_versions(),
        )
        run = Run(folder)
        with self._guard:
            self._runs[run.id] = run
        try:
            with writing(folder):
                folder.mkdir(parents=True)
                run.claim()
                run.write(record)  # first: a folder with sentences and without it counts as damaged
                write_sentences(run.source_path, spec.source)
                write_sentences(run.target_path, spec.target)
        except BaseException:
            run.let_go()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return run

    def runs(self) -> list[Run]:
        """All runs, newest first. One that its process left behind (kill -9, power cut) becomes interrupted here."""
        try:
            folders = list(self.folder.iterdir())
        except OSError:
            return []
        found = []
        for folder in folders:
            if not (folder / "run.json").exists() and not (folder / "source.txt").exists():
                continue  # no run, or one that is just being made
            with self._guard:
                if (run := self._runs.get(folder.name)) is None:
                    run = self._runs[folder.name] = Run(folder)
            if run.record.active and not run.claimed:
                settle(run)
            found.append(run)
        return sorted(found, key=lambda run: (run.record.created, run.id), reverse=True)

    def get(self, run_id: str) -> Run:
        """One run by its id.

        Raises:
            LineasError: where there is none.
        """
        with self._guard:
            if (found := self._runs.get(run_id)) is not None and found.folder.exists():
                return found
        for run in self.runs():  # never a path made from what a page sent
            if run.id == run_id:
                return run
        raise LineasError(f"There is no run {run_id!r}. It may have been deleted; look at the list of concepts.")

    def take_up(self, run_id: str) -> Run:
        """Claims an ended run, to go on with it.

        Raises:
            LineasError: where it is done, being worked on, or damaged.
        """
        run = self.get(run_id)
        name = run.record.name
        if run.claimed or not run.claim():
            raise LineasError(f"{name!r} is being taught already. Wait for it to end, or stop it first.")
        if run.record.resumable:
            return run
        run.let_go()
        if run.record.state == "done":
            raise LineasError(
                f"{name!r} has been taught to its end; there is nothing to resume. Teach it anew for another try."
            )
        raise LineasError(f"{name!r} cannot be resumed: {run.record.error or 'its state is unknown'}")


def settle(run: Run) -> None:
    """Marks a queued or running run as interrupted if no living process holds it."""
    try:
        if not run.claim():
            return
    except OSError:  # a read-only home: nothing can be marked there
        return
    try:
        if run.record.active:  # looked at again under the lock: it may just have ended
            points = run.metrics()
            with suppress(OSError, LineasError):
                run.update(state="interrupted", step=points[-1].step if points else 0)
    finally:
        run.let_go()


def _mark(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> Mapping[str, str]:
    found = {}
    for package in ("lineas", "torch", "transformers", "safetensors"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
