"""Maps on the small picture model: is the concept there, and is the rest still what it was?"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.pictures.classifier import Classifier, accuracy, name, train_classifier
from benchmarks.pictures.clip import Clip
from benchmarks.pictures.tables import CONCEPTS, RIVALS, STRENGTHS, results_table
from benchmarks.report import stamp, table, write_tables
from lineas.data.presets import Preset
from lineas.pictures.activations import ROWS
from lineas.pictures.baselines import fit_with
from lineas.pictures.files import sheet
from lineas.pictures.generate import generate, steer
from lineas.pictures.load import load_pipeline
from lineas.pictures.measures import pixel_change
from lineas.pictures.model import PictureModel
from lineas.pictures.presets import picture_presets
from lineas.pictures.sampling import FOUR_STEPS, Drawing, call_pipeline, negative_inputs
from lineas.steering.map import SteeringMap
from scripts.picture_scenes import Scene, all_scenes, draw

NEGATIVE = Drawing(steps=4, guidance=3.0)
"""How pictures with a negative prompt are drawn. On three concepts guidance from 1.5 to 5 made no difference to what is named."""
NOISE = 10_000
"""Seed of the first picture's noise; each training is measured on noise of its own, the same for all methods."""
FIGURE = Path(__file__).parents[1] / "figures" / "pictures.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenes", type=int, default=16, help="held-out captions for each measurement (default: 16)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each map, each with new noise (default: 3)")
    parser.add_argument(
        "--clip", metavar="ID", help="also score the pictures with this CLIP, a Hugging Face id or a folder"
    )
    parser.add_argument("--results", type=Path, default=Path(__file__).parents[1] / "results" / "pictures.jsonl")


def run(arguments: argparse.Namespace) -> None:
    model, judge = load_pipeline("small"), train_classifier()
    clip = Clip(arguments.clip) if arguments.clip else None
    model_table = _captions(model, judge)
    rows = stored(arguments.results)
    wanted = {"pixels", *(("clip_concept", "clip_caption") if clip else ())}
    done = {key[:4] for key, row in rows.items() if wanted <= row.keys()}
    for concept, direction, method, seed in _work(arguments.seeds):
        if (concept, direction, method, seed) not in done:
            for row in measure(model, judge, clip, concept, direction, method, seed, arguments.scenes):
                rows[_key(row)] = row
                with arguments.results.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            print(concept, direction, method, seed, flush=True)
    arguments.results.write_text("".join(f"{json.dumps(row)}\n" for row in rows.values()))
    _figure(model)
    write_tables("pictures", f"{model_table}\n\n{results_table([*rows.values()])}\n\n{stamp()}")


def _work(seeds: int) -> Iterator[tuple[str, str, str, int]]:
    for seed in range(seeds):
        for direction in ("add", "remove"):
            for concept in CONCEPTS:
                for method in RIVALS:
                    if method != "negative prompt" or direction == "remove":  # it can only take away
                        yield concept, direction, method, seed


def stored(path: Path) -> dict[tuple[object, ...], dict[str, object]]:
    """Read what was measured, by ``_key``; what was measured again counts once, as it was last."""
    lines = path.read_text().splitlines() if path.is_file() else []
    return {_key(row): row for row in map(json.loads, lines)}


def _key(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("concept", "direction", "method", "seed", "strength"))


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


def measure(
    model: PictureModel,
    judge: Classifier,
    clip: Clip | None,
    concept: str,
    direction: str,
    method: str,
    seed: int,
    count: int,
) -> Iterator[dict[str, object]]:
    """Presence and content at every strength, on plain held-out captions (or, removing, on captions with the concept).

    ``pixels`` is the share that is left of the pixel distance between the plain picture and the one that the words draw from the
    same noise: 0 is that picture, 1 as far from it as the plain one.
    """
    preset = next(preset for preset in picture_presets() if preset.id == concept)
    what = CONCEPTS[concept]
    plain = [s for s in all_scenes() if s.held_out and not (s.weather or s.time or s.style)]
    scenes = random.Random(0).choices(plain, k=count)
    if direction == "remove":
        scenes = [replace(scene, **what) for scene in scenes]
    noise = NOISE * (1 + seed)
    other = [replace(scene, **(what if direction == "add" else dict.fromkeys(what, ""))) for scene in scenes]
    plain_images, worded = (_pictures(model, each, None, 0.0, noise=noise) for each in (scenes, other))
    if method == "negative prompt":
        images = {1.0: _pictures(model, scenes, None, 0.0, NEGATIVE, noise, preset.instruction)}
    elif method == "prompt":  # the other caption is all that prompting can do
        images = {1.0: worded}
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
            "pixels": pixel_change(found, worded) / pixel_change(plain_images, worded),
            **(_clip_scores(clip, found, preset, scenes) if clip else {}),
        }  # fmt: skip


def _clip_scores(
    clip: Clip, images: Sequence[Image.Image], preset: Preset, scenes: Sequence[Scene]
) -> dict[str, float]:
    """How near the pictures are to the concept's words, and to their captions."""
    concept = clip.similarity(images, [f"a picture {preset.instruction}"] * len(images))
    caption = clip.similarity(images, [scene.caption() for scene in scenes])
    return {"clip_concept": float(np.mean(concept)), "clip_caption": float(np.mean(caption))}


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
