"""The Teach page in a real browser: sentences from files and data sets, the time it takes, and the preview."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from nasty import LONG, NASTY
from opened import Open, open_studio
from page_actions import take_preset, write
from playwright.sync_api import Page, expect

from lineas.storage import RunRecord
from lineas.training.recipes import RECIPES
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser

REVIEWS = [(f"The film number {i} was {'warm' if i % 2 else 'cold'}.", "pos" if i % 2 else "neg") for i in range(20)]
SOURCE, TARGET = "#source-examples textarea", "#target-examples textarea"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """A table with two columns of text, so that one has to be chosen."""
    path = tmp_path / "my reviews.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("said", "feeling"), *REVIEWS])
    return path


def field(page: Page, elem_id: str, text: str) -> None:
    write(page.locator(f"#{elem_id} textarea, #{elem_id} input"), text)


def open_data(page: Page) -> None:
    page.get_by_role("button", name=ui_text.DATASET).click()
    expect(page.locator("#dataset-look")).to_be_visible()


def test_files_go_into_their_box_and_what_was_there_comes_back(studio: Open, visit: Any, tmp_path: Path) -> None:
    page = visit(studio.url)
    write(page.locator(SOURCE), "My own sentence.")
    lines = tmp_path / "lines.txt"
    lines.write_text("• One day.\n\n2) Two days.\nOne day.\n", encoding="utf-8")
    page.set_input_files("#source-upload + input, #source-upload input, input[type=file] >> nth=0", lines)
    expect(page.locator(SOURCE)).to_have_value("One day.\nTwo days.")
    page.click("#undo-preset")
    expect(page.locator(SOURCE)).to_have_value("My own sentence.")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "Arr, one."}\n{"text": "Arr, two."}\n', encoding="utf-8")
    page.set_input_files("input[type=file] >> nth=1", rows)
    expect(page.locator(TARGET)).to_have_value("Arr, one.\nArr, two.")
    expect(page.locator(SOURCE)).to_have_value("My own sentence.")
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02" * 50)
    page.set_input_files("input[type=file] >> nth=1", bad)
    expect(page.locator("#teach-problem [role=alert]")).to_contain_text("not a text file")
    expect(page.locator(TARGET)).to_have_value("Arr, one.\nArr, two.")


def test_a_table_with_several_columns_asks_which(studio: Open, visit: Any, reviews: Path) -> None:
    page = visit(studio.url)
    page.set_input_files("input[type=file] >> nth=1", reviews)
    expect(page.locator("#dataset-problem")).to_contain_text("“my reviews.csv” is a table")
    expect(page.locator("#dataset-column input")).to_have_value("said")
    expect(page.locator("#dataset-source input")).to_have_value(ui_text.DATASET_LEAVE)
    page.click("#dataset-fill")
    expect(page.locator(TARGET)).to_have_value("\n".join(text for text, _ in REVIEWS))
    expect(page.locator(SOURCE)).to_have_value("")
    expect(page.locator("#dataset-problem")).to_contain_text("20 sentences into “How you want it to talk”.")


def test_labels_of_a_data_set_part_the_sides(studio: Open, visit: Any, reviews: Path) -> None:
    page = visit(studio.url)
    write(page.locator(SOURCE), "My own sentence.")
    open_data(page)
    field(page, "dataset-name", str(reviews))
    page.click("#dataset-look")
    expect(page.locator("#dataset-column input")).to_have_value("said")
    page.click("#dataset-label input")
    page.get_by_role("option", name="feeling").click()
    expect(page.locator("#dataset-source input")).to_have_value("neg")
    expect(page.locator("#dataset-target input")).to_have_value("pos")
    field(page, "dataset-limit", "5")
    page.click("#dataset-fill")
    expect(page.locator(SOURCE)).to_have_value("\n".join([text for text, label in REVIEWS if label == "neg"][:5]))
    expect(page.locator(TARGET)).to_have_value("\n".join([text for text, label in REVIEWS if label == "pos"][:5]))
    expect(page.locator("#source-count")).to_contain_text("5 sentences")
    page.click("#undo-preset")
    expect(page.locator(SOURCE)).to_have_value("My own sentence.")


def test_a_data_set_that_is_not_there(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_data(page)
    for name, said in (
        ("/no/such/file.csv", "There is no file or folder"),
        (NASTY, "Hugging Face hub"),
        ("", "Give the name"),
    ):
        field(page, "dataset-name", name)
        page.click("#dataset-look")
        expect(page.locator("#dataset-problem [role=alert]")).to_contain_text(said)
    assert page.evaluate("window.pwned") is None


def test_where_others_can_reach_the_page_its_files_are_not_theirs(visit: Any, reviews: Path) -> None:
    studio = open_studio(FakeWorkbench(), local=False)
    try:
        page = visit(studio.url)
        open_data(page)
        for name in (str(reviews), "~/x.csv", "../x.txt", "tests"):
            field(page, "dataset-name", name)
            page.click("#dataset-look")
            expect(page.locator("#dataset-problem [role=alert]")).to_have_text(ui_text.NO_LOCAL_FILES)
            field(page, "dataset-name", "")
            page.click("#dataset-look")
            expect(page.locator("#dataset-problem [role=alert]")).to_contain_text("Give the name")
        page.set_input_files("input[type=file] >> nth=0", reviews)  # what they bring themselves is theirs
        page.click("#dataset-fill")
        expect(page.locator("#source-count")).to_contain_text("20 sentences")
    finally:
        studio.blocks.close()
        studio.service.close()


def test_the_preview_grows_and_survives_a_refresh(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#previews")).to_contain_text(ui_text.PREVIEW_EMPTY)
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    field(page, "preview-prompt", f"How are you? {NASTY}")
    studio.service.teaching.clear()
    take_preset(page, "pirate")
    page.click("#train-button")
    items = page.locator("#previews li[data-step]")
    expect(items).to_have_count(1)
    expect(items.first).to_contain_text("step 8")
    expect(page.locator("#previews .asked")).to_contain_text(f"How are you? {NASTY}")
    expect(page.locator("#previews .ls-caret")).to_have_count(1)
    page.reload()
    expect(items).to_have_count(1)
    studio.service.teaching.set()
    expect(items).to_have_count(5)
    expect(items.last).to_contain_text(ui_text.PREVIEW_END)
    expect(items.last).to_contain_text("Arr, me day be grand!")
    expect(page.locator("#previews .ls-caret")).to_have_count(0)
    assert studio.service.calls[0][4]["preview"].startswith("How are you?")
    assert page.evaluate("window.pwned") is None


def test_how_long_it_takes_is_said_before(
    service: FakeWorkbench, open_with: Callable[[Any], Open], visit: Any
) -> None:
    steps = RECIPES["quick"].steps
    past = RunRecord("r", "x", "done", "2026", step=steps, of=steps, seconds=600.0, source_count=32, target_count=32)
    service.runs = lambda: [past, past]  # type: ignore[method-assign]
    page = visit(open_with(service).url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    take_preset(page, "pirate")
    expect(page.locator("#how-long")).to_have_text("Teaching takes about 10 minutes, judging by your last 2.")
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    field(page, "steps", str(10 * steps))
    # ten times the steps, and the sentences are read no oftener
    expect(page.locator("#how-long")).to_contain_text(re.compile(r"about [67]\d minutes"))
    write(page.locator(TARGET), "Arr!")
    expect(page.locator("#how-long")).to_have_text("")


def test_settings_reach_the_training_and_survive_a_refresh(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    take_preset(page, "pirate")
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    page.get_by_label("Thorough").check()
    field(page, "steps", "33")
    write(page.locator("#support input[type=number]"), "5")
    write(page.locator("#sites input"), r"layers\.3\.")
    page.keyboard.press("Enter")
    page.reload()
    page.locator("#train-button").wait_for()
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    expect(page.locator("#steps input")).to_have_value("33")
    expect(page.locator("#sites input")).to_have_value(r"layers\.3\.")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    settings = studio.service.calls[0][4]
    assert (settings["recipe"], settings["steps"], settings["support"]) == ("thorough", 33, 5)
    assert settings["sites"] == r"layers\.3\."


def test_a_failure_has_its_details(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    take_preset(page, "pirate")
    field(page, "concept-name", "fail for me")
    page.click("#train-button")
    expect(page.locator("#run-status")).to_contain_text("The disk is full")
    page.locator("#run-details summary").click()
    expect(page.locator("#run-details pre")).to_have_text("Traceback of <b>it</b>")
    expect(page.locator("#run-details")).to_contain_text("log.txt")
    take_preset(page, "cheerful")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect(page.locator("#run-details")).not_to_be_visible()


def test_nasty_text_in_every_field(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    open_data(page)
    field(page, "concept-name", NASTY)
    write(page.locator(SOURCE), "\n".join([NASTY, LONG, *PRESETS[0].source]))
    write(page.locator(TARGET), "\n".join([NASTY, f"{LONG}!", *PRESETS[0].target]))
    for name in ("sites", "preview-prompt", "dataset-name", "dataset-split"):
        field(page, name, f"{NASTY} {LONG}")
    page.click("#dataset-look")
    expect(page.locator("#dataset-problem [role=alert]")).to_be_visible()
    expect(page.locator("#source-count")).to_contain_text("34 sentences")
    expect(page.locator("#example-findings")).to_contain_text("both sides")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect(page.locator("#status-banner")).to_contain_text("window.pwned=1")
    assert len(studio.service.calls[0][4]["preview"]) <= 300
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(page.locator(SOURCE)).to_have_value(re.compile(re.escape(NASTY)))  # the draft holds it as it was
