"""Map files: damaged, or made by someone who means harm; loaded, listed, shown on the pages, inspected, scaled and saved again."""

import argparse
import io
import json
import random
import struct
from contextlib import redirect_stdout
from pathlib import Path

import torch

from lineas.cli import inspect
from lineas.cli.terminal import Terminal
from lineas.export.card import model_card
from lineas.export.layer_pictures import page
from lineas.files import ASSETS
from lineas.steering.map import SteeringMap
from lineas.steering.map_file import read_metadata
from lineas.storage.carried import carried
from lineas.storage.concept import Concept, from_header
from lineas.training.planes import from_json
from lineas.ui.components import health_card
from lineas.ui.pages.concepts import render as concepts
from lineas.ui.pages.inside import render
from lineas.ui.pages.inside.summary import moves, summary
from tests.fuzz.mutate import TEXTS, dumps, mutate_bytes, mutate_value
from tests.fuzz.runner import Case

DTYPES = (
    "F32", "F64", "F16", "BF16", "BOOL", "U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64", "F8_E4M3", "F8_E5M2", "F8_E8M0",
    "F4", "F6_E2M3", "F6_E3M2", "C64", "f32", "",
)  # fmt: skip
REAL = read_metadata(ASSETS / "maps" / "pirate.safetensors")
SITES = [f"model.layers.{layer}.norm" for layer in range(3)]
WORDS = {
    "name": "Pirate", "description": "Talks like one.", "base_model": "tiny", "method": "lineas", "recommended_strength": "0.75",
    "recipe": json.dumps({"name": "quick", "steps": 60}), "examples": json.dumps({"source": 32, "sha256": "00"}),
    "metrics": json.dumps({"sites": {"model.layers.0.norm": [1.0, 0.5]}, "loss": 0.1}), "health": REAL["health"],
    "planes": json.dumps({site: [0.5, [0, 0, 50, 9, 100, 0], [1, 2], [50, 9, 3, 4], [99, 98]] for site in SITES}),
    "sentences": json.dumps([["One.", "Two."], ["Arr.", "Avast."]]),
    "scope": "answer", "mode": "both", "instruction": "Talk like a pirate.", "created": "2026-01-01T00:00:00+00:00",
}  # fmt: skip
JSON = ("recipe", "examples", "metrics", "health", "planes", "sentences")


def make(folder: Path) -> Case:
    path = folder / "a.safetensors"
    base = SteeringMap({site: torch.rand(8) for site in SITES}, {site: torch.rand(8) for site in SITES}, WORDS)
    base.save(path)
    whole = path.read_bytes()

    def case(draw: random.Random) -> None:
        path.write_bytes(hostile(draw, whole))
        header = read_metadata(path)
        concept = from_header("map:a", "imported", path, header)
        assert (
            0 < concept.recommended_strength <= 2
            and 0 < concept.strength_for("both") <= 2
            and concept.name.isprintable()
        )
        steering_map = SteeringMap.load(path)
        check_sound(steering_map)
        show(concept, steering_map)
        for as_json in (True, False):
            with redirect_stdout(io.StringIO()) as printed:
                inspect.run(argparse.Namespace(map=str(path), out=None), Terminal(as_json))
            printed.getvalue().encode()
        if draw.random() < 0.1:  # waits for the disk
            steering_map.at_strength(0.5).save(folder / "b.safetensors")
            check_sound(SteeringMap.load(folder / "b.safetensors"))

    return case


def check_sound(steering_map: SteeringMap) -> None:
    assert steering_map.sites and steering_map.scale.keys() == steering_map.shift.keys()
    for vectors in (steering_map.scale, steering_map.shift):
        assert all(v.dtype == torch.float32 and v.ndim == 1 and bool(v.isfinite().all()) for v in vectors.values())
    assert all(isinstance(text, str) for pair in steering_map.metadata.items() for text in pair)
    assert len(repr(steering_map)) < 1000
    steering_map._repr_html_()


def show(concept: Concept, steering_map: SteeringMap) -> None:
    """Draw a map as the pages do, and as ``lineas inspect --out``."""
    found, layers = from_json(steering_map.metadata.get("planes", "")), render.layers(steering_map)
    where = render.sentence(layers)
    shown = [
        summary(steering_map, render.counts(steering_map), where, found), moves(found), render.picture(layers),
        render.table(layers), render.provenance(steering_map, concept), health_card.line(concept, None),
        health_card.health(concept.health), *(concepts.about(item) + item.label for item in concepts.items([concept], [])),
    ]  # fmt: skip
    if found:
        shown.append(page(found, steering_map.name))
    "".join(shown).encode()
    carried(steering_map.metadata)
    model_card(steering_map)


def hostile(draw: random.Random, whole: bytes) -> bytes:
    length = struct.unpack("<Q", whole[:8])[0]
    if draw.random() < 0.4:
        return mutate_bytes(draw, whole, within=8 + length)
    header, body = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    match draw.randrange(9):
        case 7 | 8:
            key = draw.choice(JSON)
            header["__metadata__"][key] = json.dumps(mutate_value(draw, json.loads(WORDS[key])))
        case 0:
            header = mutate_value(draw, header)
        case 1:
            header["__metadata__"] = mutate_value(draw, header["__metadata__"])
        case 2:
            header["__metadata__"][draw.choice(list(WORDS))] = draw.choice(TEXTS)
        case 3:
            entry = header[draw.choice([key for key in header if key != "__metadata__"])]
            entry["dtype"] = draw.choice(DTYPES)
        case 4:
            name = draw.choice([key for key in header if key != "__metadata__"])
            header[f"{draw.choice(TEXTS)}.{name.rpartition('.')[2]}"] = header.pop(name)
        case 5:
            many = draw.choice([50] * 9 + [20_000])
            places = (
                (f"{i}.{part}", {"dtype": "F32", "shape": [1], "data_offsets": [8 * i + 4 * at, 8 * i + 4 * at + 4]})
                for i in range(many)
                for at, part in enumerate(PARTS)
            )
            header, body = {"__metadata__": header["__metadata__"], **dict(places)}, bytes(8 * many)
        case _:
            numbers = [
                draw.choice([float("nan"), float("inf"), 1e38, -1e38, 0.0, 1e-45]) for _ in range(len(body) // 4)
            ]
            body = struct.pack(f"<{len(numbers)}f", *numbers)
    text = dumps(header)
    if draw.random() < 0.1:
        text = mutate_bytes(draw, text)
    return struct.pack("<Q", len(text)) + text + body


PARTS = ("scale", "shift")
