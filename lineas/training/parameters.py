"""The trained quantities: ω and b of every site."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lineas.steering.intercept import Change, affine
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site
from lineas.training.distributed import Ranks


class Parameters:
    """ω and b of every site as leaves that take gradients, or b alone; the identity at first.

    Attributes:
        scale, shift: site name → ω and b; float32, shape (width,).
    """

    def __init__(self, sites: Sequence[Site], device: torch.device, shift_only: bool = False) -> None:
        self.sites = tuple(sites)
        self.scale = {site.name: torch.ones(site.width, device=device, requires_grad=not shift_only) for site in sites}
        self.shift = {site.name: torch.zeros(site.width, device=device, requires_grad=True) for site in sites}

    def tensors(self) -> list[Tensor]:
        return [*self.scale.values(), *self.shift.values()]

    def begin_with_means(self, source_means: Tensor, target_means: Tensor, share: float) -> None:
        """Let each shift begin as a share of the difference of means at its site, as CAA shifts (arXiv 2312.06681).

        Args:
            source_means, target_means: float32, shape (sentences, total width).
        """
        difference = share * (target_means.mean(dim=0) - source_means.mean(dim=0))
        with torch.no_grad():
            for site, part in zip(self.sites, difference.split([site.width for site in self.sites]), strict=True):
                self.shift[site.name].copy_(part)

    def changes(self) -> dict[str, Change]:
        """What steers each site, with a graph back to the parameters."""
        return {site.name: affine(self.scale[site.name], self.shift[site.name], site.axis) for site in self.sites}

    def steering_map(self) -> SteeringMap:
        """The map as it is now, a copy without metadata."""
        scale = {site: tensor.detach().clone() for site, tensor in self.scale.items()}
        shift = {site: tensor.detach().clone() for site, tensor in self.shift.items()}
        return SteeringMap(scale, shift)

    def clear_gradients(self) -> None:
        for tensor in self.tensors():
            tensor.grad = None

    def divide_gradients(self, by: float) -> None:
        for tensor in self.tensors():
            if tensor.grad is not None:
                tensor.grad /= by

    def sum_gradients(self, ranks: Ranks) -> None:
        """Replace the gradients of this rank's sentences by those of all."""
        if ranks.size > 1:
            parts = [torch.zeros_like(t) if t.grad is None else t.grad for t in self.tensors()]
            whole = ranks.sum(torch.cat(parts)).split([len(part) for part in parts])
            for tensor, grad in zip(self.tensors(), whole, strict=True):
                tensor.grad = grad.clone()

    def copy(self) -> list[Tensor]:
        return [tensor.detach().clone() for tensor in self.tensors()]

    def restore(self, copy: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for tensor, value in zip(self.tensors(), copy, strict=True):
                tensor.copy_(value)
