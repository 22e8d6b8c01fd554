"""Pages in the language of their reader, and text that runs from right to left."""

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

import httpx
from fake_answers import FakeAnswers
from fake_trainer import FakeTrainer
from page_actions import compare, expect_no_overflow, field, open_tab, teach_half, wait_until_loaded
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser
ARABIC = "كيف كان يومك؟"


def switch_to(page: Page, language: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=language, exact=True).click()
    wait_until_loaded(page)


def test_a_german_browser_gets_german_pages(
    studio: OpenStudio, answers: FakeAnswers, trainer: FakeTrainer, visit: Any
) -> None:
    page = visit(studio.url, locale="de-DE", viewport={"width": 390, "height": 844})
    banner = page.locator("#status-banner")
    expect(banner).to_contain_text("Bereit. Bring ihm etwas bei")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#source-examples")).to_contain_text("So redet es jetzt")
    expect_no_overflow(page)
    open_tab(page, "Vergleichen")
    compare(page, answers)
    expect(page.locator("#steered-output h3")).to_have_text("Mit „Pirate“ bei 0,75")
    expect(page.locator("#plain-output footer")).to_contain_text("Token")
    expect_no_overflow(page)

    # a second page, in English, of the same browser; each goes on in its own language
    other = visit(studio.url, context=page.context)
    switch_to(other, "English")
    expect(other.locator("#status-banner")).to_contain_text(ui_text.READY)
    expect(other.locator("html")).to_have_attribute("lang", "en")
    teach_half(other, trainer)
    expect(banner).to_contain_text("Es lernt „Pirate 2“: Schritt 9 von 40")
    page.click("#banner-button")  # „Lernen anhalten“
    trainer.go_on.set()
    expect(banner).to_contain_text("wurde bei Schritt 10 angehalten")
    expect(other.locator("#status-banner")).to_contain_text("was stopped at step 10")
    switch_to(other, "Deutsch")
    expect(other.locator("#status-banner")).to_contain_text("wurde bei Schritt 10 angehalten")


def test_other_languages_and_programs_get_english(studio: OpenStudio) -> None:
    for headers in ({}, {"accept-language": "fr-FR,fr;q=0.9"}, {"accept-language": "en-US,en;q=0.9,de;q=0.8"}):
        page = httpx.get(studio.url, headers=headers).text
        assert ui_text.TAGLINE in page and "Sprachmodell" not in page


def test_text_from_right_to_left(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    """Arabic runs from the right in boxes, each line by itself, and in answers; the names of panels stay where they are."""
    page = visit(studio.url)
    field(page, "source-examples").fill(f"Good morning.\n{ARABIC}")
    open_tab(page, ui_text.COMPARE)
    field(page, "prompt").fill(f"echo {ARABIC}")
    compare(page, answers)
    found = (
        "s => (({unicodeBidi, textAlign}) => [unicodeBidi, textAlign])(getComputedStyle(document.querySelector(s)))"
    )
    for box in ("#source-examples textarea", "#prompt textarea"):
        assert page.evaluate(found, box) == ["plaintext", "start"], box
    for panel, direction in (("plain", "ltr"), ("steered", "rtl")):
        expect(page.locator(f"#{panel}-output .ls-text")).to_have_css("direction", direction)
        expect(page.locator(f"#{panel}-output h3")).to_have_css("direction", "ltr")
