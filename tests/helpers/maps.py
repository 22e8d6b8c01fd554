"""Maps to steer tiny models with."""

import torch

from lineas.steering.map import SteeringMap
from lineas.steering.site import Site


def random_map(sites: tuple[Site, ...], seed: int = 0, size: float = 0.5) -> SteeringMap:
    generator = torch.Generator().manual_seed(seed)
    return SteeringMap(
        {site.name: 1 + size * torch.randn(site.width, generator=generator) for site in sites},
        {site.name: size * torch.randn(site.width, generator=generator) for site in sites},
        {"name": "random"},
    )


def random_shifts(sites: tuple[Site, ...], seed: int = 0, size: float = 0.5) -> SteeringMap:
    """A map whose factors are 1, as the recipe quick teaches them."""
    scaling = random_map(sites, seed, size)
    ones = {site: torch.ones_like(scale) for site, scale in scaling.scale.items()}
    return SteeringMap(ones, scaling.shift, scaling.metadata)
