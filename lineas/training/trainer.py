"""Algorithm 1 of LinEAS (arXiv 2503.10679): all maps trained together, end to end, by a generator of events."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from lineas.models.loaded import LoadedModel
from lineas.models.progress import TimeLeft
from lineas.models.sites import best_sites, find_sites
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.training.activations import HasWeights, read, refuse_overflow
from lineas.training.answer_context import answer_context, each_after
from lineas.training.batching import tokenize
from lineas.training.checkpoint import TrainingState
from lineas.training.distributed import Ranks
from lineas.training.events import ENDINGS, Checkpoint, Done, Ending, Event, Started, Step
from lineas.training.loss import Distance, SourceCache
from lineas.training.objective import Objective
from lineas.training.optimizers import optimizer_for
from lineas.training.parameters import Parameters
from lineas.training.planes import planes, stand_for, to_json
from lineas.training.provenance import examples_hash, provenance, refuse_too_few
from lineas.training.recipes import Recipe, recipe_named
from lineas.training.step import take_step

if TYPE_CHECKING:  # some builds of PyTorch lack it
    from torch.distributed import ProcessGroup

SECONDS_BETWEEN_CHECKPOINTS = 5.0


def fit(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
    progress: bool = False,
    group: "ProcessGroup | None" = None,
) -> SteeringMap:
    """Train a map and return it; ``train`` is the same as a generator of events.

    Args:
        progress: show a bar with the distance of each step.
        group: as in ``train``.

    Example:
        pirate = fit(load_model("default"), source=plain_sentences, target=pirate_sentences)
    """
    from tqdm.auto import tqdm

    with tqdm(desc="learning", unit="step", disable=not progress) as bar:
        for event in train(model, source, target, recipe, sites=sites, seed=seed, name=name, group=group):
            if isinstance(event, Started):
                bar.reset(total=event.of)
            elif isinstance(event, Step):
                bar.set_postfix(distance=f"{event.distance:.4g}", refresh=False)
                bar.update()
    assert isinstance(event, Done)
    return event.map


def train(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
    resume_from: Path | None = None,
    group: "ProcessGroup | None" = None,
) -> Generator[Event, None, None]:
    """Train a LinEAS map: yield Started, a Step for each step, a Checkpoint every few seconds, and Done.

    Between two events the model is as it was: no hook, no gradient, nothing of it changed. Closing the generator cancels.
    The same arguments give the same map, also when the training was interrupted and resumed.

    Args:
        source: sentences that sound like what there is; at least 4.
        target: sentences that sound like what is wanted; at least 4; neither paired with the source nor equal in number.
        recipe: a Recipe or the name of one.
        sites: a set's name or a pattern (``find_sites``); "default" is the recipe's.
        seed: decides which sentences meet in which step.
        resume_from: a checkpoint file of a training with the same arguments; the number of processes may differ.
        group: processes of ``torch.distributed`` that share the sentences of every step. All of them call this with the same
            arguments and get the same events, and the map of one process alone up to rounding. None: this process reads all.

    Raises:
        LineasError: too few sentences, unknown recipe or sites, or a checkpoint of another training.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    state, objective, (plain, wanted) = yield from _prepare(
        model, source, target, recipe, sites, seed, resume_from, group
    )
    yield Started(recipe.steps, state.step, state.distance_start)

    ending = yield from learn(state, recipe, objective.distance, objective.backward)
    learned = time.perf_counter()
    found = read(model, objective.distance.sites, objective.source, state.parameters.changes(), objective.ranks)
    means = yield from each_after(model, objective.context, found)
    seconds = state.elapsed + time.perf_counter() - learned
    metrics = objective.metrics(state, means, seconds)
    metadata = provenance(model, name, "lineas", state.settings, source, target, metrics)
    metadata["planes"] = to_json(planes(objective.distance.sites, plain, stand_for(means), wanted))
    if recipe.as_answer:
        metadata["scope"] = "answer"
    steering_map, message = state.steering_map().with_metadata(**metadata), ENDINGS[ending].format(step=state.step)
    yield Done(steering_map, state.distance_start, metrics["distance_end"], seconds, state.step, ending, message)


def learn(
    state: TrainingState,
    recipe: Recipe,
    distance: Distance,
    backward: Callable[[TrainingState], tuple[float, float]],
) -> Generator[Event, None, Ending]:
    """Take step after step until the training ends, and return why: yield a Step for each, and a Checkpoint every few seconds.

    Args:
        backward: gives the parameters the gradient of the next step's loss; returns the loss, and the distance within it.
    """
    spent, time_left = state.elapsed, TimeLeft(recipe.steps, state.step)  # after reading, which does not come again
    began = saved = time.perf_counter()
    while (ending := state.ending(recipe)) is None:
        loss, moved = backward(state)
        state.note(loss)
        if state.diverged:
            continue
        take_step(state, recipe, distance)
        state.elapsed = spent + time.perf_counter() - began
        yield Step(state.step, recipe.steps, loss, moved, state.elapsed, time_left.after(state.step), state)
        if time.perf_counter() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            yield Checkpoint(state.step, state)
            saved = time.perf_counter()
    return ending


def begin(
    model: HasWeights,
    sites: Sequence[Site],
    recipe: Recipe,
    plain: Tensor,
    wanted: Tensor,
    settings: dict[str, Any],
    resume_from: Path | None,
) -> tuple[TrainingState, Distance]:
    """Make the state before the first step, or take an earlier training up, and the distance that it is to reduce.

    Args:
        plain, wanted: site means of source and target on the plain model, float32, shape (examples, total width).
        settings: what a checkpoint must have been started with.

    Raises:
        LineasError: the model overflows, or the checkpoint belongs to another training.
    """
    distance = Distance(sites, wanted, recipe.by_site)
    parameters = Parameters(sites, model.device, recipe.shift_only)
    if recipe.start:
        parameters.begin_with_means(plain, wanted, recipe.start / len(sites))
    optimizer = optimizer_for(recipe, parameters, wanted)
    state = TrainingState(parameters, optimizer, SourceCache(distance, plain), settings)
    if resume_from is None:
        state.distance_start = float(distance(plain))
        refuse_overflow(model, state.distance_start)
    else:
        state.load(resume_from)
    return state, distance


def _prepare(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe,
    sites: str,
    seed: int,
    resume_from: Path | None,
    group: "ProcessGroup | None",
) -> Generator[Event, None, tuple[TrainingState, Objective, tuple[Tensor, Tensor]]]:
    """Read both sides through the plain model (LinEAS Eq. 2), and begin a training or take an earlier one up.

    Returns (as ``yield from`` does) state and objective, and the plain model's site means of the sentences that stand for source
    and target.
    """
    began, ranks = time.perf_counter(), Ranks.of(model, group)
    places = best_sites(model.network, recipe.sites)[1] if sites == "default" else find_sites(model.network, sites)
    context = answer_context(model) if recipe.as_answer else None
    source_rows, target_rows = (
        tokenize(model, side, recipe.max_tokens, continued=context is not None) for side in (source, target)
    )
    wanted = yield from each_after(model, context, read(model, places, target_rows, ranks=ranks))
    plain = yield from each_after(model, context, read(model, places, source_rows, ranks=ranks))
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "examples": examples_hash(source, target)}
    state, distance = begin(model, places, recipe, plain, wanted, settings, resume_from)
    state.elapsed += time.perf_counter() - began
    objective = Objective(
        model, recipe, seed, source_rows, target_rows, distance, distance.by_site(plain), ranks, context
    )
    return state, objective, (stand_for(plain), stand_for(wanted))
