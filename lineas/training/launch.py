"""What a launcher of several processes (torchrun, accelerate) tells each of them. Imports torch only when it is asked."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Launch:
    """This process among those that were launched together; rank 0 of 1 by default.

    Attributes:
        rank, size: its number among all of them.
        local_rank: its number among those on this computer.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @classmethod
    def here(cls) -> "Launch":
        """Read the launcher's variables from the environment."""
        return cls(*(int(os.environ.get(name, value)) for name, value in _VARIABLES.items()))

    @property
    def device(self) -> str | None:
        """Device for ``load_model``: a card for each process, else the CPU; None (the best one) for a process alone."""
        import torch

        if self.size == 1:
            return None
        return f"cuda:{self.local_rank}" if torch.cuda.is_available() else "cpu"

    def share(self, items: Sequence[Item]) -> list[Item]:
        """The items that fall to this process: every ``size``-th."""
        return list(items[self.rank :: self.size])


_VARIABLES = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0}
