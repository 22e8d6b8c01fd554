"""One training on pictures: the steps, files and states of ``training_job``, with a picture drawn now and then."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.service.training_job import Kind, Stop, run_training
from lineas.storage import MetricPoint, Run, RunRecord
from lineas.storage.carried import carry_card
from lineas.storage.records import State

if TYPE_CHECKING:
    from PIL.Image import Image

    from lineas.pictures.model import PictureModel
    from lineas.pictures.sampling import Drawing
    from lineas.steering.map import SteeringMap
    from lineas.training.events import Event

PREVIEWS = 4
"""Pictures that are drawn while it learns, beside the one before."""


@dataclass
class Lesson:
    """A training, as far as it is. Written by its thread, read by pages.

    Attributes:
        prompt: what is drawn again and again while it learns.
        drawing: how it is drawn; while it learns, prompts are drawn in one step.
        of: number of steps; 0 before the first.
        points: its steps, also those before it was resumed.
        pictures: step and picture.
        start, end: the distance before the first step, and at the end.
        message: why it failed, for people.
        unknown_words: words of its prompts that the model does not know.
        stop: whether to stop after the present step, and how.
    """

    run_id: str
    name: str
    prompt: str
    drawing: Drawing
    of: int = 0
    state: State = "running"
    points: list[MetricPoint] = field(default_factory=list)
    pictures: list[tuple[int, Image]] = field(default_factory=list)
    start: float | None = None
    end: float | None = None
    message: str = ""
    unknown_words: list[str] = field(default_factory=list)
    stop: Stop = False

    @property
    def concept_id(self) -> str:
        """What was learned; empty before the end."""
        return f"run:{self.run_id}" if self.state == "done" else ""


def train_lesson(lesson: Lesson, run: Run, model: PictureModel, changed: Callable[[], None]) -> None:
    """Train a claimed run to its end, or until the lesson is stopped.

    Args:
        changed: called whenever the lesson has something new to show.
    """

    def on_event(event: Event) -> None:
        _note(lesson, run, model, event)
        changed()

    record = run_training(run, model, should_stop=lambda: lesson.stop, on_event=on_event, kind=Kind(_steps, _events))
    lesson.message = record.error
    lesson.state = record.state


def _steps(record: RunRecord) -> int:
    from lineas.pictures.recipes import picture_recipe

    return picture_recipe(record.recipe).steps


def _events(run: Run, model: PictureModel, resume_from: Path | None, group: Any) -> Generator[Event, None, None]:
    from lineas.pictures.train import train

    source, target = run.sentences()
    record = run.record
    return train(model, source, target, record.recipe, seed=record.seed, name=record.name, resume_from=resume_from)


def _note(lesson: Lesson, run: Run, model: PictureModel, event: Event) -> None:
    from lineas.steering.map import SteeringMap
    from lineas.training.events import Done, Started, Step

    match event:
        case Started():
            lesson.of, lesson.start = event.of, event.distance
            lesson.points = [point for point in lesson.points if point.step <= event.first]
            _draw(lesson, model, 0, None)
        case Step():
            lesson.points.append(MetricPoint(event.step, event.distance, event.loss, event.elapsed))
            if event.step % max(1, event.of // PREVIEWS) == 0 and event.step < event.of and event.state is not None:
                _draw(lesson, model, event.step, event.state.steering_map())
        case Done():
            _draw(lesson, model, event.steps, event.map)
            lesson.end = event.loss_end
            card = carry_card(_card(lesson))
            SteeringMap.load(run.map_path).with_metadata(**card).save(run.map_path)


def _draw(lesson: Lesson, model: PictureModel, step: int, steering_map: SteeringMap | None) -> None:
    from lineas.pictures.generate import generate

    [picture] = generate(model, [lesson.prompt], steering_map, [1.0], [0], lesson.drawing)
    lesson.pictures.append((step, picture.image))


def _card(lesson: Lesson) -> bytes:
    from lineas.pictures.files import before_and_after

    return before_and_after(lesson.pictures[0][1], lesson.pictures[-1][1])
