"""The presets that come with the studio are complete, balanced and load in a sensible order."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest

from lineas.data.presets import Preset, load_presets
from lineas.errors import LineasError
from lineas.files import ASSETS

SIDE = 32
LENGTH_IS_THE_CONCEPT = {"terse"}
EXCLAMATION_IS_THE_CONCEPT = {"cheerful", "enthusiastic-seller"}
FIRST_PERSON = {"i", "i'm", "me", "my", "mine", "we", "us", "our", "myself", "meself"}

PRESETS = load_presets()
each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)


def share(sentences: Sequence[str], mark: str) -> float:
    return sum(mark in sentence for sentence in sentences) / len(sentences)


def words(sentence: str) -> list[str]:
    return sentence.lower().translate(str.maketrans("", "", ",.!?")).split()


def middle_length(sentences: Sequence[str]) -> float:
    return median(len(words(sentence)) for sentence in sentences)


def test_twelve_presets_and_the_plainest_to_recognise_come_first() -> None:
    assert len(PRESETS) >= 12
    assert [preset.id for preset in PRESETS[:2]] == ["fairy-tale", "shakespeare"]
    assert {preset.id for preset in PRESETS} == {path.stem for path in (ASSETS / "presets").glob("*.toml")}


@each_preset
def test_sides_are_full_and_distinct(preset: Preset) -> None:
    assert len(preset.source) == len(preset.target) == SIDE
    everything = [*preset.source, *preset.target]
    assert len({" ".join(words(sentence)) for sentence in everything}) == 2 * SIDE
    for sentence in everything:
        assert sentence.splitlines() == [sentence.strip()]


@each_preset
def test_sides_differ_in_nothing_but_the_concept(preset: Preset) -> None:
    if preset.id not in LENGTH_IS_THE_CONCEPT:
        lengths = sorted([middle_length(preset.source), middle_length(preset.target)])
        assert lengths[1] <= 1.4 * lengths[0]
        assert all(8 <= len(words(sentence)) <= 25 for sentence in [*preset.source, *preset.target])
        commas = sorted("".join(side).count(",") for side in (preset.source, preset.target))
        assert commas[1] <= 1.4 * commas[0]
    assert share(preset.source, "?") > 0 and share(preset.target, "?") > 0
    assert abs(share(preset.source, "?") - share(preset.target, "?")) <= 0.1
    if preset.id not in EXCLAMATION_IS_THE_CONCEPT:
        assert abs(share(preset.source, "!") - share(preset.target, "!")) <= 0.1
    assert all(sentence[0].isupper() and sentence[-1] in ".!?" for sentence in [*preset.source, *preset.target])


@each_preset
def test_sides_are_varied_and_often_speak_in_the_first_person(preset: Preset) -> None:
    for side in (preset.source, preset.target):
        assert len({words(sentence)[0] for sentence in side}) >= 0.75 * SIDE
        if preset.id not in LENGTH_IS_THE_CONCEPT:
            assert sum(not FIRST_PERSON.isdisjoint(words(sentence)) for sentence in side) >= 0.4 * SIDE


@each_preset
def test_prompts_description_and_instruction_are_complete(preset: Preset) -> None:
    assert 4 <= len(preset.prompts) <= 6
    assert len(set(preset.prompts)) == len(preset.prompts)
    assert preset.description.count(".") == 1 and preset.description.endswith(".")
    assert preset.instruction.endswith(".")
    assert preset.name == preset.name.title()


def write_preset(assets: Path, name: str, text: str) -> None:
    (assets / "presets").mkdir(exist_ok=True)
    (assets / "presets" / f"{name}.toml").write_text(text, encoding="utf-8")


GOOD = """id = "calm"
name = "Calm"
description = "Calms down."
instruction = "Be calm."
prompts = ["How are you?"]
source = ["I am furious."]
target = ["I am at peace."]
"""


def test_the_map_is_found_where_there_is_one(tmp_path: Path) -> None:
    write_preset(tmp_path, "calm", GOOD)
    assert load_presets(tmp_path)[0].map_path is None
    ready_made = tmp_path / "maps" / "calm.safetensors"
    ready_made.parent.mkdir()
    ready_made.touch()
    assert load_presets(tmp_path)[0].map_path == ready_made


def test_no_assets_means_no_presets(tmp_path: Path) -> None:
    assert load_presets(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id = calm", "cannot be read"),
        (GOOD.replace('"calm"', '"quiet"'), "file name"),
        (GOOD.replace("name =", "title ="), '"name"'),
        (GOOD.replace('["I am furious."]', '"I am furious."'), '"source"'),
        (GOOD.replace('["I am at peace."]', "[]"), '"target"'),
        (GOOD.replace('["How are you?"]', "[7]"), '"prompts"'),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    write_preset(tmp_path, "calm", text)
    with pytest.raises(LineasError, match=reason) as caught:
        load_presets(tmp_path)
    assert "calm.toml" in str(caught.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    write_preset(tmp_path, "calm", GOOD)
    (tmp_path / "presets" / "calm.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LineasError, match=r"calm\.toml"):
        load_presets(tmp_path)
