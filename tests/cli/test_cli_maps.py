"""``lineas generate``, ``inspect`` and ``compose``."""

import re
from pathlib import Path

import pytest
import torch
from commands import Lineas, asking, training
from tiny import SOURCE, TARGET

from lineas.data import load_presets
from lineas.generation.generate import generate
from lineas.generation.listener import Answer
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap
from lineas.training.planes import Plane, to_json


def test_generate_prints_the_documented_json(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("my ship\nthe sea\n", encoding="utf-8")
    prompts = ["--prompt", "the day", "--prompt-file", tmp_path / "prompts.txt"]
    words = asking(folder, a_map, *prompts, "--strength", 0, 0.5, 1.5, "--json")
    result = lineas(*words)
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"results", "seconds"}
    assert all(row.keys() == {"prompt", "strength", "mode", "text", "tokens"} for row in document["results"])
    assert [(row["prompt"], row["strength"]) for row in document["results"]] == [
        (prompt, strength) for prompt in ("the day", "my ship", "the sea") for strength in (0, 0.5, 1.5)
    ]
    assert all(0 < row["tokens"] <= 6 for row in document["results"])
    assert lineas(*words).document["results"] == document["results"]
    assert lineas(*words, "--seed", 5).document["results"] != document["results"]
    plain = [row["text"] for row in document["results"] if row["strength"] == 0]
    assert plain != [row["text"] for row in document["results"] if row["strength"] == 1.5]


def test_generate_prints_text_without_json(lineas: Lineas, folder: Path, a_map: Path) -> None:
    result = lineas(*asking(folder, a_map, "--prompt", "the day", "--no-chat", "--temperature", 0))
    assert result.code == 0
    assert result.out.startswith("> the day\n\n[strength 0]\n")
    assert "[strength 1]" in result.out


def test_generate_shows_says_or_does_both(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    worded = tmp_path / "worded.safetensors"
    SteeringMap.load(a_map).with_metadata(instruction="be bright", mode="both").save(worded)
    model, loaded = SteeringMap.load(a_map), load_model(str(folder / "model"))
    sampling = Sampling(max_new_tokens=6)

    def printed(*more: object) -> list[str]:
        result = lineas(*asking(folder, worded, "--prompt", "the day", "--strength", 0, 1, "--json", *more))
        assert result.code == 0, result.err
        mode = more[1] if more[:1] == ("--mode",) else "show"
        assert [(row["strength"], row["mode"]) for row in result.document["results"]] == [(0, mode), (1, mode)]
        return [row["text"] for row in result.document["results"]]

    def expected(*rows: Row) -> list[str]:
        return [answer.text for answer in generate(loaded, ["the day"], rows, sampling)[0]]

    assert printed() == expected(Row(), Row(model))  # the advised mode is not taken silently
    assert printed("--mode", "say") == expected(Row(), Row(system="be bright"))
    assert printed("--mode", "both") == expected(Row(), Row(model, system="be bright"))
    assert printed("--mode", "both", "--instruction", "be good", "--system", "my ship") == expected(
        Row(system="my ship"), Row(model, system="my ship\n\nbe good")
    )
    answer_only = printed("--scope", "answer")
    assert answer_only == expected(Row(), Row(model, scope="answer")) != printed("--scope", "everything")


def test_generate_tells_the_modes_apart_in_text(lineas: Lineas, folder: Path, a_map: Path) -> None:
    for mode, heading in (("say", "[say]"), ("both", "[both, strength 1]")):
        words = asking(folder, a_map, "--prompt", "the day", "--mode", mode, "--instruction", "be good")
        text = lineas(*words).out
        assert heading in text and "[strength 0]" in text


def test_generate_says_nothing_without_an_instruction(lineas: Lineas, folder: Path, a_map: Path) -> None:
    for mode in ("say", "both"):
        result = lineas(*asking(folder, a_map, "--prompt", "the day", "--mode", mode, "--instruction", " "))
        assert (result.code, result.out) == (2, "")
        assert f"--mode {mode} needs an instruction" in result.reason and "--instruction TEXT" in result.reason


def test_a_ready_made_map_says_what_its_preset_says(
    lineas: Lineas, folder: Path, a_map: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [pirate] = [preset for preset in load_presets() if preset.id == "pirate"]
    asked: list[Row] = []

    def remember(model: LoadedModel, prompts: list[str], rows: list[Row], sampling: Sampling) -> list[list[Answer]]:
        asked.extend(rows)
        return [[Answer("x", 1, True) for _ in rows] for _ in prompts]

    monkeypatch.setattr("lineas.generation.generate.generate", remember)
    monkeypatch.setattr("lineas.steering.hooks.check_fits", lambda *args: None)
    assert lineas(*asking(folder, "pirate", "--prompt", "the day", "--mode", "say")).code == 0
    assert asked[1] == Row(None, 0.0, pirate.instruction)


def test_generate_finds_a_concept_by_its_name(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    assert lineas(*training(folder, tmp_path / "Bright Day.safetensors", "--steps", 1)).code == 0
    assert lineas(*asking(folder, "bright day", "--prompt", "the day")).code == 0


def test_a_map_of_other_weights_gives_a_warning(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    SteeringMap.load(a_map).with_metadata(base_model_fingerprint="0:0").save(other)
    result = lineas(*asking(folder, other, "--prompt", "the day", "--json"))
    assert result.code == 0
    assert "other weights" in result.err
    assert result.document["results"]


def test_inspect_shows_sites_and_provenance(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    document = lineas("inspect", a_map, "--json").document
    assert document.keys() == {"name", "support", "health", "provenance", "sites"}
    assert document["support"] == 1.0
    steering_map = SteeringMap.load(a_map)
    for site in document["sites"]:
        assert site["shift_norm"] == pytest.approx(float(steering_map.shift[site["site"]].norm()))
        assert site["scale_norm"] == pytest.approx(float((steering_map.scale[site["site"]] - 1).norm()))
        assert (site["width"], site["support"]) == (16, 1.0)

    out = tmp_path / "m.safetensors"
    lineas(*training(folder, out, "--steps", 2))
    text = lineas("inspect", out).out
    assert "2 steps" in text or "steps 2" in text
    assert f"source {len(SOURCE)}, target {len(TARGET)}" in text
    row = r"^model\.layers\.\d +16 +100.0%( +[\d.e-]+){4}$"
    assert len(re.findall(row, text, re.M)) == 3
    assert lineas("inspect", out, "--json").document["provenance"]["recipe"]["recipe"]["steps"] == 2


def test_inspect_prints_no_control_characters(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    nasty = tmp_path / "nasty.safetensors"
    SteeringMap.load(a_map).with_metadata(name="\x1b[2Jboo", recipe="{not json", metrics='{"sites": [1]}').save(nasty)
    result = lineas("inspect", nasty)
    assert result.code == 0
    assert "\x1b" not in result.out
    assert "boo" in result.out


def test_compose_applies_the_first_then_the_second(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    first = SteeringMap.load(a_map)
    second = tmp_path / "a=b.safetensors"
    first.inverse().with_metadata(name="back").save(second)
    out = tmp_path / "mixed.safetensors"
    result = lineas("compose", f"{a_map}=0.7", f"{second}=0.5", "--out", out, "--json")
    assert result.code == 0, result.err
    assert result.document["parts"] == [{"map": str(a_map), "strength": 0.7}, {"map": str(second), "strength": 0.5}]
    wanted = first.at_strength(0.7).then(first.inverse().at_strength(0.5))
    mixed = SteeringMap.load(out)
    for site in first.sites:
        torch.testing.assert_close(mixed.scale[site], wanted.scale[site])
        torch.testing.assert_close(mixed.shift[site], wanted.shift[site])
    assert (mixed.name, mixed.metadata["description"]) == ("mixed", "0.7 × strong + 0.5 × back")
    assert lineas("compose", a_map, "--out", out).code == 0  # alone, at 1
    assert torch.equal(SteeringMap.load(out).shift[first.sites[0]], first.shift[first.sites[0]])


def test_inspect_draws_the_sites_and_recommends_only_what_was_examined(
    lineas: Lineas, a_map: Path, tmp_path: Path
) -> None:
    plane = Plane(((0, 0), (10, 10)), ((50, 40),), ((100, 100),), ((5, 5), (50, 40), (100, 100)), 0.5)
    trained, loaded = tmp_path / "trained.safetensors", SteeringMap.load(a_map)
    loaded.with_metadata(planes=to_json(dict.fromkeys(loaded.sites, plane)), recommended_strength="1.0").save(trained)
    for name in ("pictures.html", "pictures.png"):
        result = lineas("inspect", trained, "--out", tmp_path / name)
        assert result.code == 0 and f"Wrote {tmp_path / name}" in result.err
        assert "recommended" not in result.out and "planes" not in result.out
    page = (tmp_path / "pictures.html").read_text("utf-8")
    assert page.count("<svg") == len(SteeringMap.load(a_map).sites) and "http" not in page
    assert (tmp_path / "pictures.png").read_bytes().startswith(b"\x89PNG") and (
        tmp_path / "pictures.png"
    ).stat().st_size > 10_000
    assert "planes" not in lineas("inspect", trained, "--json").document["provenance"]
    examined = tmp_path / "examined.safetensors"
    SteeringMap.load(a_map).with_metadata(recommended_strength="0.75", planes="").save(examined)
    assert "0.75 recommended" in lineas("inspect", examined).out
    for name, reason in (("x.html", "no pictures"), ("x.jpg", "should end in"), ("none/x.html", "cannot be written")):
        drawn = trained if "no pictures" not in reason else examined
        failed = lineas("inspect", drawn, "--out", tmp_path / name)
        assert failed.code == 1 and reason in failed.err


def test_draft_writes_both_lists(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    files = ["--source", tmp_path / "plain.txt", "--target", tmp_path / "bad.txt"]
    result = lineas("draft", "very bad", "--model", folder / "model", "--count", 2, *files, "--json")
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"source", "target", "gain", "differ", "tried", "dropped"}
    assert 0 < len(document["target"]) == len(document["source"]) <= 2
    assert (tmp_path / "bad.txt").read_text("utf-8").splitlines() == document["target"]
    assert (tmp_path / "plain.txt").read_text("utf-8").splitlines() == document["source"]
    assert lineas("draft", "", "--model", folder / "model").code == 1
