"""Sentences from files and data sets in a real browser."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from nasty import NASTY
from openpyxl import Workbook
from page_actions import choose, drop, field, open_fold
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.service.service import StudioService
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser

REVIEWS = [(f"The film number {i} was {'warm' if i % 2 else 'cold'}.", "pos" if i % 2 else "neg") for i in range(20)]
SOURCE_FILE, TARGET_FILE = "input[type=file] >> nth=0", "input[type=file] >> nth=1"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """A table with two columns of text, so that one has to be chosen."""
    path = tmp_path / "my reviews.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("said", "feeling"), *REVIEWS])
    return path


@pytest.fixture
def page(studio: OpenStudio, visit: Any) -> Page:
    page: Page = visit(studio.url)
    return page


def look(page: Page, name: str) -> None:
    """Press Look for the data set of this name."""
    field(page, "dataset-name").fill(name)
    page.click("#dataset-look")


def expect_problem(page: Page, text: str) -> None:
    expect(page.locator("#dataset-problem [role=alert]")).to_contain_text(text)


def test_files_fill_their_box_and_can_be_undone(page: Page, tmp_path: Path) -> None:
    source, target = field(page, "source-examples"), field(page, "target-examples")
    source.fill("My own sentence.")
    lines = tmp_path / "lines.txt"
    lines.write_text("• One day.\n\n2) Two days.\nOne day.\n", encoding="utf-8")
    page.set_input_files(SOURCE_FILE, lines)
    expect(source).to_have_value("One day.\nTwo days.")
    page.click("#undo-preset")
    expect(source).to_have_value("My own sentence.")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "Arr, one."}\n{"text": "Arr, two."}\n', encoding="utf-8")
    page.set_input_files(TARGET_FILE, rows)
    expect(target).to_have_value("Arr, one.\nArr, two.")
    expect(source).to_have_value("My own sentence.")
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02" * 50)
    page.set_input_files(TARGET_FILE, bad)
    expect(page.locator("#teach-problem [role=alert]")).to_contain_text("not a text file")
    expect(target).to_have_value("Arr, one.\nArr, two.")


def test_a_dropped_table_shows_its_rows_and_asks_for_its_column(page: Page, tmp_path: Path) -> None:
    said = [f"The film number {i} was <b>long</b>." for i in range(9)]
    book = Workbook()
    for row in [("nr", "plain", "pirate"), *((i, text, f"Arr! {text}") for i, text in enumerate(said))]:
        book.active.append(row)
    book.save(tmp_path / "two texts.xlsx")
    drop(page, tmp_path / "two texts.xlsx", "#target-examples textarea")
    expect(page.locator("#dataset-problem")).to_contain_text("“two texts.xlsx” is a table")
    expect(page.locator("#dataset-preview th")).to_have_text(["nr", "plain", "pirate"])
    expect(page.locator("#dataset-preview tbody tr")).to_have_count(5)
    expect(page.locator("#dataset-preview")).to_contain_text(said[4])
    expect(page.locator("#dataset-source input")).to_have_value(ui_text.DATASET_LEAVE)
    choose(page, "dataset-column", "pirate")
    choose(page, "dataset-source", "the column “plain”")
    page.click("#dataset-fill")
    expect(field(page, "target-examples")).to_have_value("\n".join(f"Arr! {text}" for text in said))
    expect(field(page, "source-examples")).to_have_value("\n".join(said))


def test_a_dropped_table_with_labels_is_split_into_both_boxes(page: Page, reviews: Path, tmp_path: Path) -> None:
    drop(page, reviews, "#source-examples textarea")
    expect(page.locator("#dataset-problem")).to_contain_text("“my reviews.csv” can fill both boxes")
    expect(page.locator("#dataset-source input")).to_have_value("neg")
    page.click("#dataset-fill")
    expect(page.locator("#dataset-problem")).to_contain_text("10 sentences into “How you want it to talk”.")
    expect(field(page, "target-examples")).to_have_value("\n".join(text for text, label in REVIEWS if label == "pos"))
    old = tmp_path / "old.txt"
    old.write_bytes("Сегодня хорошая погода.\nЯ пошёл на рынок утром.\nГде собака?".encode("cp1251"))
    drop(page, old, "#source-examples textarea")
    expect(field(page, "source-examples")).to_have_value(old.read_bytes().decode("cp1251"))
    expect(page.locator("#file-note")).to_contain_text("was read as Windows-1251, Cyrillic")


def test_the_labels_of_a_data_set_fill_both_boxes(page: Page, reviews: Path) -> None:
    source, target = field(page, "source-examples"), field(page, "target-examples")
    source.fill("My own sentence.")
    open_fold(page, ui_text.DATASET)
    look(page, str(reviews))
    expect(page.locator("#dataset-column input")).to_have_value("said")
    expect(page.locator("#dataset-label input")).to_have_value("feeling")
    expect(page.locator("#dataset-source input")).to_have_value("neg")
    expect(page.locator("#dataset-target input")).to_have_value("pos")
    field(page, "dataset-limit").fill("5")
    page.click("#dataset-fill")
    expect(source).to_have_value("\n".join([text for text, label in REVIEWS if label == "neg"][:5]))
    expect(target).to_have_value("\n".join([text for text, label in REVIEWS if label == "pos"][:5]))
    expect(page.locator("#source-count")).to_contain_text("5 sentences")
    page.click("#undo-preset")
    expect(source).to_have_value("My own sentence.")


def test_a_data_set_that_does_not_exist(page: Page) -> None:
    open_fold(page, ui_text.DATASET)
    for name, problem in (
        ("/no/such/file.csv", "There is no file or folder"),
        (NASTY, "Hugging Face hub"),
        ("", "Give the name"),
    ):
        look(page, name)
        expect_problem(page, problem)
    assert page.evaluate("window.pwned") is None


def test_people_elsewhere_cannot_name_files_of_this_computer(
    service: StudioService, open_with: Callable[..., OpenStudio], visit: Any, reviews: Path
) -> None:
    page = visit(open_with(service, local=False).url)
    open_fold(page, ui_text.DATASET)
    for name in (str(reviews), "~/x.csv", "../x.txt", "tests"):
        look(page, name)
        expect_problem(page, ui_text.NO_LOCAL_FILES)
        look(page, "")
        expect_problem(page, "Give the name")
    page.set_input_files(SOURCE_FILE, reviews)  # what they upload is theirs
    page.click("#dataset-fill")
    expect(page.locator("#source-count")).to_contain_text("10 sentences")
