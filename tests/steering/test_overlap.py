"""The overlap of maps against NumPy."""

import numpy as np
import pytest
import torch

from lineas.steering.map import SteeringMap
from lineas.steering.overlap import overlap


def random_map(seed: int, sites: tuple[str, ...] = ("a", "b")) -> SteeringMap:
    generator = torch.Generator().manual_seed(seed)
    return SteeringMap(
        {site: 1 + 0.2 * torch.randn(6, generator=generator) for site in sites},
        {site: torch.randn(6, generator=generator) for site in sites},
    )


def vector(steering_map: SteeringMap, site: str) -> np.ndarray:
    return np.concatenate([steering_map.scale[site].numpy() - 1.0, steering_map.shift[site].numpy()]).astype(
        np.float64
    )


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_cosines_agree_with_numpy() -> None:
    first, second = random_map(1), random_map(2)
    found = overlap(first, second)
    assert found.sites == pytest.approx({s: cosine(vector(first, s), vector(second, s)) for s in ("a", "b")}, abs=1e-6)
    whole = [np.concatenate([vector(m, s) for s in ("a", "b")]) for m in (first, second)]
    assert found.whole == pytest.approx(cosine(*whole), abs=1e-6)


def test_itself_its_opposite_and_one_that_moves_nothing() -> None:
    steering_map = random_map(3)
    assert overlap(steering_map, steering_map.at_strength(0.3)).whole == pytest.approx(1.0, abs=1e-6)
    assert overlap(steering_map, steering_map.at_strength(-1.0)).sites["a"] == pytest.approx(-1.0, abs=1e-6)
    still = overlap(steering_map, SteeringMap.identity(steering_map.widths))
    assert still.whole == 0 and set(still.sites.values()) == {0.0}


def test_sites_of_one_map_only_count_as_unmoved() -> None:
    first, second = random_map(4), random_map(5, ("b", "c"))
    found = overlap(first, second)
    assert list(found.sites) == ["b"]
    sizes = [np.sqrt(sum(np.sum(vector(m, s) ** 2) for s in m.sites)) for m in (first, second)]
    assert found.whole == pytest.approx(vector(first, "b") @ vector(second, "b") / sizes[0] / sizes[1], abs=1e-6)
    assert overlap(first, random_map(6, ("x",))).whole == 0
