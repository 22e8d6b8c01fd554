"""Algorithm 1 of LinEAS (arXiv 2503.10679): all maps trained together, end to end, by a generator of events."""

import hashlib
import json
import math
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from lineas.errors import LineasError, is_out_of_memory
from lineas.models.loaded import LoadedModel
from lineas.models.progress import seconds_left
from lineas.models.sites import find_sites
from lineas.steering.map import SMALLEST_SCALE, SteeringMap
from lineas.training.activations import CHUNK_TOKENS, read, refuse_overflow, tokenize
from lineas.training.checkpoint import TrainingState
from lineas.training.events import Checkpoint, Done, Event, Started, Step
from lineas.training.loss import Distance, Latest, Parameters, backward, before_and_after, tokens_in_memory
from lineas.training.optimizers import optimizer_for, step_size
from lineas.training.proximal import largest, shrink
from lineas.training.recipes import Recipe, recipe_named, sentences_a_step
from lineas.version import __version__

FEWEST_EXAMPLES = 4
SECONDS_BETWEEN_CHECKPOINTS = 5.0
DIVERGED = 10.0
"""Times the first step's loss; beyond that the best map so far is restored."""
FEWEST_TOKENS = 64
"""A step that does not fit into memory is tried again in smaller parts, which gives the same, down to this many tokens."""
LAST_RATE = 1e-3
"""Where the cosine ends, as a share of the learning rate."""
ENDINGS: dict[Literal["finished", "plateau", "diverged"], str] = {
    "finished": "All {step} steps are done.",
    "plateau": "Step {step} was the last: nothing had improved for a while.",
    "diverged": "The training went astray at step {step}; the best map until then was kept. "
    'The recipe "thorough" takes smaller steps and may help.',
}


def fit(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
) -> SteeringMap:
    """Trains a map and returns it; ``train`` is the same with its progress.

    Example:
        pirate = fit(load_model("default"), source=plain_sentences, target=pirate_sentences)
    """
    for event in train(model, source, target, recipe, sites=sites, seed=seed, name=name):
        if isinstance(event, Done):
            return event.map
    raise AssertionError("a training ends with Done")


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
) -> Generator[Event, None, None]:
    """Trains a LinEAS map: Started, then a Step for each step and a Checkpoint every few seconds, then Done.

    Between two events the model is as it was: no hook, no gradient, nothing of it changed. Closing the generator cancels.
    The same arguments give the same map, also when the training was broken off and resumed.

    Args:
        source: sentences that sound like what there is; at least 4.
        target: sentences that sound like what is wanted; at least 4; neither paired with the source nor equal in number.
        recipe: a Recipe or the name of one.
        sites: a set's name or a regular expression (``find_sites``).
        seed: decides which sentences meet in which step.
        resume_from: a checkpoint file of a training with the same arguments.

    Raises:
        LineasError: too few sentences, unknown recipe or sites, or a checkpoint of another training.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    places = find_sites(model.network, sites)
    source_rows = tokenize(model, source, recipe.max_tokens)
    target_rows = tokenize(model, target, recipe.max_tokens)
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "examples": examples_hash(source, target)}
    parameters = Parameters(places, model.device)

    began = time.perf_counter()
    wanted = yield from read(model, places, target_rows)
    distance = Distance(places, wanted)
    plain = yield from read(model, places, source_rows)
    latest = Latest(distance, plain)
    state = TrainingState(parameters, optimizer_for(recipe, parameters, wanted), latest, settings)
    if resume_from is None:
        state.distance_start = float(distance(plain))
        refuse_overflow(model, state.distance_start)
    else:
        state.load(resume_from)
        began -= state.elapsed
    before = distance.by_site(plain)
    del plain, wanted  # of thousands of sentences these are hundreds of megabytes
    # with the anchor the two losses must be of one size; without it this is the paper's loss at the reference's scale
    weight = 1 / max(state.distance_start, 1e-12) if recipe.anchor else 1.0
    yield Started(recipe.steps, state.step, state.distance_start)

    budget = CHUNK_TOKENS
    rows_a_step = sum(sentences_a_step(recipe, len(source_rows), len(target_rows)))
    if rows_a_step * max(map(len, source_rows + target_rows)) > budget:  # short sentences are not worth the look
        budget = tokens_in_memory(model, parameters, with_anchor=bool(recipe.anchor))
    first, stepping = state.step, time.perf_counter()  # what came before does not come again
    saved = stepping
    stopped: Literal["finished", "plateau", "diverged"] = "finished"
    while state.step < recipe.steps:
        chosen = _batch(len(source_rows), recipe.source_batch, seed, state.step)
        anchors = _batch(len(target_rows), recipe.anchor_batch, seed + 1, state.step) if recipe.anchor else []
        loss_of = latest.loss(latest.places(chosen, state.step * recipe.source_batch))
        rows = _of(source_rows, chosen), _of(target_rows, anchors)
        while True:
            state.optimizer.zero_grad()
            try:
                value, spoken = backward(model, loss_of, parameters, *rows, weight, recipe.anchor, budget)
                break
            except Exception as error:
                if budget <= FEWEST_TOKENS or not is_out_of_memory(error):
                    raise
            # here, where what failed no longer holds its memory
            budget = min(budget, sum(map(len, chain(*rows)))) // 2
        loss = weight * value + recipe.anchor * spoken
        state.note(loss)
        if not loss <= DIVERGED * state.first_loss:  # also where it is not a number
            parameters.restore(state.best)
            stopped = "diverged"
            break
        rate = recipe.learning_rate * _cosine(state.step / recipe.steps)
        for group in state.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        state.optimizer.step()
        _constrain(state, recipe, (state.step + 1) / recipe.steps, distance)
        state.step += 1
        state.elapsed = time.perf_counter() - began
        eta = seconds_left(stepping, state.step - first, recipe.steps - first)
        yield Step(state.step, recipe.steps, loss, value, state.elapsed, eta, state)
        if time.perf_counter() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            yield Checkpoint(state.step, state)
            saved = time.perf_counter()
        if recipe.patience and state.step - state.best_step > recipe.patience:
            stopped = "plateau"
            break

    means = yield from read(model, places, source_rows, parameters.changes())
    end = float(distance(means))
    seconds = time.perf_counter() - began
    metrics = {
        "distance_start": state.distance_start,
        "distance_end": end,
        "steps": state.step,
        "seconds": round(seconds, 2),
        "stopped": stopped,
        "sites": before_and_after(before, distance.by_site(means)),
    }
    steering_map = SteeringMap(
        parameters.scale,
        parameters.shift,
        provenance(model, name, "lineas", settings, source, target, metrics),
    )
    yield Done(
        steering_map, state.distance_start, end, seconds, state.step, stopped, ENDINGS[stopped].format(step=state.step)
    )


def refuse_too_few(source: Sequence[str], target: Sequence[str]) -> None:
    for side, sentences in (("source", source), ("target", target)):
        if len(sentences) < FEWEST_EXAMPLES:
            raise LineasError(
                f"The {side} side has {len(sentences)} sentences; at least {FEWEST_EXAMPLES} are needed. Add more."
            )


def provenance(
    model: LoadedModel,
    name: str,
    method: str,
    settings: Mapping[str, Any],
    source: Sequence[str],
    target: Sequence[str],
    metrics: Mapping[str, Any],
) -> dict[str, str]:
    """A map's metadata (design.md, section 4): what made it, on which model, from which sentences."""
    return {
        "name": name,
        "description": "",
        "base_model": model.id,
        "base_model_fingerprint": model.fingerprint,
        "method": method,
        "recipe": json.dumps(settings),
        "examples": json.dumps(
            {"source": len(source), "target": len(target), "sha256": examples_hash(source, target)}
        ),
        "metrics": json.dumps(metrics),
        "recommended_strength": "1.0",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "lineas_version": __version__,
    }


def examples_hash(source: Sequence[str], target: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps([list(source), list(target)]).encode()).hexdigest()[:16]


def _cosine(progress: float) -> float:
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * progress))


def _batch(count: int, size: int, seed: int, step: int) -> Sequence[int]:
    """The step's share of ``count`` rows: they are dealt out in a new order each time all have had their turn."""
    if not size or size >= count:
        return range(count)
    dealt = range(step * size, (step + 1) * size)
    orders = {
        turn: torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + turn)).tolist()
        for turn in {position // count for position in dealt}
    }
    return [orders[position // count][position % count] for position in dealt]


def _of(rows: Sequence[Tensor], chosen: Sequence[int]) -> list[Tensor]:
    return [rows[i] for i in chosen]


def _constrain(state: TrainingState, recipe: Recipe, progress: float, distance: Distance) -> None:
    """After the optimizer's step: sparsity (Eq. 7), wanted support, ω above 0."""
    parameters = state.parameters
    with torch.no_grad():
        for group in state.optimizer.param_groups if recipe.sparsity else ():
            for tensor in group["params"]:
                threshold = recipe.sparsity * step_size(state.optimizer, group, tensor)
                tensor.copy_(group["identity"] + shrink(tensor - group["identity"], threshold, threshold.mean()))
        if recipe.support is not None:
            _keep_support(parameters, recipe.support / 100, progress, distance)
        for scale in parameters.scale.values():
            scale.clamp_(min=SMALLEST_SCALE)


def _keep_support(parameters: Parameters, share: float, progress: float, distance: Distance) -> None:
    """Puts all but the most moved coordinates back: everything moves at first, the wanted share from half-way on.

    A coordinate's importance is how far it moves what passes: |ω−1| times the target's typical size there, and |b|.
    """
    share += (1 - share) * max(0.0, 1 - 2 * progress) ** 3
    scale, shift = torch.cat(list(parameters.scale.values())), torch.cat(list(parameters.shift.values()))
    size = distance.target.sorted.square().mean(dim=0).sqrt()
    kept = largest((scale - 1).abs() * size + shift.abs(), share).split([site.width for site in parameters.sites])
    for site, mask in zip(parameters.sites, kept, strict=True):
        parameters.scale[site.name].masked_fill_(~mask, 1.0)
        parameters.shift[site.name].masked_fill_(~mask, 0.0)
