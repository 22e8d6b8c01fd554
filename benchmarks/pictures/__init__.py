"""Maps on the small picture model: is the concept there, and is the rest still what it was?"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.pictures.classifier import Classifier, accuracy, name, train_classifier
from benchmarks.report import stamp, table, write_tables
from lineas.data.presets import Preset
from lineas.pictures.activations import ROWS
from lineas.pictures.baselines import METHODS, fit_with
from lineas.pictures.files import sheet
from lineas.pictures.generate import generate, steer
from lineas.pictures.load import load_pipeline
from lineas.pictures.model import PictureModel
from lineas.pictures.presets import picture_presets
from lineas.pictures.sampling import FOUR_STEPS, Drawing, call_pipeline, negative_inputs
from lineas.steering.map import SteeringMap
from scripts.picture_scenes import Scene, all_scenes, draw

STRENGTHS = (0.0, 0.5, 1.0, 1.5)
CONCEPTS = {
    "night": {"time": "night"},
    "snow": {"weather": "snow"},
    "autumn": {"weather": "autumn"},
    "golden": {"time": "sunset"},
    "pencil": {"style": "pencil"},
    "foggy": {"weather": "fog"},
}
RIVALS = (*METHODS, "prompt", "negative prompt")
NEGATIVE = Drawing(steps=4, guidance=3.0)
"""How pictures with a negative prompt are drawn. On three concepts guidance from 1.5 to 5 made no difference to what is named."""
NOISE = 10_000
"""Seed of the first picture's noise; each training is measured on noise of its own, the same for all methods."""
DRAWS = 1000
"""Resamples behind an interval."""
FIGURE = Path(__file__).parents[1] / "figures" / "pictures.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenes", type=int, default=16, help="held-out captions for each measurement (default: 16)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each map, each with new noise (default: 3)")
    parser.add_argument("--results", type=Path, default=Path(__file__).parents[1] / "results" / "pictures.jsonl")


def run(arguments: argparse.Namespace) -> None:
    model, judge = load_pipeline("small"), train_classifier()
    model_table = _captions(model, judge)
    rows = [*_stored(arguments.results)]
    done = {(row["concept"], row["direction"], row["method"], row["seed"]) for row in rows}
    for concept, direction, method, seed in _work(arguments.seeds):
        if (concept, direction, method, seed) not in done:
            for row in _measure(model, judge, concept, direction, method, seed, arguments.scenes):
                rows.append(row)
                with arguments.results.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            print(concept, direction, method, seed, flush=True)
    _figure(model)
    write_tables("pictures", f"{model_table}\n\n{results_table(rows)}\n\n{stamp()}")


def _work(seeds: int) -> Iterator[tuple[str, str, str, int]]:
    for seed in range(seeds):
        for direction in ("add", "remove"):
            for concept in CONCEPTS:
                for method in RIVALS:
                    if method != "negative prompt" or direction == "remove":  # it can only take away
                        yield concept, direction, method, seed


def _stored(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def _captions(model: PictureModel, judge: Classifier) -> str:
    """How often the classifier names what the caption says, on drawings and on pictures of held-out captions."""
    scenes = random.Random(0).sample([scene for scene in all_scenes() if scene.held_out], 192)
    dice = random.Random(1)
    drawn = accuracy(judge, [draw(scene, dice) for scene in scenes], scenes)
    rows = [("drawn by the program", *(f"{100 * value:.0f}" for value in drawn.values()))]
    for steps in (1, 4, 8):
        images = _pictures(model, scenes, None, 0.0, Drawing(steps))
        found = accuracy(judge, images, scenes)
        rows.append((f"the small model, {steps} step{'s' * (steps > 1)}", *(f"{100 * v:.0f}" for v in found.values())))
    return table(("percent named right, held-out captions", *drawn), rows)


def _pictures(
    model: PictureModel,
    scenes: Sequence[Scene],
    steering_map: SteeringMap | None,
    strength: float,
    drawing: Drawing = FOUR_STEPS,
    noise: int = NOISE,
    negative: str = "",
) -> list[Image.Image]:
    """One picture for each scene's caption, each from noise of its own: seeds from ``noise`` on."""
    images: list[Image.Image] = []
    for first in range(0, len(scenes), ROWS):
        part = scenes[first : first + ROWS]
        steering = steer(model, steering_map, [strength] * len(part)) if steering_map else nullcontext()
        with torch.no_grad(), steering:
            inputs = dict(model.inputs([scene.caption() for scene in part]))
            if negative:
                inputs |= negative_inputs(model.pipeline, negative, len(part), drawing.guidance)
            seeds = [noise + first + i for i in range(len(part))]
            images += call_pipeline(model.pipeline, inputs, seeds, drawing.steps, drawing.guidance, "pil")
    return images


def _measure(
    model: PictureModel, judge: Classifier, concept: str, direction: str, method: str, seed: int, count: int
) -> Iterator[dict[str, object]]:
    """Presence and content at every strength, on plain held-out captions (or, removing, on captions with the concept)."""
    preset = next(preset for preset in picture_presets() if preset.id == concept)
    what = CONCEPTS[concept]
    plain = [s for s in all_scenes() if s.held_out and not (s.weather or s.time or s.style)]
    scenes = random.Random(0).choices(plain, k=count)
    if direction == "remove":
        scenes = [replace(scene, **what) for scene in scenes]
    noise = NOISE * (1 + seed)
    if method == "negative prompt":
        images = {1.0: _pictures(model, scenes, None, 0.0, NEGATIVE, noise, preset.instruction)}
    elif method == "prompt":  # the other caption is all that prompting can do
        other = [replace(scene, **(what if direction == "add" else dict.fromkeys(what, ""))) for scene in scenes]
        images = {1.0: _pictures(model, other, None, 0.0, noise=noise)}
    else:
        lists = (preset.source, preset.target) if direction == "add" else (preset.target, preset.source)
        steering_map = fit_with(method, model, *lists, seed=seed)
        images = {strength: _pictures(model, scenes, steering_map, strength, noise=noise) for strength in STRENGTHS}
    [(question, word)] = what.items()
    for strength, found in images.items():
        seen = name(judge, found)
        yield {
            "concept": concept, "direction": direction, "method": method, "seed": seed, "strength": strength, "scenes": count,
            "present": float(np.mean([getattr(s, question) == word for s in seen])),
            "thing": float(np.mean([a.thing == b.thing for a, b in zip(seen, scenes, strict=True)])),
            "colour": float(np.mean([a.colour == b.colour for a, b in zip(seen, scenes, strict=True)])),
            "place": float(np.mean([a.place == b.place for a, b in zip(seen, scenes, strict=True)])),
        }  # fmt: skip


def results_table(rows: Sequence[dict[str, object]]) -> str:
    head = ("method", "strength", "added: present, %", "thing kept", "colour kept", "place kept", "removed: still present, %",
            "thing kept ", "colour kept ", "place kept ")  # fmt: skip
    lines = []
    for method in RIVALS:
        for strength in STRENGTHS:
            cells = [_cells(rows, method, strength, direction) for direction in ("add", "remove")]
            if any(cells):
                cells = [cell or ["–"] * 4 for cell in cells]
                lines.append((method, f"{strength:g}", *cells[0], *cells[1]))
    by_concept = [
        (
            concept,
            *(_concept(rows, concept, method, direction) for direction in ("add", "remove") for method in METHODS),
        )
        for concept in CONCEPTS
    ]
    short = [f"{direction}, {method}" for direction in ("added", "removed") for method in METHODS]
    return (
        f"{table(head, lines)}\n\nPresent / thing and colour kept at strength 1, percent:\n\n"
        f"{table(('concept', *short), by_concept)}"
    )


def _chosen(rows: Sequence[dict[str, object]], **wanted: object) -> list[dict[str, object]]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _cells(rows: Sequence[dict[str, object]], method: str, strength: float, direction: str) -> list[str]:
    chosen = _chosen(rows, method=method, strength=strength, direction=direction)
    return [_with_interval(chosen, key) for key in ("present", "thing", "colour", "place")] if chosen else []


def _with_interval(rows: Sequence[dict[str, object]], key: str) -> str:
    """Mean over concepts and trainings in percent, and its 95 % interval over resampled trainings and pictures."""
    dice = np.random.default_rng(0)
    draws = []
    for concept in {row["concept"]: None for row in rows}:
        trainings = _chosen(rows, concept=concept)
        shares, scenes = (np.array([row.get(name, 16) for row in trainings]) for name in (key, "scenes"))
        picked = dice.integers(len(trainings), size=(DRAWS, len(trainings)))
        draws.append(
            (dice.binomial(scenes[picked].astype(int), shares[picked].astype(float)) / scenes[picked]).mean(1)
        )
    low, high = np.percentile(np.mean(draws, axis=0), [2.5, 97.5])
    return f"{100 * _mean(rows, key):.0f} ({100 * low:.0f}–{100 * high:.0f})"


def _concept(rows: Sequence[dict[str, object]], concept: str, method: str, direction: str) -> str:
    chosen = _chosen(rows, concept=concept, method=method, strength=1.0, direction=direction)
    if not chosen:
        return "–"
    kept = (_mean(chosen, "thing") + _mean(chosen, "colour")) / 2
    return f"{100 * _mean(chosen, 'present'):.0f} / {100 * kept:.0f}"


def _mean(rows: Sequence[dict[str, object]], key: str) -> float:
    return float(np.mean([row[key] for row in rows]))  # type: ignore[arg-type]


def _figure(model: PictureModel) -> None:
    """One caption a row, at strengths 0, ½, 1, 1½ of its concept, and the word in the prompt."""
    images: list[Image.Image] = []
    for i, preset in enumerate(picture_presets()):
        images += _row(model, preset, preset.prompts[i % len(preset.prompts)])
    FIGURE.parent.mkdir(exist_ok=True)
    sheet([image.resize((96, 96), Image.Resampling.BICUBIC) for image in images], 5).save(FIGURE)


def _row(model: PictureModel, preset: Preset, prompt: str) -> list[Image.Image]:
    assert preset.map_path is not None
    steered = generate(model, [prompt], SteeringMap.load(preset.map_path), (0.0, 0.5, 1.0, 1.5), [7])
    told = generate(model, [f"{prompt} {preset.instruction}"], None, (0.0,), [7])
    return [picture.image for picture in (*steered, *told)]
