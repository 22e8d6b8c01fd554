"""Data-parallel training: the ranks of a process group share the sentences of every step, and all end with the same map.

Every rank knows the site means of all sentences of a step, but has a graph to its own ones only. The distance is a function of
all of them, so each rank's backward pass gives its own sentences' part of the gradient, and the sum over the ranks is the whole.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, distributed, nn

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.training.launch import Launch

if TYPE_CHECKING:  # some builds of PyTorch lack it
    from torch.distributed import ProcessGroup, ReduceOp

PATIENCE = timedelta(days=1)
"""How long a rank waits for the others, which may have to load a large model first. A failed rank is ended by its launcher."""


@contextmanager
def process_group(launch: Launch, backend: str | None = None) -> Iterator["ProcessGroup | None"]:
    """Connect the processes of a launch; None for a process alone.

    Args:
        backend: as ``torch.distributed`` names it; by default NCCL between graphics cards and gloo between CPUs.
    """
    if launch.size == 1:
        yield None
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(launch.local_rank)
    distributed.init_process_group(backend, timeout=PATIENCE)
    yield distributed.group.WORLD
    distributed.destroy_process_group()  # not after a failure, which may have left the others waiting


def tell(text: str, group: "ProcessGroup") -> str:
    """The text that rank 0 gives here, on every rank of the group."""
    shared = [text]
    distributed.broadcast_object_list(shared, src=0, group=group)
    return shared[0]


def count(own: int, group: "ProcessGroup | None") -> int:
    """The sum of a count over the processes of a group, once all of them are here."""
    total = torch.tensor(own)
    if group is not None:
        distributed.all_reduce(total, group=group)
    return int(total)


class PeerOutOfMemory(Exception):
    """Raised on a rank that could go on, where another one ran out of memory: all of them try again in smaller parts."""


@dataclass(frozen=True)
class Ranks:
    """The processes that share a training's sentences.

    Attributes:
        group: None for a process that reads all sentences itself.
        rank, size: this process among those of the group.
        sharded: whether the network's weights are spread over processes, which then have to compute the same number of passes.
    """

    group: "ProcessGroup | None" = None
    rank: int = 0
    size: int = 1
    sharded: bool = False

    @classmethod
    def of(cls, model: LoadedModel, group: "ProcessGroup | None") -> "Ranks":
        """The ranks of a group.

        Raises:
            LineasError: processes that compute one network together by tensor parallelism cannot read different sentences.
        """
        sharded = any(map(_is_spread, model.network.parameters()))
        if group is None or distributed.get_world_size(group) == 1:
            return cls(sharded=sharded)
        if sharded and _tensor_parallel(model.network) & set(distributed.get_process_group_ranks(group)) - {
            distributed.get_rank()
        }:
            raise LineasError(
                "The processes of the group given compute one network together (tensor parallelism), so that they have to read the "
                "same sentences. Give the group of the data-parallel dimension, or none."
            )
        return cls(group, distributed.get_rank(group), distributed.get_world_size(group), sharded)

    def share(self, rows: Sequence[Tensor], backwards: bool = False) -> list[int]:
        """Numbers of the rows that this rank reads, dealt by length, so that all ranks have about equally much to do.

        Args:
            backwards: whether the last rank is dealt the first row; of two lists, deal one so and the other not.
        """
        if self.size == 1:
            return list(range(len(rows)))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]), reverse=True)
        rank = self.size - 1 - self.rank if backwards else self.rank
        # forth and back: who got the longest of one turn gets the shortest of the next
        turns = (order[start : start + self.size] for start in range(0, len(order), self.size))
        seats = (rank, self.size - 1 - rank)
        return [turn[seats[n % 2]] for n, turn in enumerate(turns) if seats[n % 2] < len(turn)]

    def gather(self, own: Tensor, members: Sequence[int], count: int) -> Tensor:
        """Put the rows of all ranks together.

        Args:
            own: this rank's rows, shape (len(members), width).
            members: their numbers among all ``count``.

        Returns:
            shape (count, width), the same on every rank; only this rank's rows carry a graph.
        """
        if self.size == 1:
            return own
        index = torch.tensor(members, dtype=torch.long, device=own.device)
        whole = own.new_zeros(count, own.shape[1]).index_copy(0, index, own.detach())
        distributed.all_reduce(whole, group=self.group)
        return whole.index_copy(0, index, own) if own.requires_grad else whole

    def sum(self, numbers: Tensor) -> Tensor:
        """Sum over the ranks, in place."""
        if self.size > 1:
            distributed.all_reduce(numbers, group=self.group)
        return numbers

    def totals(self, common: float, part: float, device: torch.device) -> tuple[float, float]:
        """A number that all ranks share, as rank 0 has it (processors may round differently), and the sum of their parts."""
        if self.size == 1:
            return common, part
        numbers = torch.tensor([common if self.rank == 0 else 0.0, part], dtype=torch.float64, device=device)
        common, part = self.sum(numbers).tolist()
        return common, part

    def agree(self, well: bool) -> bool:
        """Whether all is well on every rank. Each has to ask equally often; one that is not well asks once for each attempt."""
        return bool(self._extreme(well, distributed.ReduceOp.MIN)) if self.size > 1 else well

    def padded(self, groups: list[list[int]]) -> list[list[int]]:
        """Add empty groups, so that all ranks that hold parts of one network make equally many passes through it."""
        if not self.sharded or self.size == 1:
            return groups
        return groups + [[]] * (self._extreme(len(groups), distributed.ReduceOp.MAX) - len(groups))

    def smallest(self, budget: int) -> int:
        """The smallest budget of all processes that hold parts of one network, since they have to cut a step alike."""
        if not self.sharded or not distributed.is_initialized():
            return budget
        return self._extreme(budget, distributed.ReduceOp.MIN, distributed.group.WORLD)

    def _extreme(self, number: int, which: "ReduceOp.RedOpType", group: "ProcessGroup | None" = None) -> int:
        group = group or self.group
        # NCCL exchanges tensors on cards only
        on_cards = torch.cuda.is_available() and "nccl" in str(distributed.get_backend(group))
        found = torch.tensor(int(number), device="cuda" if on_cards else "cpu")
        distributed.all_reduce(found, which, group)
        return int(found)


ALONE = Ranks()


def _is_spread(parameter: Tensor) -> bool:
    """Return whether a weight is spread over processes: a DTensor."""
    return hasattr(parameter, "full_tensor")


def _tensor_parallel(network: nn.Module) -> set[int]:
    """Ranks of the processes that compute this network together; none where it is whole, or sharded by FSDP only."""
    from torch.distributed.fsdp import FSDPModule

    if any(isinstance(module, FSDPModule) for module in network.modules()):
        return set()
    spread: list[Any] = [parameter for parameter in network.parameters() if _is_spread(parameter)]
    return {int(rank) for parameter in spread for rank in parameter.device_mesh.mesh.flatten()}
