"""The stage, and the tour of a first visit."""

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_presets import PRESETS
from opened import Open
from page_actions import take_preset, write
from playwright.sync_api import Page, expect

from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def seen_controls(page: Page) -> list[str]:
    """The ids, or else the words, of everything that can be used and is not hidden."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll('button, input, textarea, select, summary, a[href], [role=tab]')]
              .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1)
              .map(e => e.closest('[id^=ls-], #prompt, #strength')?.id || e.id || e.textContent.trim())"""
        )
    )


def font_size(page: Page) -> float:
    return float(
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('#steered-output .ls-text')).fontSize)")
    )


def is_whole(page: Page) -> bool:
    """Everything is on the screen, and nothing needs scrolling but a long answer."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight + 1
              && ['#plain-output', '#steered-output', '#prompt', '#strength'].every(s => {
                const box = document.querySelector(s).getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight + 1 && box.left >= 0 && box.right <= innerWidth + 1; })"""
        )
    )


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (390, 844)])
def test_the_stage_is_two_panels_a_question_and_a_slider(studio: Open, visit: Any, size: tuple[int, int]) -> None:
    page = visit(f"{studio.url}?stage=1", until="#answers", viewport={"width": size[0], "height": size[1]})
    expect(page.locator("#ls-leave")).to_be_visible()
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    assert set(seen_controls(page)) == {"prompt", "strength", "ls-leave"}
    large = min(48, max(20, 0.025 * size[0]))
    for times in (2, 20, 1):  # the type gets smaller where it must, and large again
        write(page.locator("#prompt textarea"), "echo " + "a long answer goes on " * times)
        page.locator("#prompt textarea").press("Enter")
        expect(page.locator("#steered-output .ls-text")).to_contain_text("a long answer goes on " * min(times, 16))
        expect(page.locator("#steered-output section")).to_have_attribute("aria-busy", "false")
        assert is_whole(page)
        if times == 20:
            clipped = (
                "[...document.querySelectorAll('.ls-text')].filter(e => e.scrollHeight > e.clientHeight + 2).length"
            )
            assert page.evaluate(clipped) == 0 or size[0] < 500
        else:
            assert font_size(page) >= large * 0.7
    boxes = [page.locator(f"#{name} .ls-answer").bounding_box() for name in ("plain-output", "steered-output")]
    assert boxes[0] and boxes[1] and abs(boxes[0]["height"] - boxes[1]["height"]) < 2


def test_on_the_stage_the_slider_answers(studio: Open, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", until="#answers")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    page.locator("#strength input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0.8")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    write(page.locator("#prompt textarea"), "out of memory")
    page.keyboard.press("Enter")
    expect(page.locator("#compare-problem [role=alert]")).to_be_visible()  # trouble is told on a stage, too


def test_onto_the_stage_by_a_button_and_off_by_escape(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()
    expect(page.locator("#compare-button")).to_be_enabled()
    small = font_size(page)
    page.get_by_role("button", name=ui_text.STAGE).click()
    expect(page.locator("#compare-button")).not_to_be_visible()
    expect(page).to_have_url(re.compile(r"stage=1"))
    assert font_size(page) > small
    page.keyboard.press("Escape")
    expect(page.locator("#compare-button")).to_be_visible()
    expect(page.locator("#ls-leave")).to_have_count(0)
    assert "stage" not in page.url and font_size(page) == small
    page.get_by_role("button", name=ui_text.STAGE).click()
    page.locator("#ls-leave").click()
    expect(page.locator("#status-banner")).to_be_visible()


def test_the_stage_stays_after_a_refresh_and_in_the_dark(studio: Open, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", until="#answers", color_scheme="dark")
    page.reload()
    expect(page.locator("#steered-output .ls-answer")).to_be_visible()
    expect(page.locator("#ls-leave")).to_be_visible()
    expect(page.locator("#train-button")).not_to_be_visible()
    background = page.evaluate(
        "getComputedStyle(document.querySelector('#steered-output .ls-answer')).backgroundColor"
    )
    assert background == "rgb(26, 26, 33)"


# ---- the tour


@pytest.mark.parametrize("width", [1280, 390])
def test_five_steps_at_the_first_visit_and_never_again(studio: Open, visit: Any, width: int) -> None:
    page = visit(studio.url, tour=True, viewport={"width": width, "height": 844})
    card = page.get_by_role("dialog", name=ui_text.TOUR)
    assert len(ui_text.TOUR_STEPS) <= 5
    for number, (at, title, text) in enumerate(ui_text.TOUR_STEPS, 1):
        expect(card.locator("h2")).to_have_text(title)
        expect(card).to_contain_text(text)
        expect(card).to_contain_text(f"{number} / {len(ui_text.TOUR_STEPS)}")
        expect(page.locator(".ls-tour-target")).to_have_count(1)
        assert page.locator(at).first.evaluate("e => e.classList.contains('ls-tour-target')")
        box = card.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 844
        page.keyboard.press("Enter")  # the button that goes on has the focus
    expect(card).to_have_count(0)
    expect(page.locator(".ls-tour-target")).to_have_count(0)
    page.reload()
    page.locator("#train-button").wait_for()
    page.wait_for_timeout(500)
    expect(card).to_have_count(0)


@pytest.mark.parametrize("how", ["button", "Escape", "reload"])
def test_the_tour_can_be_skipped(studio: Open, visit: Any, how: str) -> None:
    page = visit(studio.url, tour=True)
    card = page.get_by_role("dialog", name=ui_text.TOUR)
    expect(card).to_be_visible()
    take_preset(page, "pirate")  # it stands in nobody's way
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    if how == "button":
        card.get_by_role("button", name=ui_text.TOUR_SKIP).click()
    elif how == "Escape":
        page.keyboard.press("Escape")
    else:
        page.reload()
        page.locator("#train-button").wait_for()
        page.wait_for_timeout(500)
    expect(card).to_have_count(0)


def test_the_tour_steps_aside_on_another_page_and_leads_back(studio: Open, visit: Any) -> None:
    page = visit(studio.url, tour=True)
    card = page.locator("#ls-tour")
    expect(card).to_contain_text("1 / 5")
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#answers")).to_be_visible()
    page.wait_for_function(
        """() => { const box = document.querySelector('#ls-tour').getBoundingClientRect();
          return innerHeight - box.bottom < 30 && innerWidth - box.right < 30; }"""
    )
    card.get_by_role("button", name=ui_text.TOUR_NEXT).click()
    expect(card).to_contain_text("2 / 5")
    expect(page.locator("#examples")).to_be_visible()
    expect(page.locator("#examples")).to_be_in_viewport()
    page.wait_for_function(
        """() => { const [a, b] = ['#ls-tour', '#examples'].map(s => document.querySelector(s).getBoundingClientRect());
          return Math.abs(a.left - b.left) < 2; }"""
    )


def test_no_tour_on_the_stage(studio: Open, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", tour=True, until="#answers")
    page.wait_for_timeout(500)
    expect(page.locator("#ls-tour")).to_have_count(0)


def test_a_concept_that_is_taught_meanwhile_does_not_take_the_stage(studio: Open, visit: Any) -> None:
    studio.service.teaching.clear()
    run = studio.service.teach("hook", "\n".join(PRESETS[0].source), "\n".join(PRESETS[0].target))
    page = visit(f"{studio.url}?stage=1", until="#answers")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    studio.service.teaching.set()
    expect(page.locator("#status-banner")).to_contain_text("“hook” is ready")  # it is there, if nobody sees it
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    chooser = page.locator("#map-choice input")
    expect(chooser).to_have_value("Pirate · ready-made")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    chooser.click()
    expect(page.get_by_role("option", name="hook · yours")).to_be_visible()
    assert studio.service.concepts()[0].id == f"run:{run}"
