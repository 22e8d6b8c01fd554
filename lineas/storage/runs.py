"""Runs on disk. A run is a folder; the process that works on it holds its lock, so a free lock means that nobody does."""

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

from lineas.errors import LineasError, short
from lineas.files import append, atomic_write, make_folder, writing
from lineas.storage import run_files
from lineas.storage.names import clean_name
from lineas.storage.records import RunRecord, RunSpec
from lineas.storage.run_files import MetricPoint, MetricsFile, Preview


class Run:
    """A run folder: ``run.json``, sentences, metrics, previews, checkpoint, map, health card, log, and the lock."""

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
        # not thread_local: the page's thread claims a run, the worker's releases it
        self._lock = FileLock(folder / "run.lock", mode=0o600, thread_local=False)

    @property
    def record(self) -> RunRecord:
        """The content of ``run.json``, read again if the file changed; a damaged file reads as a failed run."""
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
        """Change fields of the record, in memory first: if the disk refuses (OSError, LineasError), this process still knows."""
        with self._guard:
            return self.write(replace(self.record, **changes))

    def write(self, record: RunRecord) -> RunRecord:
        """Replace the record; raises as ``update``."""
        with self._guard:
            self._record = record
            atomic_write(self._json_path, record.to_json().encode("utf-8", "surrogatepass"))
            self._seen = _mark(self._json_path)
        return record

    @property
    def claimed(self) -> bool:
        """Return whether this object holds the run's lock."""
        return self._lock.is_locked

    def claim(self) -> bool:
        """Take the run's lock; False if another process or object has it. LineasError where the disk does not allow it."""
        if self.claimed:
            return True
        if not self.folder.is_dir():  # it was deleted, and taking the lock would create the folder
            return False
        try:
            with writing(self.folder / "run.lock"):
                self._lock.acquire(blocking=False)
        except Timeout:
            return False
        with self._guard:
            self._refresh()  # whoever held it until now may have changed it
        return True

    def release(self) -> None:
        """Give the lock back."""
        self._metrics.close()
        self._lock.release()

    def end(self, **changes: Any) -> None:
        """Make the last change of a piece of work and release the run in one step, so that whoever sees the change can claim it.

        If the disk refuses the change, this process knows it all the same, and the next one will find the run interrupted.
        """
        with self._guard:
            try:
                with suppress(OSError, LineasError):
                    self.update(**changes)
            finally:
                self.release()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and threads away in this context, to change the name or note, or move the folder.

        Raises:
            LineasError: another process is working on the run.
        """
        with self._changing:
            if self.claimed:
                yield
                return
            if not self.claim():
                raise LineasError(
                    f"{short(self.record.name)!r} is being taught in another window or by the command line. Wait for it to end."
                )
            try:
                yield
            finally:
                self.release()

    def sentences(self) -> tuple[list[str], list[str]]:
        """Read the source and target examples.

        Raises:
            LineasError: their files are missing or damaged.
        """
        try:
            return run_files.read_sentences(self.source_path), run_files.read_sentences(self.target_path)
        except (OSError, UnicodeError) as error:
            raise LineasError(
                f"The sentences of {short(self.record.name)!r} cannot be read any more ({error}). Teach it anew."
            ) from error

    def add_metric(self, point: MetricPoint) -> None:
        self._metrics.append(point)

    def metrics(self) -> list[MetricPoint]:
        return run_files.read_metrics(self.metrics_path)

    def add_preview(self, preview: Preview) -> None:
        run_files.append_preview(self.previews_path, preview)

    def previews(self) -> list[Preview]:
        return run_files.read_previews(self.previews_path)

    def log(self, text: str) -> None:
        """Add a dated paragraph to ``log.txt``; if the disk refuses, work goes on."""
        with suppress(OSError):
            append(self.log_path, f"{now()}  {text.rstrip()}\n")

    def log_tail(self, most: int = 4000) -> str:
        """Read the last characters of ``log.txt``."""
        try:
            return self.log_path.read_text("utf-8", errors="replace")[-most:]
        except OSError:
            return ""


class RunStore:
    """The folder ``runs`` of a home. Other processes use it, too: a command line may be training at the same time."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "runs"
        self._runs: dict[str, Run] = {}
        self._guard = threading.Lock()

    def create(self, spec: RunSpec) -> Run:
        """Create a queued run with its sentences on disk, claimed by this process.

        Raises:
            LineasError: the home cannot be written; nothing is left behind.
        """
        created = datetime.now(UTC)
        run = Run(self.folder / f"{created:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
        shared = {**vars(spec), "name": clean_name(spec.name), "settings": dict(spec.settings)}
        source, target = shared.pop("source"), shared.pop("target")
        record = RunRecord(
            id=run.id,
            state="queued",
            created=created.isoformat(timespec="microseconds"),
            source_count=len(source),
            target_count=len(target),
            versions=_versions(),
            **shared,
        )
        with self._guard:
            self._runs[run.id] = run
        try:
            make_folder(run.folder)
            with writing(run.folder):
                run.claim()
            run.write(record)  # first: a folder with sentences but without run.json counts as damaged
            run_files.write_sentences(run.source_path, source)
            run_files.write_sentences(run.target_path, target)
        except BaseException:
            run.release()
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
        return run

    def runs(self) -> list[Run]:
        """List all runs, newest first. One that its process left behind (kill -9, power cut) becomes interrupted here."""
        try:
            folders = list(self.folder.iterdir())
        except OSError:
            return []
        found = []
        for folder in folders:
            if not (folder / "run.json").exists() and not (folder / "source.txt").exists():
                continue  # no run, or one that is just being created
            with self._guard:
                if (run := self._runs.get(folder.name)) is None:
                    run = self._runs[folder.name] = Run(folder)
            if run.record.active and not run.claimed:
                mark_if_interrupted(run)
            found.append(run)
        return sorted(found, key=lambda run: (run.record.created, run.id), reverse=True)

    def get(self, run_id: str) -> Run:
        """Find a run by its id.

        Raises:
            LineasError: there is none.
        """
        with self._guard:
            if (found := self._runs.get(run_id)) is not None and found.folder.exists():
                return found
        for run in self.runs():  # never a path made from what a page sent
            if run.id == run_id:
                return run
        raise LineasError(
            f"There is no run {short(run_id)!r}. It may have been deleted; look at the list of concepts."
        )

    def resume(self, run_id: str) -> Run:
        """Claim an ended run, to continue its training.

        Raises:
            LineasError: the run is done, being worked on, or damaged.
        """
        run = self.get(run_id)
        name = run.record.name
        if run.claimed or not run.claim():
            raise LineasError(f"{short(name)!r} is being taught already. Wait for it to end, or stop it first.")
        if run.record.resumable:
            return run
        run.release()
        if run.record.state == "done":
            raise LineasError(
                f"{short(name)!r} has been taught to its end; there is nothing to resume. Teach it anew for another try."
            )
        raise LineasError(f"{short(name)!r} cannot be resumed: {run.record.error or 'its state is unknown'}")


def mark_if_interrupted(run: Run) -> None:
    """Mark a queued or running run as interrupted if no living process holds it."""
    try:
        if not run.claim():
            return
    except LineasError:  # a read-only home, where nothing can be marked
        return
    try:
        if run.record.active:  # read again under the lock: it may just have ended
            points = run.metrics()
            with suppress(OSError, LineasError):
                run.update(state="interrupted", step=points[-1].step if points else 0)
    finally:
        run.release()


def _mark(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def now() -> str:
    """Current time in ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> Mapping[str, str]:
    found = {}
    for package in ("lineas", "torch", "transformers", "safetensors"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
