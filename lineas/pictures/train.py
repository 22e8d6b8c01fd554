"""LinEAS on pictures: the algorithm of ``training.trainer``, with prompts for sentences, and drawing in place of reading."""

import time
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path

from lineas.pictures.activations import Row, read
from lineas.pictures.gradients import Memory, backward_that_fits
from lineas.pictures.model import PictureModel
from lineas.pictures.provenance import picture_metadata
from lineas.pictures.recipes import picture_recipe
from lineas.pictures.sampling import ONE_STEP, Drawing
from lineas.steering.map import SteeringMap
from lineas.training.batching import minibatch
from lineas.training.checkpoint import TrainingState
from lineas.training.events import ENDINGS, Done, Event, Started
from lineas.training.loss import before_and_after
from lineas.training.provenance import examples_hash, refuse_too_few
from lineas.training.recipes import Recipe
from lineas.training.trainer import begin, learn

PICTURE_ENDINGS = ENDINGS | {
    "diverged": "The training diverged at step {step}; the best map until then was kept. "
    'The recipe "paper" takes smaller steps and may help.'
}


def fit(
    model: PictureModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    drawing: Drawing = ONE_STEP,
    seed: int = 0,
    name: str = "",
) -> SteeringMap:
    """Train a map and return it; ``train`` is the same as a generator of events.

    Example:
        night = fit(load_pipeline("small"), source=["a red house", …], target=["a red house at night", …])
    """
    *_, done = train(model, source, target, recipe, drawing=drawing, seed=seed, name=name)
    assert isinstance(done, Done)
    return done.map


def train(
    model: PictureModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    drawing: Drawing = ONE_STEP,
    seed: int = 0,
    name: str = "",
    resume_from: Path | None = None,
) -> Generator[Event, None, None]:
    """Train a map between two kinds of prompts: yield Started, a Step for each step, a Checkpoint every few seconds, and Done.

    The gradient goes through all steps of the drawing, with as much of its graph in memory as fits. Every prompt keeps its own
    noise. Between two events the model is as it was; closing the generator cancels.

    Args:
        source: prompts of pictures as they are; at least 4.
        target: prompts of pictures as they should be; at least 4, not paired with the source.
        drawing: how pictures are drawn while the map learns; it can be used with more steps.
        resume_from: a checkpoint file of a training with the same arguments.

    Raises:
        LineasError: too few prompts, an unknown recipe, or a checkpoint of another training.
    """
    recipe = picture_recipe(recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    began = time.perf_counter()
    source_rows, target_rows = noisy_rows(source, seed), noisy_rows(target, seed)
    wanted = yield from read(model, model.sites, target_rows, drawing)
    plain = yield from read(model, model.sites, source_rows, drawing)
    settings = {"recipe": asdict(recipe), "drawing": asdict(drawing), "seed": seed}
    settings["examples"] = examples_hash(source, target)
    state, distance = begin(model, model.sites, recipe, plain, wanted, settings, resume_from)
    state.elapsed += time.perf_counter() - began
    yield Started(recipe.steps, state.step, state.distance_start)

    memory = Memory(min(recipe.source_batch or len(source_rows), len(source_rows)))

    def backward(state: TrainingState) -> tuple[float, float]:
        """Give the parameters the gradient of the next step's distance, and return it twice: it is the whole loss."""
        chosen = minibatch(len(source_rows), recipe.source_batch, seed, state.step)
        loss_of = state.cache.loss(state.cache.places(chosen, state.step * recipe.source_batch))
        rows = [source_rows[i] for i in chosen]
        value = backward_that_fits(model, loss_of, state.parameters, rows, drawing, memory)
        return value, value

    ending = yield from learn(state, recipe, distance, backward)
    learned = time.perf_counter()
    means = yield from read(model, model.sites, source_rows, drawing, state.parameters.changes())
    end, seconds = float(distance(means)), state.elapsed + time.perf_counter() - learned
    metrics = {
        "distance_start": state.distance_start,
        "distance_end": end,
        "steps": state.step,
        "seconds": round(seconds, 2),
        "stopped": ending,
        "sites": before_and_after(distance.by_site(plain), distance.by_site(means)),
    }
    metadata = picture_metadata(model, name, "lineas", state.settings, source, target, metrics)
    steering_map, message = (
        state.steering_map().with_metadata(**metadata),
        PICTURE_ENDINGS[ending].format(step=state.step),
    )
    yield Done(steering_map, state.distance_start, end, seconds, state.step, ending, message)


def noisy_rows(prompts: Sequence[str], seed: int) -> list[Row]:
    """Give each prompt noise of its own; the prompts at the same place of two lists share it."""
    return [Row(prompt, seed * 1_000_003 + i) for i, prompt in enumerate(prompts)]
