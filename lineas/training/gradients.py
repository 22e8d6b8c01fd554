"""The gradient of a step: transport distance and language anchor, in as many parts as memory asks for."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lineas.errors import is_out_of_memory
from lineas.models.hardware import free_memory
from lineas.models.loaded import LoadedModel
from lineas.training.activations import idle_batch, read_at_once, site_means
from lineas.training.batching import CHUNK_TOKENS, chunks, pad
from lineas.training.distributed import ALONE, PeerOutOfMemory, Ranks
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
    ranks: Ranks = ALONE,
) -> tuple[float, float, int]:
    """``backward``, tried again in parts half as large as long as memory does not suffice. The result is the same.

    The gradients are those of the whole step on every rank.

    Returns:
        the distance, the next-token loss, and the budget that sufficed.
    """
    while True:
        parameters.clear_gradients()
        smaller = budget
        try:
            value, nats = backward(
                model, distance, parameters, source, anchor, weight, anchor_weight, budget, ranks=ranks
            )
            done = ranks.agree(True)
        except PeerOutOfMemory:
            done = False
        except Exception as error:
            # the others wait inside a network that is spread over processes, and cannot be told
            if budget <= FEWEST_TOKENS or not is_out_of_memory(error) or ranks.sharded:
                raise
            done = ranks.agree(False)
            smaller = min(budget, sum(map(len, [*source, *anchor])) // ranks.size) // 2
        if done:
            parameters.sum_gradients(ranks)
            return *ranks.totals(value, nats, model.device), budget
        # outside the except block, where the failed attempt no longer holds its memory
        budget = smaller


def backward(
    model: LoadedModel,
    distance: Callable[[Tensor], Tensor],
    parameters: Parameters,
    source: Sequence[Tensor],
    anchor: Sequence[Tensor],
    weight: float,
    anchor_weight: float,
    budget: int = CHUNK_TOKENS,
    ranks: Ranks = ALONE,
) -> tuple[float, float]:
    """Add to the parameters the gradient of weight · distance(source) + anchor_weight · next-token loss(anchor).

    Sentences go in groups alike in length, so that little is padded. What fits into the budget keeps one graph. More goes in
    two passes, in bounded memory and exactly: the site means of all sentences without a graph, the gradient of the distance
    by them, and then group by group that gradient's way back to the parameters. Of several ranks each adds the part of its
    own sentences.

    Args:
        distance: from the site means of ``source``, shape (len(source), total width), to a scalar.
        budget: padded tokens whose graph fits into memory; at most ``CHUNK_TOKENS`` of them go through the network at once.

    Returns:
        the distance, and the mean next-token loss of ``anchor`` in nats (0 where there is none), or this rank's part of it.
    """
    own = ranks.share(source)
    rows = [*(source[i] for i in own), *(anchor[i] for i in ranks.share(anchor, backwards=True))]
    predicted = max(1, sum(len(row) - 1 for row in anchor))
    loss_scale = FLOAT16_SCALE if model.dtype == torch.float16 else 1.0

    def forward(group: Sequence[int]) -> tuple[list[int], Tensor, Tensor]:
        """The group's source rows, their site means, and the summed next-token loss of its anchor rows."""
        members = sorted(group)  # source rows come before anchor rows
        averaged = [i for i in members if i < len(own)]
        batch = pad([rows[i] for i in members]) if members else idle_batch(model)
        split = len(averaged) if len(averaged) < len(members) or ranks.sharded else None
        means, lm_loss = site_means(
            model, parameters.sites, batch, parameters.changes(), first_lm_row=split if members else 1
        )
        return averaged, means[: len(averaged)], means.new_zeros(()) if lm_loss is None else lm_loss

    def whole_distance(means: Tensor) -> Tensor:
        """The distance of the sentences of all ranks."""
        if not ranks.agree(True):
            raise PeerOutOfMemory
        return distance(ranks.gather(means, own, len(source)))

    groups = chunks(rows, min(budget, CHUNK_TOKENS))
    fits = sum(len(group) * len(rows[group[-1]]) for group in groups) <= budget
    with torch.enable_grad():
        if ranks.agree(fits) if ranks.sharded else fits:
            parts = [forward(group) for group in ranks.padded(groups)]
            order = torch.tensor(
                [i for part in parts for i in part[0]], dtype=torch.long, device=model.device
            ).argsort()
            nothing = torch.zeros(0, sum(site.width for site in parameters.sites), device=model.device)
            total = whole_distance(torch.cat([nothing, *(part[1] for part in parts)])[order])
            lm_loss = torch.stack([nothing.sum(), *(part[2] for part in parts)]).sum()
            loss = loss_scale * (weight * total + anchor_weight * lm_loss / predicted)
            if loss.requires_grad:  # a rank may have nothing to read
                loss.backward()
            parameters.divide_gradients(loss_scale)
            return float(total.detach()), float(lm_loss.detach()) / predicted

        found = read_at_once(model, parameters.sites, rows[: len(own)], parameters.changes(), ranks).requires_grad_()
        total = whole_distance(found)
        (grads,) = torch.autograd.grad(total, found)
        del found
        nats = 0.0
        # beside the means of thousands of sentences there is less room
        for group in ranks.padded(chunks(rows, min(budget, CHUNK_TOKENS) // 2)):
            averaged, part, lm_loss = forward(group)
            loss = weight * (part * grads[averaged]).sum() + anchor_weight * lm_loss / predicted
            (loss_scale * loss).backward()
            nats += float(lm_loss.detach())
        parameters.divide_gradients(loss_scale)
        return float(total.detach()), nats / predicted
