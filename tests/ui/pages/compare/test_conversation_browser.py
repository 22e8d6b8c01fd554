"""A conversation, tints, Continue and pictures in a real browser; the tiny model is really asked where that matters."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_answers import FakeAnswers
from page_actions import compare, expect_no_overflow, field, open_fold, open_tab, reload
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.data.presets import Preset
from lineas.service.service import StudioService
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def test_a_conversation_side_by_side(page: Page, answers: FakeAnswers) -> None:
    compare(page, answers)
    expect(page.locator("#steered-output .ls-asked")).to_have_count(0)  # one question is the first view
    page.check("#conversation input")
    expect(page.locator("#steered-output .ls-asked")).to_contain_text("Tell me about your day.")
    field(page, "prompt").fill("echo and then?")
    page.click("#strength-1-5")  # another strength in the middle
    compare(page, answers)
    expect(field(page, "prompt")).to_have_value("")
    for side, first in (("plain", "I had a calm"), ("steered", "Arr, me day")):
        expect(page.locator(f"#{side}-output .ls-asked")).to_have_count(2)
        expect(page.locator(f"#{side}-output .ls-turn")).to_contain_text(first)
    expect(page.locator("#steered-output .ls-text")).to_have_text("and then?")
    assert answers.asked[1].rows[1].earlier[1][1].startswith("Arr") and answers.asked[1].strength == 1.5
    page.locator("#steered-output [data-edit='1']").click()
    expect(field(page, "prompt")).to_have_value("echo and then?")
    expect(page.locator("#compare-problem")).to_contain_text("You are editing question 2.")
    field(page, "prompt").fill("echo something else")
    compare(page, answers)
    expect(page.locator("#steered-output .ls-text")).to_have_text("something else")
    expect(page.locator("#steered-output .ls-asked")).to_have_count(2)
    compare(page, answers, "#again-button")
    assert answers.asked[-1].prompts[0] == "echo something else"
    page.set_viewport_size({"width": 390, "height": 844})
    expect_no_overflow(page)
    open_fold(page, ui_text.KEEP)
    with page.expect_download() as download:
        page.click("#save-json")
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [turn["question"]["prompt"] for turn in kept["turns"]] == ["Tell me about your day.", "echo something else"]
    reload(page)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#conversation input")).to_be_checked()
    for side, first in (("plain", "I had a calm"), ("steered", "Arr, me day")):
        expect(page.locator(f"#{side}-output .ls-turn")).to_contain_text(first)
    page.click("#clear-button")
    expect(page.locator("#steered-output .ls-asked")).to_have_count(0)
    page.click("#clear-button")  # and back again
    expect(page.locator("#steered-output .ls-asked")).to_have_count(2)
    page.uncheck("#conversation input")
    expect(page.locator("#steered-output .ls-asked")).to_have_count(0)
    expect(page.locator("#steered-output .ls-text")).to_have_text("something else")


def test_words_are_tinted_answers_go_on_and_the_original_stays(
    real_service: StudioService, presets: list[Preset], open_with: Callable[..., OpenStudio], visit: Any
) -> None:
    page = visit(open_with(real_service).url)
    open_tab(page, ui_text.COMPARE)
    open_fold(page, ui_text.MORE)
    field(page, "seed").fill("3")
    field(page, "length").fill("20")
    field(page, "length").press("Tab")
    page.click("#compare-button")
    expect(page.locator("#continue-button")).to_be_enabled()
    shown = page.locator("#plain-output .ls-text").inner_text()
    page.click("#continue-button")
    expect(page.locator("#plain-output footer")).not_to_contain_text("20 tokens")
    expect(page.locator("#compare-button")).to_be_enabled()
    assert page.locator("#plain-output .ls-text").inner_text().startswith(shown)
    page.click("#strength-1-5")
    page.click("#compare-button")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 1.5")
    expect(page.locator("#compare-button")).to_be_enabled()
    assert page.locator("#plain-output .ls-text").inner_text() == shown
    longer = page.locator("#steered-output .ls-text").inner_text()
    assert page.locator("#answers mark").count() == 0
    page.check("#changed input")
    expect(page.locator("#difference mark").first).to_be_visible()
    expect(page.locator("#steered-output mark").first).to_have_attribute("title", re.compile("times"))
    assert page.locator("#steered-output .ls-text").inner_text() == longer
    open_fold(page, ui_text.KEEP)
    with page.expect_download() as download:
        page.click("#save-svg")
    picture = Path(download.value.path()).read_text("utf-8")
    texts = [node.text or "" for node in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert "With “Pirate” at 1.5" in texts and "fill-opacity" in picture
    assert set(longer.split()) <= {word for text in texts for word in text.split()}
    with page.expect_download() as download:
        page.click("#save-png")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
