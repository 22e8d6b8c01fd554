"""How long a training will take on this computer, told before it begins: from earlier ones, else from a measured constant."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lineas.errors import LineasError
from lineas.storage import RunRecord
from lineas.training.recipes import Recipe, recipe_named, sentences_a_step

SECONDS_PER_SENTENCE = 0.125
"""What the default model needs for one sentence of a step on two processor cores, with previews and a browser on the same ones."""
ANCHOR = 1.6
"""A sentence of the language anchor runs through the whole network and its head, one of the source to the last site only."""
READING = 0.45
"""A sentence that is only read costs, against one of a step, which goes forward and back."""
RECENT = 5


@dataclass(frozen=True)
class Pace:
    """Seconds to come, and of how many earlier trainings that is the experience (0: none, a constant)."""

    seconds: float
    runs: int


def pace(runs: Sequence[RunRecord], model: str, recipe: Recipe, source: int, target: int) -> Pace | None:
    """What teaching ``source`` and ``target`` sentences to a model will take; None for a model that was never timed here.

    Args:
        runs: all there are, newest first.
        model: the id that runs on it have.
    """
    work = _sentences(recipe, recipe.steps, source, target)
    measured = [run.seconds / done for run in runs if run.model == model and (done := _done(run))][:RECENT]
    if measured:
        return Pace(median(measured) * work, len(measured))
    return Pace(SECONDS_PER_SENTENCE * work, 0) if model == "default" else None


def _done(run: RunRecord) -> float:
    """How much a run did, in sentences; 0 where it tells nothing."""
    if run.state != "done" or run.seconds <= 0:
        return 0.0
    try:
        recipe = recipe_named(run.recipe, **run.settings)
    except (LineasError, TypeError):  # of another version
        return 0.0
    return _sentences(recipe, run.step, run.source_count, run.target_count)


def _sentences(recipe: Recipe, steps: int, source: int, target: int) -> float:
    read, anchors = sentences_a_step(recipe, source, target)
    return steps * (read + ANCHOR * anchors) + READING * (2 * source + target)  # the source once more at the end
