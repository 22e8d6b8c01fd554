"""What the methods share that learn from the target text itself: steps on its next-token loss."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.models.progress import seconds_left
from lineas.training.activations import next_token_loss
from lineas.training.batching import chunks, pad
from lineas.training.events import Reading, Started, Step
from lineas.training.recipes import Recipe


@dataclass(frozen=True)
class Learnt:
    """Mean next-token loss of the batch in nats, before the first and before the last step, and the time that all took."""

    loss_start: float
    loss_end: float
    seconds: float

    @property
    def metrics(self) -> dict[str, float]:
        return {"loss_start": self.loss_start, "loss_end": self.loss_end, "seconds": round(self.seconds, 2)}


def learn(
    network: nn.Module,
    parameters: Iterable[nn.Parameter],
    rows: Sequence[Tensor],
    recipe: Recipe,
    rate: float,
    seed: int,
    steered: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Generator[Reading | Started | Step, None, Learnt]:
    """Adam, cosine, on mean next-token loss; ``recipe`` gives the number of steps and (``anchor_batch``) of rows in each.

    Events' ``distance`` is that loss, too: these methods know no other.

    Args:
        rate: learning rate at the first step.
        steered: entered around each step's forward and backward pass, and never held between two events.

    Raises:
        LineasError: where the loss, or what was learnt in the last step, is no number.
    """
    began = time.perf_counter()
    parameters = list(parameters)
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.steps)
    batches = _dealt(len(rows), recipe.anchor_batch or len(rows), seed)
    losses: list[float] = []
    for step in range(recipe.steps):
        batch = [rows[i] for i in next(batches)]
        predicted = max(1, sum(len(row) - 1 for row in batch))
        spoken = 0.0
        optimizer.zero_grad()
        for group in chunks(batch):
            padded = pad([batch[i] for i in group])
            with torch.enable_grad(), steered():
                logits = network(input_ids=padded.ids, use_cache=False).logits
                loss = next_token_loss(logits, padded) / predicted
                loss.backward()
            spoken += float(loss.detach())
        if not math.isfinite(spoken):
            raise _astray(step + 1)
        losses.append(spoken)
        if step == 0:
            yield Started(recipe.steps, 0, losses[0])
        optimizer.step()
        schedule.step()
        eta = seconds_left(began, step + 1, recipe.steps)
        yield Step(step + 1, recipe.steps, losses[-1], losses[-1], time.perf_counter() - began, eta)
    if not all(bool(torch.isfinite(parameter).all()) for parameter in parameters):
        raise _astray(recipe.steps)
    return Learnt(losses[0], losses[-1], time.perf_counter() - began)


def _astray(step: int) -> LineasError:
    return LineasError(
        f"The training went astray at step {step}: the model no longer returned numbers, so nothing was kept. Fewer steps, or "
        "another model, may help."
    )


def _dealt(count: int, size: int, seed: int) -> Generator[list[int], None, None]:
    """Batches without end: all rows in a new order, then all again."""
    generator = torch.Generator().manual_seed(seed)
    waiting: list[int] = []
    while True:
        while len(waiting) < size:
            waiting += torch.randperm(count, generator=generator).tolist()
        yield waiting[:size]
        waiting = waiting[size:]
