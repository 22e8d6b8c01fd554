"""The one object that the pages and the command line talk to: the model, the runs, the concepts, and who works with them.

It imports neither torch nor transformers by itself: a page can be up, and say what is being loaded, before they are.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.data.report import ExamplesReport, read_examples
from lineas.errors import DEVICE_LOST, LineasError
from lineas.files import home
from lineas.models.local import LocalModels
from lineas.service.answering import Answers
from lineas.service.model_slot import ModelSlot
from lineas.service.queue import TrainingQueue
from lineas.service.snapshot import RunState, Snapshot
from lineas.storage import Concept, ConceptStore, MetricPoint, Preview, Run, RunRecord, RunSpec, RunStore
from lineas.storage.run_files import thin
from lineas.training.recipes import recipe_named

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap
    from lineas.steering.overlap import Overlap


class StudioService:
    """Teaches and answers with one model. All methods may be called from any thread and return at once, but for ``close``.

    Args:
        model: what to load at the start, as ``load_model`` takes it.
        device, dtype: override what is chosen for this machine.
        root: the home folder; by default that of LINEAS_HOME.
        examine: whether each concept gets a health card once it is taught.

    Attributes:
        version: rises with everything that a page should show.
        questions: what it can be asked.
        models: the one in memory, and those on this computer.
    """

    def __init__(
        self,
        model: str = "default",
        *,
        device: Any = None,
        dtype: Any = None,
        root: Path | None = None,
        examine: bool = True,
    ) -> None:
        root = root or home()
        self.version = 0
        self.run_store = RunStore(root)
        self.concept_store = ConceptStore(root, self.run_store, lambda: self._presets)
        self._first_model = model
        self.model_slot = ModelSlot(device, dtype, self._changed, LocalModels(root / "models"))
        self._queue = TrainingQueue(self._changed, self._run_ended, examine=examine)
        self._last: Run | None = None
        self.answers = Answers(self.model_slot, self.concept_store, self._changed)
        self._counting = threading.Lock()
        self._using = threading.RLock()  # between "is anyone using the model?" and acting on the answer

    # ---- the whole

    def start(self, *, load: bool = True) -> None:
        """Finds what an earlier life left behind, starts the worker, and begins to load the model."""
        self._find_last()
        self.concept_store.trash.empty()
        self._queue.start()
        if load:
            self.load_model(self._first_model)

    def close(self) -> None:
        """Ends after the step that is being made; what is not done is left interrupted."""
        self._queue.close()
        self.model_slot.free()

    def snapshot(self) -> Snapshot:
        """Everything that changes, as it is now."""
        version = self.version  # first: what changes meanwhile then gets a later one
        job, last = self._queue.job, self._last
        run = job.state if job is not None else RunState.from_record(last.record) if last is not None else None
        return Snapshot(version, self.model_slot.state, run, self._queue.queue_length, self.answers.count > 0)

    # ---- the model

    def load_model(self, name: str) -> None:
        """Begins to load another model in the background; the snapshot's ``model`` tells how it goes.

        Raises:
            LineasError: while something is being taught or answered.
        """
        name = name.strip()
        if not name:
            raise LineasError("Which model? Type default, a Hugging Face name, or the path of a folder or .gguf file.")
        with self._unused():
            self.model_slot.load(name, self._queue.wait_until_idle)

    def free_model(self) -> None:
        """Lets the model go, to make room for other programs; a LineasError while something is being taught or answered."""
        with self._unused():
            self.model_slot.free()

    def use_model(self, model: "LoadedModel") -> None:
        """Takes a model that is loaded already (a notebook's, a test's); a LineasError where ``free_model`` has one."""
        with self._unused():
            self.model_slot.adopt(model)

    @contextmanager
    def _unused(self) -> Iterator[None]:
        with self._using:
            advice = "Wait for it to end, or stop it first."
            if (job := self._queue.job) is not None and job.alive:
                raise LineasError(f"{job.run.record.name!r} is being taught on this model. {advice}")
            if self.answers.count:
                raise LineasError(f"An answer is being written with this model. {advice}")
            self._queue.stop_examining()
            yield

    # ---- teaching

    def examples_report(self, source_text: str, target_text: str) -> ExamplesReport:
        """Counts and warnings for two pasted texts; a LineasError for one that is too long."""
        return read_examples(source_text, target_text, self.model_slot.tokenizer)[2]

    def teach(
        self,
        name: str,
        source_text: str,
        target_text: str,
        *,
        recipe: str = "quick",
        steps: int | None = None,
        seed: int = 0,
        sites: str = "default",
        sparsity: float = 0.0,
        support: float | None = None,
        preview: str = "",
    ) -> str:
        """Puts a training in the line and returns its run id. Its sentences are on disk from then on.

        Args:
            preview: a question that is answered several times meanwhile (see ``previews``).

        Raises:
            LineasError: examples or settings that cannot be used, no model, or no room on disk.
        """
        source, target, report = read_examples(source_text, target_text)
        if errors := [finding.message for finding in report.findings if finding.severity == "error"]:
            raise LineasError("\n".join(errors))
        asked = {"steps": steps, "sparsity": sparsity or None, "support": support}
        settings = {key: value for key, value in asked.items() if value is not None}
        recipe_named(recipe, **settings)  # type: ignore[arg-type]  # wrong values are told now, not when its turn comes
        with self._using:
            model = self.model_slot.ready()
            wanted = self.concept_store.unique_name(name)
            spec = RunSpec(
                wanted, tuple(source), tuple(target), model.id, recipe, settings, sites, seed, preview.strip()
            )
            run = self.run_store.create(spec)
            self._queue.submit(run, model)
        return run.id

    def cancel(self, run_id: str) -> str:
        """Stops a run after its present step, or takes it out of the line; says what happens. Twice does no harm."""
        if (sentence := self._queue.cancel(run_id)) is not None:
            return sentence
        record = self.run_store.get(run_id).record
        if record.active:
            raise LineasError(f"{record.name!r} is being taught by another window or the command line. Stop it there.")
        return f"{record.name!r} is not being taught any more."

    def resume(self, run_id: str) -> None:
        """Puts a run that was stopped, failed or interrupted in the line again; it goes on from its last checkpoint.

        Raises:
            LineasError: a run that is done or being taught, no model, or another model than the run's.
        """
        with self._using:
            model = self.model_slot.ready()
            run = self.run_store.resume(run_id)
            record = run.record
            try:
                if record.fingerprint and record.fingerprint != model.fingerprint:
                    raise LineasError(
                        f"{record.name!r} was begun on the model {record.model!r}, and {model.id!r} is loaded. Load that one first."
                    )
                run.update(state="queued", error="", message="", ended="")
            except BaseException:
                run.release()
                raise
            self._queue.submit(run, model)

    def runs(self) -> list[RunRecord]:
        """All runs, newest first, those of other processes among them."""
        return [run.record for run in self.run_store.runs()]

    def sentences(self, run_id: str) -> tuple[list[str], list[str]]:
        """A run's source and target examples."""
        return self.run_store.get(run_id).sentences()

    def metrics(self, run_id: str, max_points: int = 300) -> list[MetricPoint]:
        """A run's steps for a chart: at most ``max_points`` of them, evenly spread."""
        return thin(self.run_store.get(run_id).metrics(), max_points)

    def previews(self, run_id: str) -> list[Preview]:
        """What the model answered to the run's question, at several moments."""
        return self.run_store.get(run_id).previews()

    def log(self, run_id: str) -> tuple[Path, str]:
        """Where a run's log is, and its last lines."""
        run = self.run_store.get(run_id)
        return run.log_path, run.log_tail()

    # ---- concepts

    def concepts(self) -> list[Concept]:
        """Everything that can steer: own concepts, the newest first, then the ready-made ones."""
        return self.concept_store.concepts()

    def steering_map(self, concept_id: str) -> "SteeringMap":
        """The map of a concept."""
        return self.concept_store.load(self.concept_store.find(concept_id))

    def import_concept(self, path: Path) -> Concept:
        """Takes in a map file, once it was found sound; a LineasError otherwise, and nothing has changed."""
        return self._seen(self.concept_store.import_file(path))

    def mix(self, parts: Sequence[tuple[str, float]], name: str) -> Concept:
        """Keeps a mix as a new concept: concept ids with their strengths, one applied after the other in this order."""
        return self._seen(self.concept_store.mix(parts, name))

    def overlaps(self, parts: Sequence[tuple[str, float]]) -> "tuple[dict[tuple[int, int], Overlap], float]":
        """How the concepts of a mix get along: the overlap of every two by their places, and how hard all push together."""
        from lineas.steering.overlap import overlap, push

        self.concept_store.mixed(parts)  # tells where they do not go together at all
        maps = [(self.steering_map(concept_id), strength) for concept_id, strength in parts]
        pairs = {(i, j): overlap(maps[i][0], maps[j][0]) for j in range(len(maps)) for i in range(j)}
        return pairs, push(maps)

    def rename(self, concept_id: str, name: str) -> Concept:
        return self._seen(self.concept_store.rename(concept_id, name))

    def annotate(self, concept_id: str, note: str) -> Concept:
        return self._seen(self.concept_store.annotate(concept_id, note))

    def duplicate(self, concept_id: str) -> Concept:
        return self._seen(self.concept_store.duplicate(concept_id))

    def delete(self, concept_id: str) -> None:
        """Moves a concept, or a run without one ("run:<id>"), to the trash."""
        self.concept_store.delete(concept_id)
        self._find_last()

    def undelete(self, concept_id: str) -> None:
        """Takes back a ``delete`` of the same id."""
        self.concept_store.undelete(concept_id)
        self._find_last()

    # ---- inside

    @cached_property
    def _presets(self) -> "Sequence[Preset]":
        from lineas.data.presets import load_presets

        return load_presets()

    def _run_ended(self, run: Run) -> None:
        self._last = run
        if run.record.error == DEVICE_LOST:
            self.model_slot.lose()

    def _find_last(self) -> None:
        # what another process is teaching is its own to show
        self._last = next((run for run in self.run_store.runs() if not run.record.active), None)
        self._changed()

    def _seen(self, concept: Concept) -> Concept:
        self._changed()
        return concept

    def _changed(self) -> None:
        with self._counting:
            self.version += 1
