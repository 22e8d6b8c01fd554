"""Whether a map is the mix that was asked for."""

import torch

from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap


def is_mix(service: StudioService, found: SteeringMap | None, parts: list[tuple[str, float]]) -> bool:
    """Whether a map is the mix of these concepts and strengths, in this order."""
    expected = service.concept_store.mixed(parts)
    return found is not None and all(
        torch.allclose(found.scale[site], expected.scale[site])
        and torch.allclose(found.shift[site], expected.shift[site])
        for site in expected.sites
    )
