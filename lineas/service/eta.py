"""How long a training will take on this computer, estimated from earlier ones, or else from a measured constant."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lineas.errors import LineasError
from lineas.storage import RunRecord
from lineas.training.recipes import Recipe, recipe_named, sentences_a_step

SECONDS_PER_SENTENCE = 0.125
"""Seconds for one sentence of a training step, on the default model and two processor cores, while a browser shows the page."""
ANCHOR = 1.6
"""Cost of a language-anchor sentence relative to a source sentence, which runs only up to the last site."""
READING = 0.45
"""Cost of a sentence that is only read (forward), relative to one of a training step (forward and backward)."""
RECENT = 5
"""How many earlier trainings count."""


@dataclass(frozen=True)
class Estimate:
    """Seconds that a training will take, and the number of earlier trainings behind it (0: the constant was used)."""

    seconds: float
    runs: int


def estimate(runs: Sequence[RunRecord], model: str, recipe: Recipe, source: int, target: int) -> Estimate | None:
    """Estimate a training on ``source`` and ``target`` sentences; None for a model that was never timed here.

    Args:
        runs: all runs, newest first.
        model: the model's id, as runs record it.
    """
    work = _sentences(recipe, recipe.steps, source, target)
    timed = [run.seconds / done for run in runs if run.model == model and (done := _sentences_done(run))][:RECENT]
    if timed:
        return Estimate(median(timed) * work, len(timed))
    return Estimate(SECONDS_PER_SENTENCE * work, 0) if model == "default" else None


def _sentences_done(run: RunRecord) -> float:
    """The work of a finished run, in sentences; 0 if it is unknown."""
    if run.state != "done" or run.seconds <= 0:
        return 0.0
    try:
        recipe = recipe_named(run.recipe, **run.settings)
    except (LineasError, TypeError):  # written by another version
        return 0.0
    return _sentences(recipe, run.step, run.source_count, run.target_count)


def _sentences(recipe: Recipe, steps: int, source: int, target: int) -> float:
    read, anchors = sentences_a_step(recipe, source, target)
    return steps * (read + ANCHOR * anchors) + READING * (2 * source + target)  # the source is read again at the end
