"""A concept as one file: written, read, and refused where it is not sound."""

import zipfile
from pathlib import Path

import pytest
import torch

from lineas.errors import LineasError
from lineas.steering.map import SteeringMap
from lineas.storage import ConceptStore, RunSpec, RunStore, archive
from lineas.storage.archive import CARD_FILE, MAP, PICTURE_LISTS, TEXT_LISTS
from lineas.storage.carried import carry_card

SENTENCES = (["I went\nhome.", "Plain ☕"], ["Arr, \\o/ home!"])


@pytest.fixture
def steering_map() -> SteeringMap:
    strings = {
        "name": "pirate",
        "health": '{"verdict": "works"}',
        "instruction": "Talk like a pirate.",
        "mode": "both",
    }
    return SteeringMap({"site": torch.full((4,), 1.5)}, {"site": torch.ones(4)}, strings)


def packed(path: Path, **parts: bytes) -> Path:
    """Write a zip file; ``map`` stands for the map's name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(MAP if name == "map" else name, content)
    return path


@pytest.mark.parametrize("for_pictures", [False, True], ids=["text", "pictures"])
def test_a_concept_goes_from_one_home_to_another(
    tmp_path: Path, steering_map: SteeringMap, for_pictures: bool
) -> None:
    homes = [tmp_path / name for name in ("here", "there")]
    here, there, other = (
        ConceptStore(home, RunStore(home), list, kind)
        for home, kind in zip([*homes, homes[1]], [for_pictures, for_pictures, not for_pictures], strict=True)
    )
    source, target = PICTURE_LISTS if for_pictures else TEXT_LISTS
    if for_pictures:
        steering_map = steering_map.with_metadata(kind="pictures", **carry_card(b"\x89PNG\r\n card"))
    run = here._runs.create(RunSpec("Pirate", tuple(SENTENCES[0]), tuple(SENTENCES[1])))
    steering_map.save(run.map_path)
    run.end(state="done")
    file = tmp_path / "given.lineas"
    here.write_archive(f"run:{run.id}", file)
    names = zipfile.ZipFile(file).namelist()
    assert names == [MAP, source, target, "health.json", "instruction.txt", *([CARD_FILE] if for_pictures else [])]
    assert zipfile.ZipFile(file).read(target) == b"Arr, \\\\o/ home!\n"
    concept = there.import_file(file)
    assert (concept.name, concept.mode, concept.instruction) == ("Pirate", "both", "Talk like a pirate.")
    assert concept.health == steering_map.metadata["health"]
    assert there.examples(concept.id) == SENTENCES
    assert torch.equal(there.load(concept).scale["site"], steering_map.scale["site"])
    good = zipfile.ZipFile(file).read(MAP)
    changed = archive.read(packed(tmp_path / "no-lists.lineas", map=good))
    edited = packed(
        tmp_path / "edited.lineas",
        map=good,
        **{source: b"\xef\xbb\xbfOne.\r\nTwo.\r\n", target: "Drei, größer".encode()},
    )
    assert there.examples(there.import_file(edited).id) == (["One.", "Two."], ["Drei, größer"])
    assert changed.metadata.get("sentences", "") == "" and changed.metadata["instruction"] == ""
    with pytest.raises(LineasError, match="page My concepts" if not for_pictures else "page Pictures"):
        other.import_file(file)


def test_what_is_not_sound_is_refused_and_nothing_lands_elsewhere(
    tmp_path: Path, steering_map: SteeringMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    store = ConceptStore(home, RunStore(home), list)
    steering_map.save(tmp_path / "good.safetensors")
    good = (tmp_path / "good.safetensors").read_bytes()
    monkeypatch.setattr(archive, "MOST", {**archive.MOST, "instruction.txt": 1000})
    path = packed(tmp_path / "whole.lineas", map=good)
    cut = tmp_path / "cut.lineas"
    cut.write_bytes(path.read_bytes()[:-30])
    broken = tmp_path / "broken.lineas"
    broken.write_bytes(path.read_bytes().replace(b"site.s", b"sitx.s", 1))
    content = bytearray(packed(tmp_path / "crc.lineas", map=good).read_bytes())
    content[60] ^= 0xFF
    (tmp_path / "crc.lineas").write_bytes(content)
    secret = bytearray(path.read_bytes())
    secret[secret.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "secret.lineas").write_bytes(secret)
    many = packed(tmp_path / "many.lineas", map=good, **{f"{number}.txt": b"" for number in range(400)})
    with monkeypatch.context() as context:
        context.setattr(zipfile, "ZipFile", lambda path: pytest.fail("its whole table of contents is read"))
        with pytest.raises(LineasError, match="too many files"):
            archive.read(many)
    for file, words in (
        (many, "too many files"),
        (packed(tmp_path / "a.lineas", other=good), "there is no map.safetensors"),
        (packed(tmp_path / "b.lineas", map=b"cos\nsystem\n"), "cannot be used as a map"),
        (packed(tmp_path / "c.lineas", map=good, **{"instruction.txt": b"a" * 10_000_000}), "larger than"),
        (packed(tmp_path / "d.lineas", map=good, **{"instruction.txt": b"\xff\xfe"}), "not UTF-8"),
        (cut, "damaged or cut short"),
        (tmp_path / "crc.lineas", "damaged or cut short"),
        (tmp_path / "secret.lineas", "password"),
    ):
        with pytest.raises(LineasError, match=words):
            store.import_file(file)
        assert store.concepts() == [], file
    sly = packed(
        tmp_path / "sly.lineas", map=good, **{"../../outside.txt": b"x", "/tmp/outside.txt": b"x", "..\\x": b"x"}
    )
    before = {found for found in tmp_path.rglob("*") if found.is_file()}
    concept = store.import_file(sly)
    added = {found for found in tmp_path.rglob("*") if found.is_file()} - before
    assert concept.path in added and all(home in found.parents for found in added)
