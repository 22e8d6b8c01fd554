"""Pictures for the page: the small model, loaded at first use, its concepts, and one training at a time in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lineas.data.presets import Preset, load_presets
from lineas.errors import LineasError, describe
from lineas.files import ASSETS, home, make_folder
from lineas.steering import map_file
from lineas.storage.names import clean_name, clean_text, file_stem, unique_name

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.pictures.model import PictureModel
    from lineas.pictures.small import SmallPipeline
    from lineas.steering.map import SteeringMap
    from lineas.training.events import Event

DRAWN_STEPS = 4
PREVIEWS = 4
"""Pictures that are drawn while it learns, beside the one before."""


@dataclass(frozen=True)
class PictureConcept:
    """A picture map that can be chosen.

    Attributes:
        id: "preset:night", or "own:" and the file's name.
        word: what a prompt would need instead of the map; empty if unknown.
    """

    id: str
    name: str
    word: str
    path: Path


@dataclass(frozen=True)
class Point:
    """A step and the distance before it, as the chart draws them."""

    step: int
    distance: float


@dataclass
class Lesson:
    """A training, as far as it is. Written by its thread, read by pages.

    Attributes:
        prompt: what is drawn again and again while it learns.
        pictures: step and picture.
        end: the distance at the end.
        message: how it ended, for people.
        concept_id: what was learned; empty before the end.
    """

    name: str
    prompt: str
    of: int = 0
    state: Literal["running", "done", "cancelled", "failed"] = "running"
    points: list[Point] = field(default_factory=list)
    pictures: list[tuple[int, Image]] = field(default_factory=list)
    start: float | None = None
    end: float | None = None
    message: str = ""
    concept_id: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


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
        root: folder of own maps; by default "pictures" in the home folder.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._loading, self._starting = threading.Lock(), threading.Lock()
        self._model: PictureModel | None = None
        self.lesson: Lesson | None = None

    @property
    def root(self) -> Path:
        return self._root or home() / "pictures"

    def model(self) -> PictureModel:
        """The small model; loaded once, at first use."""
        from lineas.pictures.load import load_pipeline

        with self._loading:
            if self._model is None:
                self._model = load_pipeline("small")
            return self._model

    # ---- concepts

    def presets(self) -> list[Preset]:
        return load_presets(ASSETS / "pictures")

    def concepts(self) -> list[PictureConcept]:
        """Ready-made concepts, then own ones by name. A file that is no map is left out."""
        ready = [
            PictureConcept(f"preset:{preset.id}", preset.name, preset.instruction, preset.map_path)
            for preset in self.presets()
            if preset.map_path
        ]
        own = []
        for path in sorted(self.root.glob("*.safetensors")):
            try:
                metadata = map_file.read_metadata(path)
            except (LineasError, OSError):
                continue
            name = clean_name(metadata.get("name", ""), path.stem)
            own.append(PictureConcept(f"own:{path.stem}", name, metadata.get("instruction", ""), path))
        return ready + sorted(own, key=lambda concept: concept.name.casefold())

    def concept(self, concept_id: str | None) -> PictureConcept:
        """Find a concept.

        Raises:
            LineasError: it is gone, or none was chosen.
        """
        for concept in self.concepts():
            if concept.id == concept_id:
                return concept
        raise LineasError("Choose a concept first. If yours is not in the list any more, teach it again below.")

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
        from lineas.pictures.sampling import Drawing
        from lineas.steering.map import SteeringMap

        if not prompts:
            raise LineasError("Write at least one prompt first: what should the picture show?")
        concept = self.concept(concept_id)
        model, steering_map = self.model(), SteeringMap.load(concept.path)
        drawing = Drawing(DRAWN_STEPS)
        pictures = list(generate(model, prompts, steering_map, strengths, [seed], drawing))
        worded: list[Image] = []
        if told and concept.word:
            asked = [f"{prompt} {concept.word}" for prompt in prompts]
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

    def unknown_words(self, prompts: Sequence[str]) -> list[str]:
        """Words of the prompts that the small model does not know."""
        pipeline: SmallPipeline = self.model().pipeline
        return pipeline.unknown_words(list(prompts))

    # ---- teaching

    def teach(self, name: str, source: Sequence[str], target: Sequence[str], word: str, seed: int = 0) -> Lesson:
        """Begin a training in a thread of its own, which goes on when the page is closed.

        Raises:
            LineasError: too few prompts, or another training is going on.
        """
        from lineas.training.provenance import refuse_too_few

        refuse_too_few(source, target)
        name = unique_name(clean_name(name), [concept.name for concept in self.concepts()])
        with self._starting:  # of two clicks at the same moment, one begins
            if self.lesson is not None and self.lesson.state == "running":
                raise LineasError(
                    f"{self.lesson.name!r} is being taught already. Wait until it is done, or cancel it."
                )
            lesson = self.lesson = Lesson(name, source[0])
        work = (lesson, list(source), list(target), clean_text(word), seed)
        threading.Thread(target=self._teach, args=work, name="picture-lesson", daemon=True).start()
        return lesson

    def _teach(self, lesson: Lesson, source: list[str], target: list[str], word: str, seed: int) -> None:
        from lineas.pictures.train import train

        try:
            model = self.model()
            events = train(model, source, target, seed=seed, name=lesson.name)
            while not lesson.stop.is_set():
                with model.lock:
                    event = next(events, None)
                if event is None:
                    return
                self._note(lesson, model, event, word)
            lesson.state = "cancelled"
        except Exception as error:
            lesson.message, lesson.state = describe(error), "failed"

    def _note(self, lesson: Lesson, model: PictureModel, event: Event, word: str) -> None:
        from lineas.training.events import Done, Started, Step

        match event:
            case Started():
                lesson.of, lesson.start = event.of, event.distance
                self._preview(lesson, model, None)
            case Step():
                lesson.points.append(Point(event.step, event.distance))
                if event.step % (event.of // PREVIEWS) == 0 and event.step < event.of and event.state is not None:
                    self._preview(lesson, model, event.state.steering_map())
            case Done():
                self._preview(lesson, model, event.map)
                path = make_folder(self.root) / f"{file_stem(lesson.name)}.safetensors"
                event.map.with_metadata(instruction=word).save(path)
                lesson.end, lesson.concept_id, lesson.message = event.loss_end, f"own:{path.stem}", event.message
                lesson.state = "done"

    def _preview(self, lesson: Lesson, model: PictureModel, steering_map: SteeringMap | None) -> None:
        from lineas.pictures.generate import generate

        [picture] = generate(model, [lesson.prompt], steering_map, [1.0])
        lesson.pictures.append((len(lesson.points), picture.image))

    def cancel(self) -> None:
        """Stop the training after its present step."""
        if self.lesson is not None:
            self.lesson.stop.set()
