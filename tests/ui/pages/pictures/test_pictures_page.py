"""The page Pictures: examples, strips, teaching and saving, without a port; then in a browser."""

import base64
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handlers import by_id, handler
from nasty import NASTY
from PIL import Image

from lineas.service.pictures import Drawn, PictureService
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.pages.pictures import render

SOURCE = "a red house by the sea\na blue car in a meadow\na green tree in the desert\na yellow tent in the mountains"
TARGET = "\n".join(f"{line} at night" for line in SOURCE.splitlines())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureService:
    return PictureService(tmp_path_factory.mktemp("pictures"))


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
    filled, waiting, shown = (by_id(update) for update in use(3, 1.5))
    assert ui_text.DRAWING in waiting["picture-problem"]
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
    saved = [Image.open(shown[name]["value"]) for name in ("picture-png", "picture-gif")]
    assert saved[0].size[0] > 4 * 192 and getattr(saved[1], "n_frames", 1) > 12


@pytest.mark.parametrize(
    ("prompts", "concept", "sentence"),
    [
        ("  \n", "preset:night", "Write at least one prompt"),
        ("a red car", "own:gone", "Choose a concept first"),
        ("a red car", None, "Choose a concept first"),
    ],
)
def test_what_cannot_be_drawn_is_explained(page: Any, prompts: str, concept: str | None, sentence: str) -> None:
    *_, last = handler(page, "draw_pictures", "pictures")(concept, prompts, 0, 1.0)
    shown = by_id(last)
    assert sentence in shown["picture-problem"] and len(shown) == 1


def test_words_that_the_model_does_not_know_are_named(page: Any) -> None:
    draw = handler(page, "draw_pictures", "pictures")
    *_, last = draw("preset:night", "a red dragon by the sea\na\na\na\na", 0, 1.0)
    shown = by_id(last)
    assert "“dragon”" in shown["picture-problem"] and "first 4 prompts" in shown["picture-problem"]


def test_a_concept_is_taught_in_the_background_and_chosen(page: Any, pictures: PictureService) -> None:
    teach = handler(page, "teach_pictures", "pictures")
    assert "at least 4" in by_id(next(teach("x", "", "one", TARGET)))["picture-teach-problem"]
    started = teach(NASTY, "at night", SOURCE, TARGET)
    next(started)
    watching = next(started)
    started.close()  # the page is closed
    assert by_id(watching)["picture-cancel"]["interactive"]
    assert "already" in by_id(next(teach("another", "", SOURCE, TARGET)))["picture-teach-problem"]
    follow = handler(page, "follow", "pictures")
    *_, last = (by_id(update) for update in follow(type("Tab", (), {"value": ui_text.PICTURES})))
    lesson = pictures.lesson
    assert lesson is not None and lesson.state == "done" and lesson.end is not None and lesson.start is not None
    assert lesson.end < 0.8 * lesson.start
    assert last["picture-concept"]["value"] == lesson.concept_id and "<img src=x" not in last["picture-status"]
    assert len(images(last["picture-changes"])) >= 3 and "polyline" in last["picture-plot"]
    assert pictures.concept(lesson.concept_id).word == "at night"
    assert len(list(follow(type("Tab", (), {"value": ui_text.TEACH})))) == 1


def test_cancelled_teaching_leaves_no_concept(page: Any, pictures: PictureService) -> None:
    before = pictures.concepts()
    lesson = pictures.teach("cancelled", SOURCE.splitlines(), TARGET.splitlines(), "")
    handler(page, "cancel", "pictures")()
    while lesson.state == "running":
        time.sleep(0.02)
    assert lesson.state == "cancelled" and pictures.concepts() == before
    swap = handler(page, "swap", "pictures")
    assert by_id(swap("a", "b")) == {"picture-source": "b", "picture-target": "a"}


@pytest.mark.browser
def test_from_an_example_to_a_concept_of_ones_own(
    service: StudioService, visit: Any, open_with: Any, pictures: PictureService, tmp_path: Path
) -> None:
    from page_actions import expect_no_overflow, field, open_tab
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
    field(page, "picture-name").fill("Mine")
    page.click("#picture-teach")
    expect(page.locator("#picture-cancel")).to_be_enabled()
    expect(page.locator("#picture-status")).to_contain_text("is taught", timeout=120_000)
    expect(page.locator("#picture-concept input")).to_have_value("Mine · yours")
    expect(page.locator("#picture-teach")).to_have_text(ui_text.PICTURE_TEACH)
    expect(page.locator("#picture-cancel")).to_have_text(ui_text.PICTURE_CANCEL)
    expect_no_overflow(page)
    page.click("#picture-draw")
    expect(page.locator("#picture-draw")).to_be_enabled()
