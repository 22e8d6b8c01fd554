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
