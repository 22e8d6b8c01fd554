"""What a method ends in where an elementwise affine map will not do: another change of outputs, or words put first."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import ClassVar, Self

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor

from lineas.files import atomic_write
from lineas.steering.intercept import Change
from lineas.steering.map import SteeringMap

FORMAT = "lineas-adapter"
FORMAT_VERSION = "1"


@dataclass(frozen=True)
class Adapter(ABC):
    """Steers like a SteeringMap, through ``steer`` or a Row of ``generate``. It cannot be mixed, inverted or exported.

    Each kind is a subclass beside the method that fits it; ``lineas.load_steering`` reads them all.

    Attributes:
        tensors: site → the parts of its change by name, float32 on the CPU.
        metadata: strings, as a SteeringMap has them.
        kind: the subclass's name in files.
        parts: names of each site's tensors.
    """

    tensors: Mapping[str, Mapping[str, Tensor]]
    metadata: Mapping[str, str] = field(default_factory=dict)

    kind: ClassVar[str]
    parts: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        tensors = {
            site: {n: t.detach().to("cpu", torch.float32) for n, t in p.items()} for site, p in self.tensors.items()
        }
        object.__setattr__(self, "tensors", tensors)

    @property
    def name(self) -> str:
        return self.metadata.get("name", "")

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(self.tensors)

    @property
    def widths(self) -> dict[str, int]:
        """Site → width of its output."""
        return {site: self.width(parts) for site, parts in self.tensors.items()}

    @property
    def instruction(self) -> str:
        """The instruction before every prompt; empty for all kinds but ``prompting``."""
        return ""

    @abstractmethod
    def width(self, parts: Mapping[str, Tensor]) -> int:
        """Width of a site's output, from the shapes of its parts."""

    @abstractmethod
    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        """Change of a site's output z at strength λ: (1−λ)z + λT(z), in float32, returned in z's dtype."""

    def changes(self, strength: float) -> dict[str, Change]:
        return {site: self.change(parts, strength) for site, parts in self.tensors.items()}

    def with_metadata(self, **strings: str) -> Self:
        return replace(self, metadata={**self.metadata, **strings})

    def save(self, path: str | Path) -> None:
        """Write one safetensors file, all or nothing."""
        tensors = {f"{s}.{part}": t.contiguous() for s, parts in self.tensors.items() for part, t in parts.items()}
        own = {"format": FORMAT, "format_version": FORMAT_VERSION, "kind": self.kind}
        atomic_write(Path(path), to_safetensors(tensors, {**self.metadata, **own}))


def placed(parts: Mapping[str, Tensor]) -> Callable[[Tensor], Mapping[str, Tensor]]:
    """Make a function from an output to the parts on its device, in float32 or wider; each copy is made once."""

    @cache
    def copy(device: torch.device, dtype: torch.dtype) -> Mapping[str, Tensor]:
        return {name: tensor.to(device, dtype) for name, tensor in parts.items()}

    return lambda output: copy(output.device, torch.promote_types(output.dtype, torch.float32))


Steering = SteeringMap | Adapter
"""What a method ends in."""
