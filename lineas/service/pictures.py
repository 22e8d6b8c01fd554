"""Pictures for the page: a model, loaded at first use, its concepts, and one training at a time in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.data.checks import refuse_errors
from lineas.data.presets import Preset, load_presets
from lineas.errors import LineasError, describe
from lineas.files import ASSETS, home
from lineas.service.picture_job import Lesson, train_lesson
from lineas.service.queue import SECONDS_TO_STOP
from lineas.storage import Concept, ConceptStore, RunRecord, RunSpec, RunStore, sweep
from lineas.storage.carried import carry_card
from lineas.storage.names import clean_text
from lineas.storage.records import RESUMABLE

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.pictures.model import PictureModel
    from lineas.pictures.sampling import Drawing
    from lineas.pictures.small import SmallPipeline
    from lineas.steering.map import SteeringMap
    from lineas.storage import Run

SMALL = "small"
"""The model that comes with the program."""
MOST_STEPS = 100
SIDES = ("Pictures as they are", "Pictures as you want them")
"""What the page calls the two lists."""


@dataclass(frozen=True)
class Drawn:
    """A row of pictures of one prompt.

    Attributes:
        images: one for each strength.
        told: the plain model's picture with the concept's word in the prompt; None if there is no word.
    """

    prompt: str
    images: list[Image]
    told: Image | None


class PictureService:
    """Everything that the page Pictures asks for.

    Args:
        root: home of own concepts and trainings; by default the folder "pictures" in that of the studio.

    Attributes:
        concepts: own and ready-made concepts. An own one's instruction is what a prompt would need instead of the map.
        model_name: the model that draws and learns, loaded or to be loaded at first use.
        steps, guidance: how it draws, see ``Drawing``.
        lesson: the training of this session that is going on or ended last.
        version: changes whenever a page should show the lesson anew.
    """

    def __init__(self, root: Path | None = None) -> None:
        root = root or home() / "pictures"
        self._runs = RunStore(root)
        self.concepts = ConceptStore(root, self._runs, lambda: self.presets, for_pictures=True)
        self._loading, self._starting = threading.Lock(), threading.Lock()
        self._model: PictureModel | None = None
        self.model_name, self.steps, self.guidance = SMALL, 4, 0.0
        self._coming = ""  # the model that is being loaded in place of this one
        self._thread: threading.Thread | None = None
        self._counting = threading.Lock()
        self.lesson: Lesson | None = None
        self.version = 0

    def start(self) -> None:
        """Tidy up after earlier sessions."""
        sweep(self.concepts)
        self.concepts.trash.empty()

    def close(self) -> None:
        """Stop after the current training step. An unfinished training is left interrupted."""
        if self.lesson is not None and self._thread is not None:
            self.lesson.stop = "interrupted"
            self._thread.join(SECONDS_TO_STOP)

    @cached_property
    def presets(self) -> Sequence[Preset]:
        return load_presets(ASSETS / "pictures")

    def model(self) -> PictureModel:
        """The model; loaded once, at first use."""
        from lineas.pictures.load import load_pipeline

        with self._loading:
            if self._model is None:
                self._model = load_pipeline(self.model_name)
            return self._model

    def load(self, name: str, steps: float, guidance: float) -> None:
        """Draw and teach with another model from now on, or with the same one in another way. The old one stays until it is ready.

        Args:
            name: as for ``load_pipeline``; nothing means the small one.

        Raises:
            LineasError: there is no such model, a number cannot be used, or something is being taught.
        """
        from lineas.pictures.load import load_pipeline

        name = name.strip() or SMALL
        if not 1 <= steps <= MOST_STEPS or steps != int(steps):
            raise LineasError(f"{steps:g} steps cannot be drawn. Give a whole number from 1 to {MOST_STEPS}.")
        if not 0 <= guidance <= 30:
            raise LineasError(
                f"A guidance of {guidance:g} cannot be used. Give a number from 0, which is none, to 30."
            )
        with self._starting:
            self._refuse_second()
            self._coming = name
        try:
            if name != self.model_name:
                loaded = load_pipeline(name)
                with self._loading:
                    self._model, self.model_name = loaded, name
            self.steps, self.guidance = int(steps), guidance
        finally:
            self._coming = ""
        self._changed()

    def _drawing(self) -> Drawing:
        from lineas.pictures.sampling import Drawing

        return Drawing(self.steps, self.guidance)

    # ---- drawing

    def draw(
        self, prompts: Sequence[str], concept_id: str | None, strengths: Sequence[float], seed: int, told: bool = True
    ) -> list[Drawn]:
        """Draw each prompt at all strengths from the same noise.

        Args:
            told: also draw it by the plain model with the concept's word in the prompt.

        Raises:
            LineasError: there is no prompt or no such concept.
        """
        from lineas.pictures.generate import generate
        from lineas.steering.hooks import check_fits

        if not prompts:
            raise LineasError("Write at least one prompt first: what should the picture show?")
        concept = self.concept(concept_id)
        model, steering_map, drawing = self.model(), self.concepts.load(concept), self._drawing()
        check_fits(model, steering_map)
        pictures = list(generate(model, prompts, steering_map, strengths, [seed], drawing))
        worded: list[Image] = []
        if told and concept.instruction:
            asked = [f"{prompt} {concept.instruction}" for prompt in prompts]
            worded = [picture.image for picture in generate(model, asked, None, [0.0], [seed], drawing)]
        width = len(strengths)
        return [
            Drawn(
                prompt,
                [picture.image for picture in pictures[i * width : (i + 1) * width]],
                worded[i] if worded else None,
            )
            for i, prompt in enumerate(prompts)
        ]

    def concept(self, concept_id: str | None) -> Concept:
        """Find a concept.

        Raises:
            LineasError: it is gone, or none was chosen.
        """
        for concept in self.concepts.concepts():
            if concept.id == concept_id:
                return concept
        raise LineasError("Choose a concept first. If yours is not in the list any more, teach it again below.")

    def unknown_words(self, prompts: Sequence[str]) -> list[str]:
        """Words of the prompts that the small model does not know; other models take any."""
        model = self.model()
        if model.id != SMALL:
            return []
        pipeline: SmallPipeline = model.pipeline
        return pipeline.unknown_words(list(prompts))

    # ---- teaching

    def teach(self, name: str, source: Sequence[str], target: Sequence[str], word: str, seed: int = 0) -> Lesson:
        """Begin a training in a thread of its own, which goes on when the page is closed.

        Raises:
            LineasError: nothing can be learned from these lists, or another training is going on.
        """
        refuse_errors(source, target, SIDES)
        with self._starting:  # of two clicks at the same moment, one begins
            self._refuse_second()
            with self.concepts.naming():
                spec = RunSpec(
                    self.concepts.unique_name(name), tuple(source), tuple(target), self.model_name, seed=seed,
                    instruction=clean_text(word),
                )  # fmt: skip
                run = self._runs.create(spec)
            return self._begin(run, source[0])

    def resume(self, run_id: str) -> Lesson:
        """Go on with a training that was cancelled, failed or interrupted, from where it was.

        Raises:
            LineasError: it is done or gone, or another training is going on.
        """
        with self._starting:
            self._refuse_second()
            run = self._runs.resume(run_id)
            try:
                if run.record.model != self.model_name:
                    raise LineasError(
                        f"{run.record.name!r} was begun on the model {run.record.model!r}. Load that one first, under "
                        "“Larger models”, and continue it then."
                    )
                prompt = run.sentences()[0][0]
                run.update(state="queued", error="", message="", ended="")
            except BaseException:
                run.release()
                raise
            return self._begin(run, prompt)

    def _refuse_second(self) -> None:
        if self._coming:
            raise LineasError(f"The model {self._coming!r} is being loaded. Wait until it is there.")
        if self.lesson is not None and self.lesson.state == "running":
            raise LineasError(f"{self.lesson.name!r} is being taught already. Wait until it is done, or cancel it.")

    def _begin(self, run: Run, prompt: str) -> Lesson:
        drawing = self._drawing()
        lesson = self.lesson = Lesson(run.id, run.record.name, prompt, drawing, points=run.metrics())
        self._thread = threading.Thread(target=self._teach, args=(lesson, run), name="picture-lesson", daemon=True)
        self._thread.start()
        self._changed()
        return lesson

    def _teach(self, lesson: Lesson, run: Run) -> None:
        try:
            lesson.unknown_words = self.unknown_words([line for side in run.sentences() for line in side])
            train_lesson(lesson, run, self.model(), self._changed)
        except Exception as error:
            run.end(state="failed", error=describe(error))
            lesson.message, lesson.state = describe(error), "failed"
        self._changed()

    def _changed(self) -> None:
        with self._counting:
            self.version += 1

    def cancel(self) -> None:
        """Stop the training after its present step. It can be resumed."""
        if self.lesson is not None:
            self.lesson.stop = "cancelled"

    # ---- what is kept

    def unfinished(self) -> list[RunRecord]:
        """Trainings that can go on, newest first."""
        return [run.record for run in self._runs.runs() if run.record.state in RESUMABLE]

    def add_file(self, path: Path) -> Concept:
        """Copy a map file or an archive into the home. Its picture is drawn here, not taken from the file.

        Raises:
            LineasError: damaged, for text, or for another model; nothing changes then.
        """
        from lineas.steering.hooks import check_fits

        steering_map, model = self.concepts.read_file(path), self.model()
        check_fits(model, steering_map)
        card = _card(model, steering_map, self.presets[0].prompts[0], self._drawing())
        return self.concepts.add(steering_map.with_metadata(**carry_card(card)), steering_map.name or path.stem)


def _card(model: PictureModel, steering_map: SteeringMap, prompt: str, drawing: Drawing) -> bytes:
    from lineas.pictures.files import before_and_after
    from lineas.pictures.generate import generate

    before, after = (picture.image for picture in generate(model, [prompt], steering_map, [0.0, 1.0], [0], drawing))
    return before_and_after(before, after)
