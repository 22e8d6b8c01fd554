"""The page Pictures: examples, strips, teaching and saving, without a port; then in a browser."""

import base64
import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from handlers import Page, by_id, handler
from nasty import NASTY
from PIL import Image
from polling import wait_for
from tiny_pipelines import save_tiny

from lineas.errors import LineasError
from lineas.pictures.known import KNOWN
from lineas.service.pictures import Drawn, PictureService
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage.archive import PICTURE_LISTS
from lineas.storage.carried import carry
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.pages.pictures import render

SOURCE = "a red house by the sea\na blue car in a meadow\na green tree in the desert\na yellow tent in the mountains"
TARGET = "\n".join(f"{line} at night" for line in SOURCE.splitlines())


STEPS = 12
"""Steps of a training here; the recipe's 60 teach more than a test has to see."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PictureService]:
    from lineas.pictures.recipes import PICTURE_RECIPES

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PICTURE_RECIPES, "quick", replace(PICTURE_RECIPES["quick"], steps=STEPS))
        yield PictureService(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def page(service: StudioService, presets: Any, pictures: PictureService) -> Any:
    from lineas.ui.studio import build

    return build(Context(service, presets, pictures=pictures))


def images(html: str) -> list[Any]:
    """The pictures in a piece of HTML, from 0 to 255."""
    coded = [part.partition('"')[0] for part in html.split("base64,")[1:]]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(part))), np.float32) for part in coded]


def test_words_from_people_are_escaped() -> None:
    image = Image.new("RGB", (4, 4))
    strip = render.strip([Drawn(NASTY, [image] * 4, image)], NASTY)
    assert strip.count("<img ") == 5 and "<script" not in strip and "<img src=x" not in strip
    assert ui_text.STRIP_EMPTY in render.strip([], "")


def test_an_example_is_drawn_at_four_strengths_from_one_noise(page: Any) -> None:
    use = next(
        fn.fn for fn in page.fns.values() if getattr(getattr(fn.fn, "func", None), "__name__", "") == "use"
        and fn.fn.func.__module__.startswith("lineas.ui.pages.pictures") and fn.fn.args[0].id == "night"
    )  # fmt: skip
    mine = ("mine", "", SOURCE, TARGET)
    filled, waiting, shown, files = (by_id(update) for update in use(3, 1.5, *mine))
    assert filled["picture-bring-back"]["visible"] and filled["State"] == mine
    again = handler(page, "bring_back", "pictures")(mine)
    assert by_id(again)["picture-source"] == SOURCE and not by_id(again)["picture-bring-back"]["visible"]
    opened = handler(page, "open_prompts", "pictures")("preset:snow", None, *mine)
    assert by_id(opened)["picture-bring-back"]["visible"] and by_id(opened)["picture-name"] == "Snow"
    examples = [filled[f"picture-{field}"] for field in ("name", "word", "source", "target")]
    for written in (("", "", " ", ""), examples):  # nothing, or an example as it was
        assert "picture-bring-back" not in by_id(next(use(3, 1.5, *written)))
    assert ui_text.DRAWING in waiting["picture-problem"] and not waiting["picture-gif"]["interactive"]
    assert filled["picture-concept"]["value"] == "preset:night" and filled["picture-word"] == "at night"
    rows = images(shown["picture-strip"])
    assert len(rows) == 10 and shown["picture-problem"] == ""  # two prompts, four strengths and the word
    plain, half, full, more, told = (row.mean() for row in rows[:5])
    assert plain > half > full > more, "night is darker, the more so the stronger"
    assert told < 0.6 * plain and full < 0.6 * plain
    before, after = images(shown["picture-pair"])
    assert (
        np.abs(before - rows[0]).max() <= 2 and np.abs(after - rows[3]).max() <= 2
    )  # batches of another size round otherwise
    sheet, film = (Image.open(files[name]["value"]) for name in ("picture-png", "picture-gif"))
    assert sheet.width > 4 * 192 and getattr(film, "n_frames", 1) == 24  # thirteen strengths, and back
    dark = []
    for frame in range(13):
        film.seek(frame)
        dark.append(np.asarray(film.convert("L"), np.float32).mean())
    assert dark[0] > dark[4] > dark[8] > dark[12] and max(np.diff(dark)) < 1, "the film goes from weak to strong"


@pytest.mark.parametrize(
    ("prompts", "concept", "sentence"),
    [
        ("  \n", "preset:night", "Write at least one prompt"),
        ("a red car", "own:gone", "Choose a concept first"),
        ("a red car", None, "Choose a concept first"),
    ],
)
def test_what_cannot_be_drawn_is_explained(page: Any, prompts: str, concept: str | None, sentence: str) -> None:
    draw = handler(page, "draw_pictures", "pictures")
    *_, last = draw(concept, prompts, 0, 1.0)
    shown = by_id(last)
    assert sentence in shown["picture-problem"] and len(shown) == 1
    with ui_text.speaking("de"):
        *_, last = draw(concept, prompts, 0, 1.0)
    assert sentence not in by_id(last)["picture-problem"], "it is told in German, too"


def test_words_that_the_model_does_not_know_are_named(
    page: Any, pictures: PictureService, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = Image.new("RGB", (4, 4))
    monkeypatch.setattr(
        pictures, "draw", lambda prompts, _, strengths, *more, **options: [
            Drawn(prompt, [blank] * len(strengths), None) for prompt in prompts
        ],
    )  # fmt: skip
    draw = handler(page, "draw_pictures", "pictures")
    _, shown, _ = map(by_id, draw("preset:night", "a red dragon by the sea\na house\na car\na tree\na boat", 0, 1.0))
    assert "“dragon”" in shown["picture-problem"] and "first 4 prompts" in shown["picture-problem"]


def test_another_model_draws_and_learns(page: Any, tmp_path: Path, pictures: PictureService) -> None:
    assert "the built-in model" in Page(page).opened["picture-model-said"]

    def last(name: str, *inputs: Any) -> dict[str, Any]:
        *_, shown = handler(page, name, "pictures")(*inputs)
        return by_id(shown)

    for name, steps, guidance, sentence in (
        (NASTY, 4, 0, "cannot be loaded"),
        ("small", 0, 0, "0 steps"),
        ("small", None, 0, "0 steps"),
        ("small", 4, -1, "guidance of -1"),
        (str(tmp_path), 4, 0, "no text-to-image model"),
    ):
        refused = last("load_picture_model", name, steps, guidance)
        assert sentence in refused["picture-model-said"] and pictures.model_name == "small"
        with ui_text.speaking("de"):
            assert sentence not in last("load_picture_model", name, steps, guidance)["picture-model-said"]
    folder = str(save_tiny(tmp_path / "sd"))
    try:
        loaded = last("load_picture_model", folder, 2, 3.0)
        assert folder in loaded["picture-model-said"] and (pictures.steps, pictures.guidance) == (2, 3.0)
        assert Page(page).opened["picture-model"] == folder
        refused = last("draw_pictures", "preset:night", "a red house", 0, 1.0)
        assert "teach the concept again on this model" in refused["picture-problem"]
        with ui_text.speaking("de"):
            refused = last("draw_pictures", "preset:night", "a red house", 0, 1.0)
        assert "bring das Konzept diesem Modell noch einmal bei" in refused["picture-problem"]
        lesson = pictures.teach("mine", SOURCE.splitlines(), TARGET.splitlines(), "")
        with pytest.raises(LineasError, match="being taught already"):
            pictures.load("small", 4, 0)
        wait_for(lambda: lesson.state != "running")
        assert lesson.concept_id, lesson.message
        [row] = pictures.draw(["a red dragon"], lesson.concept_id, [0.0, 1.0], seed=3)
        plain = pictures.model().pipeline(
            ["a red dragon"] * 2, num_inference_steps=2, guidance_scale=3.0,
            generator=[torch.Generator().manual_seed(3) for _ in range(2)],
        ).images[0]  # fmt: skip
        assert np.array_equal(plain, row.images[0]) and not np.array_equal(plain, row.images[1])
        assert pictures.unknown_words(["dragon"]) == []
    finally:
        last("load_picture_model", "", 4, 0.0)
    with pytest.raises(LineasError, match="does not fit 'small'"):
        pictures.draw(["a red house"], lesson.concept_id, [0.0], seed=3)
    pictures.concepts.delete(lesson.concept_id)
    pictures.lesson = None


def test_a_concept_is_taught_in_the_background_cancelled_and_continued(page: Any, pictures: PictureService) -> None:
    mine, other = Page(page), Page(page)
    for source, target, sentence in (
        ("one", TARGET, "at least 4"),
        (SOURCE, "", "“Pictures as you want them” has no sentences"),
        (SOURCE, SOURCE, "do not differ"),
        ("a red house\n" * 8, TARGET, "1 different sentence"),
    ):
        refused = mine.press("teach_pictures", "x", "", source, target)
        assert sentence in refused["picture-teach-problem"] and pictures.lesson is None
    started = mine.press("teach_pictures", NASTY, "at night", SOURCE, f"{TARGET}\na dragon at night")
    assert started["picture-cancel"]["interactive"] and "status-banner" not in started
    again = other.press("teach_pictures", "another", "", SOURCE, TARGET)
    assert "already" in again["picture-teach-problem"]
    lesson = pictures.lesson
    assert lesson is not None
    wait_for(lambda: len(lesson.points) >= 3)
    late = Page(page)  # loaded while it runs: after a refresh, on another computer
    assert "polyline" in late.opened["picture-plot"] and late.opened["picture-cancel"]["interactive"]
    assert "does not know 1 of your words: “dragon”" in late.opened["picture-status"]
    for each in (mine, other):
        heard = each.hear()
        assert "polyline" in heard["picture-plot"] and "picture-list" not in heard
    handler(page, "cancel", "pictures")()
    wait_for_the_end()
    assert lesson.state == "cancelled"
    run, made = f"run:{lesson.run_id}", len(lesson.points)
    assert 3 <= made < STEPS and run not in [concept.id for concept in pictures.concepts.concepts()]
    for each in (mine, late):
        shown = each.hear()
        assert "Unfinished" in shown["picture-status"]
        assert shown["picture-runs"]["value"] == run and shown["picture-resume"]["visible"]
        assert not shown["picture-use"]["visible"]
    shown = other.hear()
    assert run in dict(map(reversed, shown["picture-runs"]["choices"])), (
        "who did not teach it sees it, and it is not chosen"
    )
    assert "value" not in shown["picture-runs"] and "picture-resume" not in shown

    later = PictureService(pictures.concepts.root)  # after a restart
    assert [f"run:{record.id}" for record in later.unfinished()] == [run]
    assert mine.press("resume_pictures", None, run)["picture-cancel"]["interactive"]
    lesson = pictures.lesson
    assert lesson is not None
    wait_for_the_end()
    assert lesson.state == "done" and lesson.concept_id == run
    assert [point.step for point in lesson.points] == list(range(1, STEPS + 1)), "it went on from where it was"
    assert lesson.end is not None and lesson.start is not None and lesson.end < 0.9 * lesson.start
    shown = mine.hear()
    assert shown["picture-concept"]["value"] == shown["picture-list"]["value"] == run
    assert ui_text.PICTURE_USE in shown["picture-status"]
    assert "<img src=x" not in shown["picture-status"] + shown["picture-about"] + str(shown["HTML"])
    assert len(images(shown["picture-changes"])) >= 3 and "polyline" in shown["picture-plot"]
    assert shown["picture-use"]["visible"] and shown["picture-delete"]["visible"]
    assert pictures.concept(run).instruction == "at night"
    shown = other.hear()
    assert run in dict(map(reversed, shown["picture-concept"]["choices"])) and "value" not in shown["picture-concept"]
    assert len(mine.hear()) == 1, "what was chosen since stays chosen"


def wait_for_the_end() -> None:
    """Return when the thread that teaches has told everything."""
    wait_for(lambda: "picture-lesson" not in [thread.name for thread in threading.enumerate()])


def test_a_concept_is_shared_deleted_brought_back_and_added(
    page: Any, pictures: PictureService, tmp_path: Path
) -> None:
    mine = made_by(pictures, "Mine")
    share, delete, undo = (
        handler(page, name, "pictures") for name in ("share_concept", "delete_concept", "restore_concept")
    )
    file = Path(by_id(share(mine, None))["picture-file"])
    assert file.name == "Mine.lineas"
    with zipfile.ZipFile(file) as packed:
        assert {*PICTURE_LISTS, "map.safetensors", "card.png", "instruction.txt"} == {*packed.namelist()}
        before, after = np.split(
            np.asarray(Image.open(packed.open("card.png")).convert("RGB"), np.float32)[:, 1:-1], 2, 1
        )
    assert after.mean() < before.mean(), "night is darker"
    assert Path(by_id(handler(page, "give_map", "pictures")(mine, None))["picture-file"]).name == "Mine.safetensors"

    gone = delete(mine, None, mine, ())
    assert by_id(gone)["picture-concept"]["value"] is None and by_id(gone)["picture-undo-bar"]["visible"]
    assert mine not in [concept.id for concept in pictures.concepts.concepts()]
    deleted = next(value for component, value in gone.items() if isinstance(component, gr.State))
    assert by_id(undo(deleted))["picture-list"]["value"] == mine

    copy = tmp_path / file.name
    shutil.copy(file, copy)
    added = by_id(handler(page, "add_file", "pictures")(str(copy)))
    assert "Mine 2" in added["picture-list-problem"] and not copy.exists()
    concept = pictures.concept(added["picture-concept"]["value"])
    assert (concept.name, concept.instruction) == ("Mine 2", "at night")
    assert pictures.concepts.examples(concept.id) == (SOURCE.splitlines(), TARGET.splitlines())
    assert f'data-id="{concept.id}"' in added["HTML"]
    opened = by_id(handler(page, "open_prompts", "pictures")(concept.id, None, "", "", "", ""))
    assert (opened["picture-name"], opened["picture-source"], opened["picture-word"]) == ("Mine 2", SOURCE, "at night")


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({}, "a concept for text: add it on the page My concepts"),
        ({"kind": "pictures", "base_model": "sdxl"}, "does not fit"),
    ],
)
def test_a_map_of_another_kind_or_model_is_refused(
    page: Any, pictures: PictureService, tmp_path: Path, metadata: dict[str, str], sentence: str
) -> None:
    given = tmp_path / "given.safetensors"
    SteeringMap({"mid": torch.ones(4)}, {"mid": torch.ones(4)}, metadata).save(given)
    before = pictures.concepts.concepts()
    assert sentence in by_id(handler(page, "add_file", "pictures")(str(given)))["picture-list-problem"]
    assert pictures.concepts.concepts() == before


def made_by(pictures: PictureService, name: str) -> str:
    """The id of a concept that is as if it had been taught: the run has the map of night."""
    night = next(preset for preset in pictures.presets if preset.id == "night")
    assert night.map_path is not None
    steering_map = SteeringMap.load(night.map_path).with_metadata(sentences="")
    examples = (SOURCE.splitlines(), TARGET.splitlines())
    return pictures.concepts.add(steering_map.with_metadata(**carry(examples)), name).id


def test_larger_models_are_told_and_none_is_claimed_to_have_run(page: Any) -> None:
    docs = (Path(__file__).parents[4] / "docs" / "pictures.md").read_text(encoding="utf-8")
    shown = render.larger_models()
    assert any(isinstance(block, gr.HTML) and block.value == shown for block in page.blocks.values())
    for model in KNOWN:
        facts = f"`{model.id}` | {model.gigabytes:g} GB | {model.licence} | {model.steps} | {model.guidance} |"
        assert f"<code>{model.id}</code>" in shown and facts in docs
        assert docs.count(f"{model.name} ") >= 1 and (not model.base or model.base in docs)
    assert shown.count(ui_text.NOT_RUN) == len(KNOWN)


def test_the_lists_are_swapped(page: Any) -> None:
    swap = handler(page, "swap", "pictures")
    assert by_id(swap("a", "b")) == {"picture-source": "b", "picture-target": "a"}


@pytest.mark.browser
def test_from_an_example_to_a_concept_of_ones_own(
    service: StudioService, visit: Any, open_with: Any, pictures: PictureService, tmp_path: Path
) -> None:
    from page_actions import drop, expect_no_overflow, field, open_tab, reload
    from playwright.sync_api import expect

    page = visit(open_with(service, pictures=pictures).url)
    open_tab(page, ui_text.PICTURES)
    page.click("#picture-night")
    expect(page.locator("#picture-strip img")).to_have_count(10, timeout=120_000)  # the model is loaded first
    expect(field(page, "picture-source")).not_to_have_value("")
    first = page.locator("#picture-pair img").last.get_attribute("src")
    field(page, "picture-strength").fill("0.25")
    field(page, "picture-strength").press("Enter")
    expect(page.locator("#picture-pair figcaption").last).to_contain_text(ui_text.picture_strength(0.25))
    assert page.locator("#picture-pair img").last.get_attribute("src") != first
    with page.expect_download() as download:
        page.click("#picture-gif")
    download.value.save_as(tmp_path / "film.gif")
    assert Image.open(tmp_path / "film.gif").format == "GIF"
    field(page, "picture-name").fill("Dusk")
    page.click("#picture-teach")
    expect(page.locator("#picture-cancel")).to_be_enabled()
    reload(page)
    open_tab(page, ui_text.PICTURES)
    expect(page.locator("#picture-status")).to_contain_text("is taught", timeout=120_000)
    expect(page.locator("#picture-concept input")).to_have_value("Dusk · yours")
    card = page.locator("#picture-list label.selected .ls-item")
    expect(card).to_contain_text("Dusk")
    expect(card.locator("img")).to_be_visible()
    with page.expect_download() as download:
        page.click("#picture-share")
    download.value.save_as(tmp_path / "mine.lineas")
    page.click("#picture-delete")
    expect(page.locator("#picture-list .ls-item", has_text="Dusk")).to_have_count(0)
    page.click("#picture-undo")
    expect(page.locator("#picture-list label.selected .ls-item")).to_contain_text("Dusk")
    drop(page, tmp_path / "mine.lineas", "#picture-strip")
    expect(page.locator("#picture-list label.selected .ls-item")).to_contain_text("Dusk 2")
    expect(page.locator("#picture-teach")).to_have_text(ui_text.PICTURE_TEACH)
    expect(page.locator("#picture-cancel")).to_have_text(ui_text.PICTURE_CANCEL)
    expect_no_overflow(page)
    page.click("#picture-draw")
    expect(page.locator("#picture-draw")).to_be_enabled()
