"""Taking a comparison away in a real browser: as a file, or as code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_answers import FakeAnswers
from nasty import NASTY
from page_actions import compare, field, open_fold, open_tab
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


@pytest.fixture
def page(studio: OpenStudio, visit: Any) -> Page:
    page: Page = visit(studio.url, permissions=["clipboard-read", "clipboard-write"])
    open_tab(page, ui_text.COMPARE)
    open_fold(page, ui_text.KEEP)
    return page


def test_a_comparison_in_files(page: Page, answers: FakeAnswers) -> None:
    page.click("#save-json")
    expect(page.locator("#compare-problem [role=alert]")).to_have_text(ui_text.SAVE_NOTHING)
    field(page, "prompt").fill(f"echo {NASTY} and more words")
    compare(page, answers)
    with page.expect_download() as download:
        page.click("#save-json")
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert re.fullmatch(r"comparison-pirate-[\d-]+\.json", download.value.suggested_filename)
    assert kept["question"]["prompt"] == f"echo {NASTY} and more words"
    assert kept["answers"][1]["text"] == f"{NASTY} and more words"
    assert kept["answers"][0]["tokens"] > 10 and kept["answers"][0]["seconds"] > 0
    with page.expect_download() as download:
        page.click("#save-markdown")
    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md") and f"    {NASTY}" in text and "Pirate" in text


def test_a_comparison_as_code(page: Page, studio: OpenStudio) -> None:
    parts = {"python": "load_model('tiny-llama')", "shell": "--strength 0 0.75", "curl": "/gradio_api/call/compare"}
    for kind, part in parts.items():
        page.click(f"#code-{kind}")
        expect(page.locator("#code pre")).to_contain_text(part)
    page.click("#code [data-copy]")
    expect(page.locator("#code [data-copy]")).to_have_text(ui_text.COPIED)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#code pre").text_content() and studio.url in copied
    field(page, "prompt").fill(NASTY)
    page.click("#code-python")
    expect(page.locator("#code pre")).to_contain_text("onerror")
    assert page.evaluate("window.pwned") is None
