"""The gradient of a step: transport distance and language anchor, in as many parts as memory asks for."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lineas.errors import is_out_of_memory
from lineas.models.hardware import free_memory
from lineas.models.loaded import LoadedModel
from lineas.training.activations import read_at_once, site_means
from lineas.training.batching import CHUNK_TOKENS, chunks, pad
from lineas.training.parameters import Parameters

GRAPH_FLOATS = 20
"""Numbers that a graph keeps for each token and each coordinate of a block's output; 18 were measured on the default model."""
LOGIT_FLOATS = 3
"""Numbers that it keeps for each token of the anchor and each token of the vocabulary."""
GRAPH_SHARE = 0.5
"""Share of the free memory that a step's graph may take."""
FEWEST_TOKENS = 64
"""Smallest part into which a step that runs out of memory is cut."""
FLOAT16_SCALE = 1024.0
"""Loss scale for float16, in which gradients below 6e-8 vanish."""


def tokens_that_fit(model: LoadedModel) -> int:
    """Padded tokens whose graph fits into the memory that is free now; at least ``CHUNK_TOKENS``."""
    floats = GRAPH_FLOATS * sum(site.width for site in model.sites)
    floats += LOGIT_FLOATS * model.network.config.get_text_config().vocab_size
    size = 4 * floats
    return max(CHUNK_TOKENS, int(GRAPH_SHARE * free_memory(model.device) / size))


def backward_that_fits(
    model: LoadedModel,
    distance: Callable[[Tensor], Tensor],
    parameters: Parameters,
    source: Sequence[Tensor],
    anchor: Sequence[Tensor],
    weight: float,
    anchor_weight: float,
    budget: int,
) -> tuple[float, float, int]:
    """``backward``, tried again in parts half as large as long as memory does not suffice. The result is the same.

    Returns:
        the distance, the next-token loss, and the budget that sufficed.
    """
    while True:
        parameters.clear_gradients()
        try:
            return *backward(model, distance, parameters, source, anchor, weight, anchor_weight, budget), budget
        except Exception as error:
            if budget <= FEWEST_TOKENS or not is_out_of_memory(error):
                raise
        # outside the except block, where the failed attempt no longer holds its memory
        budget = min(budget, sum(map(len, [*source, *anchor]))) // 2


def backward(
    model: LoadedModel,
    distance: Callable[[Tensor], Tensor],
    parameters: Parameters,
    source: Sequence[Tensor],
    anchor: Sequence[Tensor],
    weight: float,
    anchor_weight: float,
    budget: int = CHUNK_TOKENS,
) -> tuple[float, float]:
    """Add to the parameters the gradient of weight · distance(source) + anchor_weight · next-token loss(anchor).

    Sentences go in groups alike in length, so that little is padded. What fits into the budget keeps one graph. More goes in
    two passes, in bounded memory and exactly: the site means of all sentences without a graph, the gradient of the distance
    by them, and then group by group that gradient's way back to the parameters.

    Args:
        distance: from the site means of ``source``, shape (len(source), total width), to a scalar.
        budget: padded tokens whose graph fits into memory; at most ``CHUNK_TOKENS`` of them go through the network at once.

    Returns:
        the distance, and the mean next-token loss of ``anchor`` in nats (0 where there is none).
    """
    rows = [*source, *anchor]
    predicted = max(1, sum(len(row) - 1 for row in anchor))
    loss_scale = FLOAT16_SCALE if model.dtype == torch.float16 else 1.0

    def forward(group: Sequence[int]) -> tuple[list[int], Tensor, Tensor]:
        """The group's source rows, their site means, and the summed next-token loss of its anchor rows."""
        members = sorted(group)  # source rows come before anchor rows
        averaged = [i for i in members if i < len(source)]
        split = len(averaged) if len(averaged) < len(members) else None
        batch = pad([rows[i] for i in members])
        means, lm_loss = site_means(model, parameters.sites, batch, parameters.changes(), first_lm_row=split)
        return averaged, means, torch.zeros((), device=model.device) if lm_loss is None else lm_loss

    groups = chunks(rows, min(budget, CHUNK_TOKENS))
    with torch.enable_grad():
        if sum(len(group) * len(rows[group[-1]]) for group in groups) <= budget:
            members, means, lm_losses = zip(*map(forward, groups), strict=True)
            order = torch.tensor([i for averaged in members for i in averaged], device=model.device).argsort()
            total, lm_loss = distance(torch.cat(means)[order]), torch.stack(lm_losses).sum()
            (loss_scale * (weight * total + anchor_weight * lm_loss / predicted)).backward()
            parameters.divide_gradients(loss_scale)
            return float(total.detach()), float(lm_loss.detach()) / predicted

        found = read_at_once(model, parameters.sites, source, parameters.changes()).requires_grad_()
        total = distance(found)
        (grads,) = torch.autograd.grad(total, found)
        del found
        nats = 0.0
        for group in chunks(
            rows, min(budget, CHUNK_TOKENS) // 2
        ):  # beside the means of thousands of sentences there is less room
            averaged, part, lm_loss = forward(group)
            loss = weight * (part * grads[averaged]).sum() + anchor_weight * lm_loss / predicted
            (loss_scale * loss).backward()
            nats += float(lm_loss.detach())
        parameters.divide_gradients(loss_scale)
        return float(total.detach()), nats / predicted
