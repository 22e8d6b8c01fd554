"""The steering map's algebra, and its file."""

import json
import struct
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from lineas import LineasError, SteeringMap
from lineas.cli import main

WIDTHS = {"blocks.2.norm": 4, "blocks.10.norm": 3}


def make_map(seed: int, name: str = "m", widths: dict[str, int] = WIDTHS) -> SteeringMap:
    generator = torch.Generator().manual_seed(seed)
    return SteeringMap(
        {site: 1 + 0.3 * torch.randn(width, generator=generator) for site, width in widths.items()},
        {site: torch.randn(width, generator=generator) for site, width in widths.items()},
        {"name": name},
    )


def apply(steering_map: SteeringMap, site: str, z: torch.Tensor) -> torch.Tensor:
    return steering_map.scale[site] * z + steering_map.shift[site]


def same(one: SteeringMap, other: SteeringMap) -> bool:
    return one.sites == other.sites and all(
        torch.equal(one.scale[s], other.scale[s]) and torch.equal(one.shift[s], other.shift[s]) for s in one.sites
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.floats(-1, 2))
def test_strength_interpolates_between_plain_and_transported(seed: int, strength: float) -> None:
    m = make_map(seed)
    z = torch.randn(4)
    expected = (1 - strength) * z + strength * apply(m, "blocks.2.norm", z)
    torch.testing.assert_close(apply(m.at_strength(strength), "blocks.2.norm", z), expected)


def test_strength_nought_is_the_identity_and_one_is_the_map() -> None:
    m = make_map(0)
    assert same(m.at_strength(0), SteeringMap.identity(WIDTHS))
    assert m.at_strength(0).support() == 0
    assert same(m.at_strength(1), m)


def test_then_is_one_map_after_the_other() -> None:
    first, second = make_map(1), make_map(2, widths={**WIDTHS, "blocks.11.norm": 2})
    both = first.then(second)
    z = torch.randn(4)
    torch.testing.assert_close(
        apply(both, "blocks.2.norm", z), apply(second, "blocks.2.norm", apply(first, "blocks.2.norm", z))
    )
    assert torch.equal(both.scale["blocks.11.norm"], second.scale["blocks.11.norm"])
    assert same(first.then(SteeringMap.identity(WIDTHS)), first)


def test_then_inverse_is_the_identity_and_a_vanishing_scale_is_refused() -> None:
    m = make_map(3).at_strength(0.5)
    undone = m.then(m.inverse())
    for site, width in WIDTHS.items():
        torch.testing.assert_close(undone.scale[site], torch.ones(width))
        torch.testing.assert_close(undone.shift[site], torch.zeros(width), atol=1e-6, rtol=0)
    with pytest.raises(LineasError, match=r"cannot be inverted.*'a'"):
        SteeringMap({"a": torch.tensor([1.0, 0.0])}, {"a": torch.zeros(2)}).inverse()


def test_mix_adds_displacements_whatever_the_order() -> None:
    first, second = make_map(1), make_map(2, widths={**WIDTHS, "blocks.11.norm": 2})
    mixed, other_way = SteeringMap.mix([(first, 0.7), (second, 0.5)]), SteeringMap.mix([(second, 0.5), (first, 0.7)])
    for site in WIDTHS:
        torch.testing.assert_close(
            mixed.scale[site], 1 + 0.7 * (first.scale[site] - 1) + 0.5 * (second.scale[site] - 1)
        )
        torch.testing.assert_close(mixed.shift[site], 0.7 * first.shift[site] + 0.5 * second.shift[site])
        torch.testing.assert_close(mixed.shift[site], other_way.shift[site])
    torch.testing.assert_close(mixed.shift["blocks.11.norm"], 0.5 * second.shift["blocks.11.norm"])
    assert mixed.metadata == first.metadata
    with pytest.raises(LineasError, match=r"^There is nothing to mix"):
        SteeringMap.mix([])


def test_maps_of_different_models_do_not_combine() -> None:
    other = make_map(6, "other", {"blocks.2.norm": 5})
    for combine in (lambda: make_map(0).then(other), lambda: SteeringMap.mix([(make_map(0), 1), (other, 1)])):
        with pytest.raises(
            LineasError, match=r"'m' and 'other' do not belong to the same model.*4 coordinates, the other 5"
        ):
            combine()


def test_support_norms_and_prune() -> None:
    m = SteeringMap(
        {"a": torch.tensor([1.0, 1.2, 1.0, 1.0]), "b": torch.ones(4)},
        {"a": torch.tensor([0.0, 0.0, 3.0, 1e-6]), "b": torch.tensor([4.0, 0.0, 0.0, 0.0])},
    )
    assert m.support() == pytest.approx(3 / 8)
    norms = m.norms()
    assert norms["a"].scale == pytest.approx(0.2)
    assert norms["a"].support == pytest.approx(0.5)
    assert norms["b"].shift == pytest.approx(4.0)
    assert m.prune(0.5).support() == pytest.approx(2 / 8)
    assert m.prune(5).support() == 0


def test_a_map_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        make_map(0).scale["new"] = torch.ones(2)  # type: ignore[index]


def test_save_and_load_are_equal(tmp_path: Path) -> None:
    m = make_map(7).with_metadata(description="talks like a pirate ☠", recommended_strength="0.75")
    m.save(tmp_path / "m.safetensors")
    loaded = SteeringMap.load(tmp_path / "m.safetensors")
    assert same(loaded, m)
    assert loaded.sites == ("blocks.2.norm", "blocks.10.norm"), "sites stand as people count them"
    assert loaded.metadata == {**m.metadata, "format": "lineas-map", "format_version": "1"}
    assert list(tmp_path.iterdir()) == [tmp_path / "m.safetensors"]


def good_tensors() -> dict[str, torch.Tensor]:
    return {"a.scale": torch.ones(3), "a.shift": torch.zeros(3)}


META = {"format": "lineas-map", "format_version": "1"}


@pytest.mark.parametrize(
    ("tensors", "metadata", "reason"),
    [
        ({"a.scale": torch.tensor([1.0, float("nan")]), "a.shift": torch.zeros(2)}, META, "not numbers"),
        ({"a.scale": torch.ones(3), "a.shift": torch.full((3,), float("inf"))}, META, "not numbers"),
        ({"a.scale": torch.ones(3).double(), "a.shift": torch.zeros(3)}, META, "float64"),
        ({"a.scale": torch.ones(3, 3), "a.shift": torch.zeros(3)}, META, "instead of one row"),
        ({"a.scale": torch.ones(3), "a.shift": torch.zeros(2)}, META, "same length"),
        ({"a.scale": torch.ones(3)}, META, "only one of them"),
        ({"weight": torch.ones(3)}, META, "neither a scale nor a shift"),
        ({}, META, "no site at all"),
        (good_tensors(), {"format": "pt"}, "not one that LinEAS made"),
        (good_tensors(), None, "not one that LinEAS made"),
        (good_tensors(), {"format": "lineas-map", "format_version": "2"}, "update LinEAS"),
    ],
)
def test_a_wrong_file_gives_one_sentence(
    tmp_path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None, reason: str
) -> None:
    save_file(tensors, tmp_path / "bad.safetensors", metadata)
    with pytest.raises(LineasError, match=rf"'bad.safetensors' cannot be used as a map:.*{reason}"):
        SteeringMap.load(tmp_path / "bad.safetensors")


def hostile(length: int, body: bytes) -> bytes:
    return struct.pack("<Q", length) + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"abc",
        b"\x80\x04\x95 a pickle, or anything else at all",
        hostile(10**15, b"{}"),
        hostile(2, b"[]"),
        hostile(4, b"nope"),
        hostile(200_000, b"[" * 200_000),
        hostile(20, json.dumps({"__metadata__": 3}).encode()),
    ],
)
def test_a_hostile_file_gives_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(LineasError, match="cannot be used as a map"):
        SteeringMap.load(tmp_path / "x.safetensors")


def file_of(header: dict[str, object], body: bytes = b"") -> bytes:
    content = json.dumps(header).encode()
    return struct.pack("<Q", len(content)) + content + body


def tensor(dtype: str, width: int, size: int, at: int = 0) -> dict[str, object]:
    return {"dtype": dtype, "shape": [width], "data_offsets": [at, at + size]}


def one_site(name: str) -> bytes:
    words, body = {"__metadata__": META}, struct.pack("<4f", 1, 1, 0, 0)
    return file_of({**words, f"{name}.scale": tensor("F32", 2, 8), f"{name}.shift": tensor("F32", 2, 8, 8)}, body)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (file_of({"__metadata__": META, "a.scale": tensor("F8_E8M0", 4, 4)}, bytes(4)), "F8_E8M0"),
        (file_of({"__metadata__": META, "a.scale": tensor("F4", 8, 4)}, bytes(4)), ""),
        (file_of({"__metadata__": META, "a.scale": tensor("F6_E2M3", 4, 3)}, bytes(3)), ""),
        (file_of({"__metadata__": META, "a.scale": tensor("F32", 0, 0), "a.shift": tensor("F32", 0, 0)}), "is empty"),
        (file_of({"__metadata__": META} | {f"{i}.scale": tensor("F32", 0, 0) for i in range(40_000)}), "20,000 sites"),
        (file_of({"__metadata__": {**META, "name": "\ud800"}}), "its words are damaged"),
        (one_site("a.²"), None),
        (one_site("①"), None),
        (one_site("layers." + "9" * 5000), None),
    ],
    ids=["F8_E8M0", "F4", "F6_E2M3", "no width", "20,000 sites", "half a letter", "a small two", "a ringed one", "5,000 digits"],
)  # fmt: skip
def test_an_odd_file_is_refused_in_a_sentence_or_used_and_shown(
    tmp_path: Path, content: bytes, reason: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path, began = tmp_path / "x.safetensors", time.monotonic()
    path.write_bytes(content)
    if reason is None:
        steering_map = SteeringMap.load(path).with_metadata(recipe="[" * 100_000)
        assert steering_map.widths == {next(iter(steering_map.sites)): 2}
        steering_map.save(path)
        assert main(["inspect", str(path)]) == 0 and capsys.readouterr().out
    else:
        with pytest.raises(LineasError, match=f"cannot be used as a map: .*{reason}"):
            SteeringMap.load(path)
    assert time.monotonic() - began < 20  # a busy machine; it takes 0.2 s


def test_a_truncated_file_and_a_missing_one(tmp_path: Path) -> None:
    make_map(0).save(tmp_path / "m.safetensors")
    whole = (tmp_path / "m.safetensors").read_bytes()
    for length in range(0, len(whole), 37):
        (tmp_path / "cut.safetensors").write_bytes(whole[:length])
        with pytest.raises(LineasError, match="cannot be used as a map"):
            SteeringMap.load(tmp_path / "cut.safetensors")
    with pytest.raises(LineasError, match="no map file at"):
        SteeringMap.load(tmp_path / "nowhere.safetensors")


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.safetensors").open("wb") as file:
        file.truncate(300 * 1024**2)  # sparse: takes no disk
    with pytest.raises(LineasError, match="a map is never larger than"):
        SteeringMap.load(tmp_path / "huge.safetensors")


def test_a_map_is_one_line_in_a_console() -> None:
    steering_map = make_map(0, "pirate").with_metadata(base_model="tiny")
    assert repr(steering_map) == "<SteeringMap 'pirate' for 'tiny': 2 sites, 100% of 7 coordinates>"
    assert repr(SteeringMap.identity(WIDTHS)) == "<SteeringMap '' for 'any model': 2 sites, 0% of 7 coordinates>"
    assert SteeringMap({}, {}).support() == 0


def test_a_map_is_a_small_table_and_a_picture_in_a_notebook() -> None:
    scale, shift = (
        {"a": torch.ones(2), "b": torch.tensor([1.0, 4.0])},
        {"a": torch.tensor([0.0, 2.5]), "b": torch.tensor([4.0, 0.0])},
    )
    metrics = json.dumps({"distance_start": 0.5, "distance_end": 0.25})
    metadata = {
        "name": "<b>",
        "base_model": "tiny",
        "method": "lineas",
        "metrics": metrics,
        "created": "2026-11-28T18:00:00",
    }
    assert SteeringMap(scale, shift, metadata)._repr_html_() == (
        "<b>&lt;b&gt;</b>"
        '<table style="display:inline-block;vertical-align:top"><tbody><tr><td>made for</td><td>tiny</td></tr>'
        "<tr><td>method</td><td>lineas</td></tr><tr><td>distance</td><td>0.5 → 0.25</td></tr>"
        "<tr><td>created</td><td>2026-11-28</td></tr><tr><td>sites</td><td>2</td></tr></tbody></table> "
        '<svg width="12" height="60" fill="#5b4bd8"><rect x="0" y="30.0" width="5" height="30.0"><title>a: 2.5</title></rect>'
        '<rect x="6" y="0.0" width="5" height="60.0"><title>b: 5</title></rect></svg>'
    )


@pytest.mark.parametrize("metrics", ["", "[[", "{}", '{"distance_start": null, "distance_end": 1}'])
def test_a_notebook_shows_a_map_of_unknown_origin(metrics: str) -> None:
    html = SteeringMap.identity(WIDTHS, {"metrics": metrics})._repr_html_()
    assert "<b>Steering map</b>" in html and "distance" not in html and html.count("<rect") == 2
