"""What LinEAS minimises: the distance of the steered source from the target at all sites, and the language anchor."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import torch
from torch import Tensor

from lineas.models.hardware import free_memory
from lineas.models.loaded import LoadedModel
from lineas.models.memory import give_memory_back
from lineas.steering.intercept import Change, affine
from lineas.steering.site import Site
from lineas.training.activations import CHUNK_TOKENS, chunks, pad, read_at_once, site_means
from lineas.training.wasserstein import FixedTarget

REFERENCE_BATCH = 32
"""The reference sums over 32 samples and averages over coordinates and sites; "SGD, lr 0.1" means that scale."""

GRAPH_SHARE = 0.5
"""Of the memory that is free when a training begins, what a step's graph may take."""
PROBE_TOKENS = 16
"""Of each of two sentences from which it is known what a graph keeps for a token."""

AMPLIFIED = 1024.0
"""Times the loss whose gradient goes through a network in float16, where what is below 6e-8 is lost."""


class Parameters:
    """ω and b of every site as leaves that take gradients; the identity at first."""

    def __init__(self, sites: Sequence[Site], device: torch.device) -> None:
        self.sites = tuple(sites)
        self.scale = {site.name: torch.ones(site.width, device=device, requires_grad=True) for site in sites}
        self.shift = {site.name: torch.zeros(site.width, device=device, requires_grad=True) for site in sites}

    def tensors(self) -> list[Tensor]:
        return [*self.scale.values(), *self.shift.values()]

    def changes(self) -> dict[str, Change]:
        return {site: affine(self.scale[site], self.shift[site]) for site in self.scale}

    def divide_gradients(self, by: float) -> None:
        for tensor in self.tensors():
            if tensor.grad is not None:
                tensor.grad /= by

    def copy(self) -> list[Tensor]:
        return [tensor.detach().clone() for tensor in self.tensors()]

    def restore(self, copy: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for tensor, value in zip(self.tensors(), copy, strict=True):
                tensor.copy_(value)


class Distance:
    """The transport loss against a fixed set of target sentences (LinEAS Eq. 2 to 4), at the reference's scale.

    32 · mean over sites of the mean over coordinates of W₂²: the reference's own number for 32 sentences, and, since it
    is a mean over samples, independent of how many sentences were pasted.
    """

    def __init__(self, sites: Sequence[Site], target_means: Tensor) -> None:
        self.sites = tuple(sites)
        self.target = FixedTarget(target_means)
        widths = torch.tensor([site.width for site in sites], device=target_means.device)
        self.weights = REFERENCE_BATCH / len(sites) * (1 / widths).repeat_interleave(widths)

    def __call__(self, means: Tensor) -> Tensor:
        """From the source's site means (rows, total width) to a scalar."""
        return self.target.distance(means) @ self.weights

    def by_site(self, means: Tensor) -> dict[str, float]:
        """The same at each site alone; the mean over the sites is what a call gives."""
        columns = self.target.distance(means.detach()).split([site.width for site in self.sites])
        return {site.name: REFERENCE_BATCH * float(c.mean()) for site, c in zip(self.sites, columns, strict=True)}


def before_and_after(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, list[float]]:
    """Two results of ``Distance.by_site`` as a map's metrics keep them, under "sites"."""
    return {site: [float(f"{value:.4g}") for value in (before[site], after[site])] for site in before}


class Latest:
    """The source's site means as they were last seen, so that a few sentences a step are compared as a part of all.

    W₂ between a few points and the target is far larger than between all of them and the target, and so is its noise. Here the
    other sentences stand where they stood some steps ago, without a gradient; the slope of the few counts for all. As a number
    that distance was found 22 % too low to 44 % too high; what is told, of sentences which all moved alike, at most 10 % off.

    Args:
        distance: to the target.
        means: of all source sentences on the plain model, shape (n, total width); of more than ``MOST`` the first stand for all.
    """

    MOST = 64
    """A sort of them is 4 % of a step of the default model."""

    def __init__(self, distance: Distance, means: Tensor) -> None:
        self.distance = distance
        self.count = len(means)
        self.plain = means[: self.MOST].clone()
        self.means = self.plain.clone()

    def places(self, chosen: Sequence[int], first: int) -> list[int]:
        """Where the sentences ``chosen`` stand among the means; ``first`` counts those of all earlier steps.

        Of more sentences than there are places, the oldest make room."""
        if self.count <= self.MOST:
            return list(chosen)
        return [(first + i) % self.MOST for i in range(len(chosen))]

    def loss(self, places: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """From fresh means for these places, which they take from then on, to the distance of all, with the slope of these.

        Its value: the others moved as these were on the average; of more than ``MOST`` sentences all as they were last seen."""
        if len(places) >= len(self.means):
            return self.distance
        index = torch.tensor(places, device=self.means.device)
        share = len(places) / len(self.means)

        def of_all(fresh: Tensor) -> Tensor:
            distance = self.distance(self.means.index_copy(0, index, fresh))
            fresh = fresh.detach()
            self.means[index] = fresh
            told = distance.detach()
            if self.count <= self.MOST:
                moved = self.plain + (fresh - self.plain[index]).mean(dim=0)
                told = self.distance(moved.index_copy(0, index, fresh))
            return told + (distance - distance.detach()) / share

        return of_all


def tokens_in_memory(model: LoadedModel, parameters: Parameters, with_anchor: bool) -> int:
    """Padded tokens of which the graph fits into memory: as many as half of what is free holds, ``CHUNK_TOKENS`` at least.

    What a graph keeps for a token is seen in a short pass, since it depends on the network and on what computes its attention.

    Args:
        with_anchor: half of the sentences bring a next-token loss, for which a score of every word is kept.
    """
    own = {
        tensor.untyped_storage().data_ptr() for tensor in chain(model.network.parameters(), model.network.buffers())
    }
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    batch = pad([torch.arange(PROBE_TOKENS, device=model.device)] * 2)
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        graph = site_means(
            model, parameters.sites, batch, parameters.changes(), first_language_row=1 if with_anchor else None
        )
    del graph
    give_memory_back()  # what an earlier training left is free, too
    by_token = sum(kept.values()) / batch.ids.numel()
    return max(CHUNK_TOKENS, int(GRAPH_SHARE * free_memory(model.device) / by_token))


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
    """Gives the parameters, which must have none, the gradient of weight · distance(source) + anchor_weight · loss(anchor).

    Sentences go in groups alike in length, so that little is padded. What fits into memory together keeps one graph. More
    goes in two passes, in bounded memory and exactly: the site means of all sentences without a graph, the gradient of the
    distance by them, and then group by group that gradient's way back to the parameters.

    Args:
        distance: from the site means of ``source``, shape (len(source), total width), to a scalar.
        budget: padded tokens of which the graph fits into memory; ``CHUNK_TOKENS`` of them go through the network at once.

    Returns:
        the distance, and the mean next-token loss of ``anchor`` in nats (0 where there is none).
    """
    rows = [*source, *anchor]
    predicted = max(1, sum(len(row) - 1 for row in anchor))

    def forward(group: Sequence[int]) -> tuple[list[int], Tensor, Tensor]:
        """The group's source rows, their site means, and the summed next-token loss of its anchor rows."""
        members = sorted(group)  # source rows stand before anchor rows
        averaged = [i for i in members if i < len(source)]
        split = len(averaged) if len(averaged) < len(members) else None
        batch = pad([rows[i] for i in members])
        means, language = site_means(model, parameters.sites, batch, parameters.changes(), first_language_row=split)
        return averaged, means, torch.zeros((), device=model.device) if language is None else language

    def go_back(loss: Tensor) -> None:
        (amplified * loss).backward()

    amplified = AMPLIFIED if model.dtype == torch.float16 else 1.0
    most = min(budget, CHUNK_TOKENS)
    groups = chunks(rows, most)
    with torch.enable_grad():
        if sum(len(group) * len(rows[group[-1]]) for group in groups) <= budget:
            seen, means, language = zip(*map(forward, groups), strict=True)
            order = torch.tensor([i for averaged in seen for i in averaged], device=model.device).argsort()
            total, spoken = distance(torch.cat(means)[order]), torch.stack(language).sum()
            go_back(weight * total + anchor_weight * spoken / predicted)
            parameters.divide_gradients(amplified)
            return float(total.detach()), float(spoken.detach()) / predicted

        found = read_at_once(model, parameters.sites, source, parameters.changes()).requires_grad_()
        total = distance(found)
        (slopes,) = torch.autograd.grad(total, found)
        del found
        nats = 0.0
        for group in chunks(rows, most // 2):  # beside the means of thousands of sentences there is less room
            averaged, part, language_part = forward(group)
            go_back(weight * (part * slopes[averaged]).sum() + anchor_weight * language_part / predicted)
            nats += float(language_part.detach())
        parameters.divide_gradients(amplified)
        return float(total.detach()), nats / predicted
