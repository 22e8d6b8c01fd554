"""Training of an adapter on the next-token loss of the target sentences, as ReFT and LoRA do; the source is not used."""

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.methods import recipe_for
from lineas.methods.fitting import done
from lineas.models.loaded import LoadedModel
from lineas.models.progress import TimeLeft
from lineas.steering.adapter import Adapter
from lineas.training.activations import next_token_loss
from lineas.training.batching import chunks, pad, tokenize
from lineas.training.events import Event, Started, Step
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe


@dataclass(frozen=True)
class Trainable:
    """A new adapter, ready to be trained.

    Attributes:
        network: the network to run.
        parameters: what is trained.
        build: makes the adapter from the trained parameters and its metadata.
        rank, learning_rate: hyperparameters, written into the metadata; the learning rate is that of the first step.
        steered: context of each forward and backward pass; never held between two events.
    """

    network: nn.Module
    parameters: Sequence[nn.Parameter]
    build: Callable[[Mapping[str, str]], Adapter]
    rank: int
    learning_rate: float
    steered: Callable[[], AbstractContextManager[None]] = nullcontext


def train_on_text(
    method: str,
    prepare: Callable[[LoadedModel, str, int], Trainable],
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
) -> Iterator[Event]:
    """Train with Adam and a cosine schedule; yields events as ``training.trainer.train`` does.

    A Step's loss and distance are both the mean next-token loss of its sentences, in nats a token, before the step. The recipe's
    ``steps``, ``anchor_batch`` (sentences a step) and ``max_tokens`` matter, the rest does not.

    Args:
        prepare: makes the new adapter from the model, ``sites`` and ``seed``.

    Raises:
        LineasError: too few sentences, or a loss or parameter that is not finite.
    """
    recipe = recipe_for(method, recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    new = prepare(model, sites, seed)
    rows = tokenize(model, target, recipe.max_tokens)

    began, time_left = time.perf_counter(), TimeLeft(recipe.steps)
    optimizer = torch.optim.Adam(new.parameters, lr=new.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.steps)
    batches = _batches(len(rows), recipe.anchor_batch or len(rows), seed)
    losses: list[float] = []
    for step in range(1, recipe.steps + 1):
        optimizer.zero_grad()
        losses.append(_backward(new, [rows[i] for i in next(batches)]))
        if not math.isfinite(losses[-1]):
            raise _diverged(step)
        if step == 1:
            yield Started(recipe.steps, 0, losses[0])
        optimizer.step()
        schedule.step()
        eta = time_left.after(step)
        yield Step(step, recipe.steps, losses[-1], losses[-1], time.perf_counter() - began, eta)
    if not all(bool(torch.isfinite(parameter).all()) for parameter in new.parameters):
        raise _diverged(recipe.steps)

    seconds = time.perf_counter() - began
    settings = {
        "recipe": asdict(recipe), "sites": sites, "seed": seed, "rank": new.rank, "learning_rate": new.learning_rate,
    }  # fmt: skip
    metrics = {"loss_start": losses[0], "loss_end": losses[-1], "seconds": round(seconds, 2)}
    adapter = new.build(provenance(model, name, method, settings, source, target, metrics))
    yield done(adapter, losses[0], losses[-1], seconds, recipe.steps, f"All {recipe.steps} steps are done.")


def _backward(new: Trainable, batch: Sequence[Tensor]) -> float:
    """Add the gradient of the batch's mean next-token loss to the parameters; return that loss in nats a token."""
    predicted = max(1, sum(len(row) - 1 for row in batch))
    lm_loss = 0.0
    for group in chunks(batch):
        padded = pad([batch[i] for i in group])
        with torch.enable_grad(), new.steered():
            logits = new.network(input_ids=padded.ids, use_cache=False).logits
            loss = next_token_loss(logits, padded) / predicted
            loss.backward()
        lm_loss += float(loss.detach())
    return lm_loss


def _diverged(step: int) -> LineasError:
    return LineasError(
        f"The training diverged at step {step}: the model no longer returned numbers, so nothing was kept. Fewer steps, or "
        "another model, may help."
    )


def _batches(count: int, size: int, seed: int) -> Generator[list[int], None, None]:
    """Endless batches of row numbers: every row once in random order, then again in a new order."""
    generator = torch.Generator().manual_seed(seed)
    remaining: list[int] = []
    while True:
        while len(remaining) < size:
            remaining += torch.randperm(count, generator=generator).tolist()
        yield remaining[:size]
        remaining = remaining[size:]
