"""Pictures of what a map does at each site, and what a training writes of them into its map."""

import json

import pytest
import torch
from tiny import SOURCE, TARGET

from lineas.models.loaded import LoadedModel
from lineas.steering.site import Site
from lineas.training.planes import POINTS, Plane, from_json, planes, stand_for, to_json
from lineas.training.trainer import fit


def test_source_moves_onto_target_in_the_plane_of_the_means() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = 0.1 * torch.randn(3, 40, 8, generator=generator)
    source, target = noise[0], noise[1] + torch.tensor([3.0, *[0.0] * 7])
    half = noise[2] + torch.tensor([1.5, 0.5, *[0.0] * 6])
    sites = [Site("first", 4, 0), Site("second", 4, 1)]
    found = planes(sites, stand_for(source), stand_for(half), stand_for(target))
    plane = found["first"]
    assert len(plane.source) == len(plane.steered) == len(plane.target) == POINTS
    (from_x, _), (x, y), (to_x, _) = plane.means
    assert from_x < x < to_x and plane.way == pytest.approx(0.48, abs=0.05)
    # one scale for both axes: 0.5 beside the line, of 3 along it
    assert abs(y - plane.means[0][1]) / (to_x - from_x) == pytest.approx(0.5 / 3, abs=0.05)
    assert max(x for x, _ in plane.target) == 100 and min(x for x, _ in plane.source) == 0
    assert from_json(to_json(found)) == found


def test_a_map_that_does_nothing_has_a_plane() -> None:
    rows = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))
    plane = planes([Site("only", 4, 0)], rows, rows, rows + 1)["only"]
    assert plane.way == 0 and plane.source == plane.steered
    assert planes([Site("only", 4, 0)], rows, rows, rows)["only"].way == 0
    assert isinstance(planes([Site("only", 1, 0)], rows[:, :1], rows[:, :1], rows[:, 1:2])["only"], Plane)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[]",
        '{"a": 1}',
        '{"a": [1, [1], [], [], []]}',
        '{"a": [NaN, [1,2,3,4,5,6], [], [], []]}',
        "[" * 9999,
        '{"a": [1, [Infinity, 2, 3, 4, 5, 6], [], [], []]}',
        '{"\\ud800": [1, [1, 2, 3, 4, 5, 6], [], [], []]}',
    ],
)
def test_what_is_no_plane_is_left_out(text: str) -> None:
    assert from_json(text) == {}


def test_a_training_writes_a_plane_for_each_site(tiny_model: LoadedModel) -> None:
    steering_map = fit(tiny_model, SOURCE, TARGET, "quick")
    found = from_json(steering_map.metadata["planes"])
    assert list(found) == list(steering_map.sites)
    assert all(len(plane.source) == len(SOURCE) and len(plane.target) == len(TARGET) for plane in found.values())
    assert max(plane.way for plane in found.values()) > 0.3
    assert len(json.dumps(steering_map.metadata["planes"])) < 200 * (len(SOURCE) + len(TARGET))
