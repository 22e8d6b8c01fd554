"""Concepts as one file (``.lineas``), damaged or made to harm; imported, shown, packed again, deleted and restored."""

import random
import shutil
import struct
import warnings
import zipfile
from pathlib import Path

from lineas.steering.map import SteeringMap
from lineas.storage import ConceptStore, RunStore, archive
from tests.fuzz import maps
from tests.fuzz.mutate import TEXTS, mutate_bytes
from tests.fuzz.runner import Case

NAMES = (
    "../map.safetensors", "/tmp/map.safetensors", "maps/", "map.safetensors/", "map.safetensors\x00.txt", "MAP.SAFETENSORS",
    "..\\..\\run.json", "con", "run.json", "a" * 60_000, "\u202etxt.exe",
)  # fmt: skip
BOMB = 9 * 1024**2
"""Bytes of a text that packs into nothing; no list may have so many."""


def make(folder: Path) -> Case:
    maps.make(folder)
    whole, path, root = (folder / "a.safetensors").read_bytes(), folder / "a.lineas", folder / "home"
    archive.write(path, SteeringMap.load(folder / "a.safetensors"), (["One day.", "Two\ndays."], ["Arr, one day."]))
    packed = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}

    def case(draw: random.Random) -> None:
        shutil.rmtree(root, ignore_errors=True)
        if draw.random() < 0.3:
            path.write_bytes(mutate_bytes(draw, packed))
        else:
            _pack(draw, path, parts, whole)
        before = {file for file in folder.rglob("*") if root not in file.parents} - {root}
        try:
            _use(root, path, folder / "again.lineas")
        finally:
            (folder / "again.lineas").unlink(missing_ok=True)
            after = {file for file in folder.rglob("*") if root not in file.parents} - {root}
            assert after == before, f"written outside of the home: {after ^ before}"

    return case


def _pack(draw: random.Random, path: Path, parts: dict[str, bytes], whole: bytes) -> None:
    """Write an archive of which some files are missing, changed, huge, doubled, or have names that lead elsewhere."""
    content = [(name, data) for name, data in parts.items() if draw.random() < 0.95]
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(content) + 1)
        name, data = content[at] if at < len(content) else (draw.choice(list(parts)), b"")
        match draw.randrange(7):
            case 0:
                changed = [(archive.MAP, maps.hostile(draw, whole))]
            case 1:
                changed = [(name, mutate_bytes(draw, data))]
            case 2:
                changed = [(name, draw.choice(TEXTS).encode("utf-8", "surrogatepass"))]
            case 3:
                changed = [(name, data), (draw.choice([*NAMES, *parts]), data)]
            case 4:
                changed = [(name, draw.choice([b"\x00", b"a", b"a\n"]) * (BOMB // 2))]
            case 5:
                changed = [(f"{number}.txt", b"") for number in range(draw.choice([3, 400]))]
            case _:
                changed = [(draw.choice(NAMES), data)]
        content[at : at + 1] = changed
    kind = draw.choice([zipfile.ZIP_STORED, *[zipfile.ZIP_DEFLATED] * 6, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(path, "w", kind) as opened,
    ):  # of names that come twice
        opened.comment = draw.choice([b"", b"", b"PK\x05\x06" * draw.randint(1, 9000)])
        for name, data in content:
            opened.writestr(name, data if kind in archive.PLAIN else data[:1000])  # the others pack slowly
    if draw.random() < 0.3:
        _lie(draw, path)


def _lie(draw: random.Random, path: Path) -> None:
    """Change sizes, flags, places or ways of packing in the table of contents, or what it says of itself."""
    data = bytearray(path.read_bytes())
    signature, fields = draw.choice([(b"PK\x01\x02", ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (42, 4))),
                                     (b"PK\x05\x06", ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2)))])  # fmt: skip
    places = [at for at in range(len(data)) if data.startswith(signature, at)]
    at, (offset, size) = draw.choice(places), draw.choice(fields)
    value = draw.choice([0, 1, 99, 2**15, 2**16 - 1, 2**31, 2**32 - 1]) & (2 ** (8 * size) - 1)
    data[at + offset : at + offset + size] = struct.pack("<Q", value)[:size]
    path.write_bytes(data)


def _use(root: Path, path: Path, again: Path) -> None:
    """Do what a page does with a file that is dropped onto it."""
    concepts = ConceptStore(root, RunStore(root), lambda: [])
    concept = concepts.import_file(path)
    assert [one.id for one in concepts.concepts()] == [concept.id]
    steering_map = concepts.load(concept)
    maps.check_sound(steering_map)
    maps.show(concept, steering_map)
    for side in concepts.examples(concept.id) or ():
        assert all(isinstance(sentence, str) for sentence in side)
        "\n".join(side).encode()
    concepts.write_archive(concept.id, again)
    maps.check_sound(archive.read(again))
    concepts.delete(concept.id)
    assert concepts.concepts() == []
    concepts.undelete(concept.id)
    assert [one.id for one in concepts.concepts()] == [concept.id]
