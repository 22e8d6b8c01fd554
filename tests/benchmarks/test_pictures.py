"""The picture benchmark: its classifier learns to see, and the page shows the stored results."""

import json
import random
import re
from pathlib import Path

import pytest
import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

from benchmarks import pictures, report
from benchmarks.pictures.classifier import QUESTIONS, Classifier, accuracy, train_classifier
from benchmarks.pictures.clip import Clip
from benchmarks.pictures.tables import FURTHER
from lineas.errors import LineasError
from lineas.pictures.load import load_pipeline
from scripts.picture_scenes import all_scenes, draw, random_scene


def test_the_classifier_learns_to_see() -> None:
    scenes = random.Random(0).sample(list(all_scenes()), 60)
    seen = accuracy(train_classifier(40), [draw(scene, random.Random(1)) for scene in scenes], scenes)
    assert seen.keys() == QUESTIONS.keys()
    assert seen["time"] > 0.8 and seen["style"] > 0.9 and seen["place"] > 0.6  # 0.33, 0.5 and 0.25 by chance


def test_held_out_scenes_are_never_shown() -> None:
    dice = random.Random(0)
    held_out = [scene for scene in all_scenes() if scene.held_out]
    assert 0.1 < len(held_out) / 3600 < 0.3
    assert not {random_scene(dice) for _ in range(2000)} & set(held_out)


def test_the_page_shows_the_stored_results() -> None:
    path = report.README.parent / "results" / "pictures.jsonl"
    if not path.is_file():
        pytest.skip("no stored results")
    rows = [*pictures.stored(path).values()]
    found = re.search(r"<!-- table: pictures -->(.*?)<!-- end -->", report.README.read_text("utf-8"), re.DOTALL)
    assert found
    shown = set(found[1].splitlines())
    assert {line for line in pictures.results_table(rows).splitlines() if line.startswith("|")} <= shown


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random CLIP in a folder, whose every letter is a token."""
    folder = tmp_path_factory.mktemp("clip")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": len(words) - 2, "eos_token_id": len(words) - 1, "pad_token_id": len(words) - 1}
    text = {**sizes, **ends, "vocab_size": len(words), "max_position_embeddings": 77}
    seen = {**sizes, "image_size": 32, "patch_size": 8}
    CLIPModel(CLIPConfig(text_config=text, vision_config=seen, projection_dim=8)).save_pretrained(folder)
    pictures_in = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=32)
    CLIPProcessor(pictures_in, CLIPTokenizer.from_pretrained(folder)).save_pretrained(folder)
    return folder


def test_a_clip_scores_as_transformers_does(tiny_clip: Path) -> None:
    dice = random.Random(0)
    scenes = [random_scene(dice) for _ in range(3)]
    images, texts = [draw(scene, dice) for scene in scenes], [scene.caption() for scene in scenes]
    clip = Clip(str(tiny_clip))
    with torch.no_grad():
        output = clip.network(**clip.processor(text=texts, images=images, return_tensors="pt", padding=True))
    expected = output.logits_per_image.diagonal() / clip.network.logit_scale.exp()
    found = clip.similarity(images, texts)
    assert found == pytest.approx(expected.tolist(), abs=1e-6) and max(found) - min(found) > 1e-3
    with pytest.raises(LineasError, match="leave --clip out"):
        Clip(str(tiny_clip / "gone"))


def test_pixels_and_clip_are_measured_beside_the_classifier(tiny_clip: Path) -> None:
    model, judge, clip = load_pipeline(), Classifier().eval(), Clip(str(tiny_clip))
    rows = [
        row
        for method in ("prompt", "mean_difference")
        for row in pictures.measure(model, judge, clip, "night", "add", method, 0, 2)
    ]
    found = {(row["method"], row["strength"]): row for row in rows}
    assert found["prompt", 1.0]["pixels"] == 0, "it is what the words draw"
    plain, taught = found["mean_difference", 0.0], found["mean_difference", 0.5]
    assert plain["pixels"] == pytest.approx(1.0, abs=0.01) and taught["pixels"] != pytest.approx(1.0, abs=0.05)
    assert plain["clip_caption"] != taught["clip_caption"] and -1 <= taught["clip_concept"] <= 1
    page = pictures.results_table(rows)
    for heading in FURTHER.values():
        assert f"{heading}, by strength, 1 training of each map:" in page
