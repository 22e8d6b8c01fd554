"""``lineas picture``: training, drawing and comparing with the small model, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import Lineas
from PIL import Image

from lineas.data.presets import load_presets
from lineas.files import ASSETS
from lineas.service.pictures import PictureService
from lineas.steering.map import SteeringMap

PROMPT = "a red house by the sea"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    [night] = [preset for preset in load_presets(ASSETS / "pictures") if preset.id == "night"]
    (folder / "plain.txt").write_text("\n".join(night.source[:4]))
    (folder / "night.txt").write_text("\n".join(night.target[:4]))
    return folder


def brightness(path: Path) -> float:
    return float(np.asarray(Image.open(path).convert("RGB"), np.float32).mean())


def test_from_two_lists_to_pictures(lineas: Lineas, lists: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.safetensors"
    words = ["--source", lists / "plain.txt", "--target", lists / "night.txt", "--steps", 8, "--out", made]
    trained = lineas("picture", "train", *words, "--json")
    assert trained.code == 0 and "does not know" not in trained.err, trained.err
    *steps, done = trained.lines
    assert [line["step"] for line in steps] == list(range(1, 9)) and done["loss_end"] < done["loss_start"]
    assert SteeringMap.load(made).metadata["kind"] == "pictures"
    folder = tmp_path / "drawn"
    drawn = lineas("picture", "generate", "--map", made, "--prompt", f"{PROMPT} 🚀, dragons", "--strength", 0, 1,
                   "--seed", 1, 2, "--out", folder, "--json")  # fmt: skip
    assert drawn.code == 0 and "does not know these words, and ignores them: 'dragons'." in drawn.err
    results = drawn.document["results"]
    assert [(row["seed"], row["strength"]) for row in results] == [(1, 0.0), (1, 1.0), (2, 0.0), (2, 1.0)]
    assert {row["file"] for row in results} == {str(path) for path in folder.iterdir()}
    assert brightness(folder / "1-seed1-strength1.png") < brightness(folder / "1-seed1-strength0.png")


def test_a_sheet_and_a_film_of_a_ready_made_map(lineas: Lineas, tmp_path: Path) -> None:
    for name in ("night.png", "night.gif"):
        done = lineas("picture", "generate", "--map", "night", "--prompt", PROMPT, "--out", tmp_path / name)
        assert done.code == 0, done.err
    assert Image.open(tmp_path / "night.png").width > 4 * 190
    assert getattr(Image.open(tmp_path / "night.gif"), "n_frames", 1) == 6


def test_a_concept_of_the_studio_is_found_by_its_name(lineas: Lineas, tmp_path: Path) -> None:
    night = SteeringMap.load(ASSETS / "pictures" / "maps" / "night.safetensors")
    studio = PictureService()
    studio.concepts.add(night, "My dusk")
    words = ["--prompt", PROMPT, "--strength", 0, 1, "--draw-steps", 1, "--out", tmp_path]
    done = lineas("picture", "generate", "--map", "my DUSK", *words)
    assert done.code == 0, done.err
    assert brightness(tmp_path / "1-seed0-strength1.png") < brightness(tmp_path / "1-seed0-strength0.png")
    assert lineas("list", "pictures", "--json").document["pictures"][0]["name"] == "My dusk"
    assert lineas("picture", "generate", "--map", "my duck", *words).reason.count("'My dusk'") == 1


def test_every_method_in_one_table(
    lineas: Lineas, lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineas.pictures.recipes import PICTURE_RECIPES

    monkeypatch.setitem(PICTURE_RECIPES, "quick", replace(PICTURE_RECIPES["quick"], steps=15))
    words = [
        "--source",
        lists / "plain.txt",
        "--target",
        lists / "night.txt",
        "--prompt",
        PROMPT,
        "--word",
        "at night",
    ]
    guided = ["--negative", "by the sea", "--guidance", 2, "--draw-steps", 2]
    done = lineas("picture", "compare", *words, *guided, "--strength", 0, 1, "--out", tmp_path / "all.png", "--json")
    assert done.code == 0, done.err
    rows = {row["method"]: row for row in done.document["methods"]}
    assert list(rows) == ["lineas", "mean_difference", "lin_act", "the word", "negative prompt"]
    assert rows["lineas"]["distance_left"] < 0.8
    assert all(row["change"] > 0.01 for row in rows.values())
    assert Image.open(tmp_path / "all.png").height > 5 * 190


def test_a_stopped_training_goes_on(lineas: Lineas, lists: Path, tmp_path: Path) -> None:
    from lineas.pictures.load import load_pipeline
    from lineas.pictures.recipes import picture_recipe
    from lineas.pictures.train import train
    from lineas.training.events import Step

    source, target = ((lists / name).read_text().splitlines() for name in ("plain.txt", "night.txt"))
    for event in train(load_pipeline(), source, target, picture_recipe("quick", 4), name="x"):
        if isinstance(event, Step) and event.step == 3:
            assert event.state is not None
            event.state.save(tmp_path / "kept")
            break
    words = ["--source", lists / "plain.txt", "--target", lists / "night.txt", "--steps", 4]
    done = lineas(
        "picture", "train", *words, "--out", tmp_path / "a.safetensors", "--checkpoint", tmp_path / "kept", "--json"
    )
    assert [line.get("step") for line in done.lines[:-1]] == [4] and not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["train", "--source", "a", "--target", "b", "--out", "c", "--recipe", "thorough"], 2, "no recipe 'thorough'"),
        (["generate", "--map", "night", "--out", "x.png"], 2, "a prompt is needed"),
        (["generate", "--map", "night", "--prompt", " \udcff ", "--out", "x.png"], 2, "a prompt is needed"),
        (["generate", "--map", "given.lineas", "--prompt", "x", "--out", "x.png"], 1, "on the page Pictures"),
        (["compare", "--source", "a", "--target", "b", "--prompt", "x", "--out", "x.gif"], 2, "does not end in .png"),
        (["generate", "--map", "night", "--prompt", "x", "--out", "x.png", "--model", "."], 1, "model_index.json"),
        (["generate", "--map", "night", "--prompt", "x", "--out", "same.txt/mine", "--model", "."], 1, "same.txt"),
        (["train", "--source", "same.txt", "--target", "same.txt", "--out", "c"], 1, "do not differ"),
        (
            ["compare", "--source", "same.txt", "--target", "same.txt", "--prompt", "x", "--out", "c.png"],
            1,
            "do not differ",
        ),
        (["paint"], 2, "invalid choice"),
    ],
)
def test_what_is_refused(
    lineas: Lineas, words: list[str], code: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("given.lineas").write_bytes(b"PK\3\4" + bytes(30))
    Path("same.txt").write_text("a red house\na blue car\na green tree\na yellow tent")
    done = lineas("picture", *words)
    assert (done.code, done.out) == (code, "") and sentence in done.reason


@pytest.mark.parametrize("action", ["train", "generate", "compare"])
def test_each_has_help_with_an_example(lineas: Lineas, action: str) -> None:
    done = lineas("picture", action, "--help")
    assert f"example:\n  lineas picture {action}" in done.out and "--json" in done.out


def test_json_may_stand_before_the_action(lineas: Lineas, tmp_path: Path) -> None:
    done = lineas("picture", "--json", "generate", "--map", "night", "--prompt", PROMPT, "--out", tmp_path / "a.png")
    assert json.loads(done.out)["results"][0]["strength"] == 0.0
