"""The picture benchmark: its classifier learns to see, and the page shows the stored results."""

import json
import random
import re

import pytest

from benchmarks import pictures, report
from benchmarks.pictures.classifier import QUESTIONS, accuracy, train_classifier
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
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    found = re.search(r"<!-- table: pictures -->(.*?)<!-- end -->", report.README.read_text("utf-8"), re.DOTALL)
    assert found
    shown = set(found[1].splitlines())
    assert {line for line in pictures.results_table(rows).splitlines() if line.startswith("|")} <= shown
