"""The one object that pages and servers talk to: it knows the model, the runs, the concepts, and what is using the model.

It imports neither torch nor transformers, so that a page is up, and shows what is being loaded, before they are.
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
from lineas.storage import Concept, ConceptStore, MetricPoint, Preview, Run, RunRecord, RunSpec, RunStore, sweep
from lineas.storage.names import clean_text
from lineas.storage.run_files import thin
from lineas.training.recipes import recipe_named

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap


class StudioService:
    """Trains and answers with one model. Every method may be called from any thread and returns at once, except ``close``.

    Args:
        model: the model to load at the start, as ``load_model`` takes it.
        device, dtype, quantize: override what is chosen for this machine.
        root: the home folder; by default that of LINEAS_HOME.
        health_checks: whether each trained concept gets a health card.

    Attributes:
        version: rises with every change that a page should show.
        answers: asks the model.
        model_slot: the model in memory, and the list of those on this computer.
    """

    def __init__(
        self,
        model: str = "default",
        *,
        device: Any = None,
        dtype: Any = None,
        quantize: str | None = None,
        root: Path | None = None,
        health_checks: bool = True,
    ) -> None:
        root = root or home()
        self.version = 0
        self.run_store = RunStore(root)
        self.concept_store = ConceptStore(root, self.run_store, lambda: self._presets)
        self._first_model = model
        self.model_slot = ModelSlot(device, dtype, self._changed, LocalModels(root / "models"), quantize)
        self._queue = TrainingQueue(self._changed, self._run_ended, health_checks=health_checks)
        self._last: Run | None = None
        self.answers = Answers(self.model_slot, self.concept_store, self._changed)
        self._counting = threading.Lock()
        self._using = threading.RLock()  # between "is anyone using the model?" and acting on the answer

    def start(self, *, load: bool = True) -> None:
        """Tidy up after earlier sessions, start the training thread, and begin to load the model."""
        sweep(self.concept_store)
        self._find_last()
        self.concept_store.trash.empty()
        self._queue.start()
        if load:
            self.load_model(self._first_model)

    def close(self) -> None:
        """Stop after the current training step. Unfinished runs are left interrupted."""
        self._queue.close()
        self.model_slot.free()

    def snapshot(self) -> Snapshot:
        """The current state of everything that changes."""
        version = self.version  # read first: a change in between then gets a later version
        job, last = self._queue.job, self._last
        run = job.state if job is not None else RunState.from_record(last.record) if last is not None else None
        return Snapshot(version, self.model_slot.state, run, self._queue.queue_length, self.answers.count > 0)

    # ---- the model

    def load_model(self, name: str, **options: Any) -> None:
        """Start to load another model in the background; see the snapshot's ``model``.

        Args:
            options: ``quantize`` and ``when_ready``, as ``ModelSlot.load`` takes them.

        Raises:
            LineasError: a training or an answer is using the model.
        """
        name = name.strip()
        if not name:
            raise LineasError("Which model? Type default, a Hugging Face name, or the path of a folder or .gguf file.")
        with self._model_unused():
            self.model_slot.load(name, self._wait_until_model_unused, **options)

    def free_model(self) -> None:
        """Stop loading, or, if nothing is being loaded, remove the model from memory; raises as ``load_model``."""
        with self._using:
            if self.model_slot.stop_loading():
                return
            with self._model_unused():
                self._queue.stop_health_checks()
                self.model_slot.free()

    def use_model(self, model: "LoadedModel") -> None:
        """Take a model that is loaded already (by a notebook or a test); raises as ``load_model``."""
        with self._model_unused():
            self._queue.stop_health_checks()
            self.model_slot.adopt(model)

    @contextmanager
    def _model_unused(self) -> Iterator[None]:
        with self._using:
            advice = "Wait for it to end, or stop it first."
            if (job := self._queue.job) is not None and job.alive:
                raise LineasError(f"{job.run.record.name!r} is being taught on this model. {advice}")
            self.answers.ahead.stop(wait=True)
            if self.answers.count:
                raise LineasError(f"An answer is being written with this model. {advice}")
            yield

    def _wait_until_model_unused(self) -> None:
        self._queue.stop_health_checks()
        self._queue.wait_until_idle()
        self.answers.wait_until_idle()

    # ---- training

    def examples_report(self, source_text: str, target_text: str) -> ExamplesReport:
        """Counts and warnings for two pasted texts. Raises LineasError for a text that is too long."""
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
        instruction: str = "",
    ) -> str:
        """Queue a training and return its run id. Its sentences are saved before this returns.

        Args:
            preview: a question that is answered several times during training (see ``previews``).
            instruction: the concept in words, which stays with it.

        Raises:
            LineasError: unusable examples or settings, no model, or no space on the disk.
        """
        source, target, report = read_examples(source_text, target_text)
        if errors := [finding.message for finding in report.findings if finding.severity == "error"]:
            raise LineasError("\n".join(errors))
        given = {"steps": steps, "sparsity": sparsity or None, "support": support}
        settings = {key: value for key, value in given.items() if value is not None}
        recipe_named(recipe, **settings)  # type: ignore[arg-type]  # raises for wrong values now, not when the run starts
        with self._using:
            model = self.model_slot.ready_to_train(sites)
            words = (preview.strip(), clean_text(instruction))
            with self.concept_store.naming():
                unique, sides = self.concept_store.unique_name(name), (tuple(source), tuple(target))
                run = self.run_store.create(RunSpec(unique, *sides, model.id, recipe, settings, sites, seed, *words))
            self._queue.submit(run, model)
        self.model_slot.forget_problem()
        return run.id

    def cancel(self, run_id: str) -> str:
        """Stop a run after its current step, or remove it from the queue. Returns what happens, in a sentence."""
        if (sentence := self._queue.cancel(run_id)) is not None:
            return sentence
        record = self.run_store.get(run_id).record
        if record.active:
            raise LineasError(f"{record.name!r} is being taught by another window or the command line. Stop it there.")
        return f"{record.name!r} is not being taught any more."

    def resume(self, run_id: str) -> None:
        """Queue a cancelled, failed or interrupted run again. It continues from its last checkpoint.

        Raises:
            LineasError: the run is done or in training, there is no model, or the model is not the run's.
        """
        with self._using:
            model = self.model_slot.ready(to_train=True)
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
        """All runs, newest first, including those of other processes."""
        return [run.record for run in self.run_store.runs()]

    def sentences(self, run_id: str) -> tuple[list[str], list[str]]:
        """A run's source and target examples."""
        return self.run_store.get(run_id).sentences()

    def metrics(self, run_id: str, max_points: int = 300) -> list[MetricPoint]:
        """A run's steps for a chart: at most ``max_points``, evenly spread."""
        return thin(self.run_store.get(run_id).metrics(), max_points)

    def previews(self, run_id: str) -> list[Preview]:
        """The answers to a run's question during its training."""
        return self.run_store.get(run_id).previews()

    def log(self, run_id: str) -> tuple[Path, str]:
        """The path of a run's log, and its last lines."""
        run = self.run_store.get(run_id)
        return run.log_path, run.log_tail()

    # ---- concepts

    def concepts(self) -> list[Concept]:
        """All concepts: own ones, newest first, then the ready-made ones."""
        return self.concept_store.concepts()

    def steering_map(self, concept_id: str) -> "SteeringMap":
        """The map of a concept."""
        return self.concept_store.load(self.concept_store.find(concept_id))

    def import_concept(self, path: Path) -> Concept:
        """Copy a map file into the home. Raises LineasError, and changes nothing, if it is damaged."""
        return self._and_changed(self.concept_store.import_file(path))

    def mix(self, parts: Sequence[tuple[str, float]], name: str) -> Concept:
        """Save a mix as a new concept: concept ids with their strengths, applied in this order."""
        return self._and_changed(self.concept_store.mix(parts, name))

    def rename(self, concept_id: str, name: str) -> Concept:
        return self._and_changed(self.concept_store.rename(concept_id, name))

    def annotate(self, concept_id: str, note: str) -> Concept:
        return self._and_changed(self.concept_store.annotate(concept_id, note))

    def duplicate(self, concept_id: str) -> Concept:
        return self._and_changed(self.concept_store.duplicate(concept_id))

    def delete(self, concept_id: str) -> None:
        """Move a concept, or a run without one ("run:<id>"), to the trash."""
        self.concept_store.delete(concept_id)
        self._find_last()

    def undelete(self, concept_id: str) -> None:
        """Undo ``delete``."""
        self.concept_store.undelete(concept_id)
        self._find_last()

    # ---- internal

    @cached_property
    def _presets(self) -> "Sequence[Preset]":
        from lineas.data.presets import load_presets

        return load_presets()

    def _run_ended(self, run: Run) -> None:
        self._last = run
        if not run.folder.is_dir():  # another page has just deleted it
            self._find_last()
        if run.record.error == DEVICE_LOST:
            self.model_slot.lose()

    def _find_last(self) -> None:
        # a run in training belongs to another process, which shows it
        self._last = next((run for run in self.run_store.runs() if not run.record.active), None)
        self._changed()

    def _and_changed(self, concept: Concept) -> Concept:
        self._changed()
        return concept

    def _changed(self) -> None:
        with self._counting:
            self.version += 1
