"""How the pages look to somebody who comes for the first time: what is on the screen at once, and for whom it can be read."""

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from axe_playwright_python.sync_playwright import Axe
from fake_answers import FakeAnswers
from fake_trainer import FakeTrainer
from page_actions import compare, field, open_tab, reload, settle
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.ui.studio import tab_labels

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1440, "height": 900}
OPEN_FOLDS = (
    "() => document.querySelectorAll('button.label-wrap:not(.open)').forEach(f => f.checkVisibility() && f.click())"
)
ALL = {"resultTypes": ["violations"]}
COLOURS = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
SMALL_LAPTOP = {"width": 1024, "height": 768}
OVERLAPS = """([words, others]) => {
  const range = document.createRange(); // where the words are, not the box around them
  range.selectNodeContents(document.querySelector(words));
  const text = range.getBoundingClientRect();
  return [...document.querySelectorAll(others)].map((other) => other.getBoundingClientRect()).filter(
    (box) => box.left < text.right && text.left < box.right && box.top < text.bottom && text.top < box.bottom);
}"""
LONG = "echo " + "a long answer goes on " * 16


def bottom(page: Page, selector: str) -> float:
    """Where the last of these elements ends."""
    return float(
        page.evaluate(
            "s => Math.max(...[...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().bottom))", selector
        )
    )


def lines(page: Page, grows: bool) -> int:
    """How many lines of each answer have room on the screen, in a panel that grows with it or scrolls."""
    return int(
        page.evaluate(
            """grows => Math.min(...['#plain-output', '#steered-output'].map(s => {
              const text = document.querySelector(`${s} .ls-text`), box = text.getBoundingClientRect();
              return ((grows ? innerHeight : box.bottom) - box.top) / parseFloat(getComputedStyle(text).lineHeight); }))""",
            grows,
        )
    )


def test_what_matters_is_above_the_fold(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    page = visit(studio.url, viewport=LAPTOP)
    assert bottom(page, "#examples, #train-button") < 740
    assert page.evaluate("document.querySelector('.ls-lesson .ls-chart').getBoundingClientRect().top") < 810
    open_tab(page, "Compare")
    compare(page, answers)
    assert lines(page, grows=True) >= 6


def test_the_curve_is_above_the_fold_while_it_learns(studio: OpenStudio, trainer: FakeTrainer, visit: Any) -> None:
    page = visit(studio.url, viewport=LAPTOP, locale="de-DE")
    field(page, "source-examples").fill("My own sentence.")
    field(page, "target-examples").fill("Mine!")
    trainer.go_on.clear()
    page.click("#preset-pirate")
    expect(page.locator("#undo-preset")).to_be_visible()
    page.click("#train-button")
    expect(page.locator("#loss-plot polyline")).to_have_count(1)
    expect(page.locator("#teach-why")).to_contain_text("wird gerade gelernt")
    below = page.evaluate(
        "document.querySelector('#example-findings').offsetHeight"
    )  # there are none for good examples
    assert page.evaluate("document.querySelector('#loss-plot').getBoundingClientRect().top") - below < 840
    assert page.evaluate(OVERLAPS, ["#target-count .ls-counter", "#source-upload"]) == []
    trainer.go_on.set()


def test_nothing_overlaps_in_german_on_a_small_laptop(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url, viewport=SMALL_LAPTOP, locale="de-DE")
    open_tab(page, "Vergleichen")
    expect(page.locator("#say-show")).to_be_visible()
    assert page.evaluate(OVERLAPS, ["#map-choice [data-testid=block-info]", "#say-show label"]) == []


def test_an_error_about_the_examples_is_said_once(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url, viewport=LAPTOP, locale="de-DE")
    field(page, "source-examples").fill("One.\nTwo.")
    field(page, "target-examples").fill("Arr!\nAye!")
    expect(page.locator("#example-findings .error")).to_be_visible()
    page.click("#train-button")
    expect(page.locator("#teach-problem [role=alert]")).to_contain_text("Mindestens 4 pro Seite sind nötig")
    expect(page.locator("#example-findings .error")).to_be_hidden()


def test_a_phone_s_stage_shows_both_answers(studio: OpenStudio, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", viewport={"width": 390, "height": 844})
    field(page, "prompt").fill(LONG)
    field(page, "prompt").press("Enter")
    page.wait_for_function("document.querySelector('#steered-output .ls-text').textContent.length > 200")
    assert lines(page, grows=False) >= 6


def test_no_page_has_a_serious_barrier_and_the_console_stays_empty(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url, viewport=LAPTOP)
    console: list[str] = []
    page.on("console", lambda said: said.type in ("warning", "error") and console.append(said.text))
    reload(page)
    found = []
    for dark in (False, True):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        for label in tab_labels():
            open_tab(page, label)
            if not dark:
                page.evaluate(OPEN_FOLDS)
                settle(page)
            for violation in Axe().run(page, options=COLOURS if dark else ALL).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    found.append((label, dark, violation["id"], violation["nodes"][0]["html"][:200]))
    assert found == []
    assert console == []
