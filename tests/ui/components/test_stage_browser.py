"""The stage, and the tour of a first visit."""

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

import torch
from fake_answers import FakeAnswers
from fake_trainer import FakeTrainer
from page_actions import choose, field, open_tab, reload, take_preset
from playwright.sync_api import Page, expect
from small_presets import PIRATE_SOURCE, PIRATE_TARGET
from studio_server import OpenStudio

from lineas.data.presets import Preset
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.components.stage import TOUR

pytestmark = pytest.mark.browser


def seen_controls(page: Page) -> list[str]:
    """The ids, or else the texts, of all visible controls."""
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
    """Whether everything is on the screen, and only a long answer scrolls."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight + 1
              && ['#plain-output', '#steered-output', '#prompt', '#strength'].every(s => {
                const box = document.querySelector(s).getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight + 1 && box.left >= 0 && box.right <= innerWidth + 1; })"""
        )
    )


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (390, 844)])
def test_the_stage_is_two_panels_a_question_and_a_slider(
    studio: OpenStudio, visit: Any, size: tuple[int, int]
) -> None:
    page = visit(f"{studio.url}?stage=1", viewport={"width": size[0], "height": size[1]})
    expect(page.locator("#ls-leave")).to_be_visible()
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    wanted = {"prompt", "strength", "ls-leave", "compare-button", "prompt-0", "prompt-1", "prompt-2"}
    if size[0] > 720:  # on a phone Stop takes the place of Compare
        wanted.add("stop-button")
    assert wanted | {"Pirate", "Cheerful"} <= set(seen_controls(page))
    assert "again-button" not in seen_controls(page)
    expect(page.locator("#family-safe input")).to_be_checked()
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate”")  # before the first answer
    apart = """() => {
      const [a, ...all] = ['#ls-leave', '#stage-concepts', '#answers', '#family-safe']
        .map(s => document.querySelector(s).getBoundingClientRect());
      return all.every(b => a.right <= b.left || a.left >= b.right || a.bottom <= b.top || a.top >= b.bottom); }"""
    assert page.evaluate(apart)  # the button that leaves covers nothing
    large = min(48, max(20, 0.025 * size[0]))
    for times in (2, 20, 1):  # the type shrinks for a long answer and grows again
        field(page, "prompt").fill("echo " + "a long answer goes on " * times)
        field(page, "prompt").press("Enter")
        expect(page.locator("#steered-output .ls-text")).to_contain_text("a long answer goes on " * min(times, 16))
        expect(page.locator("#steered-output section")).to_have_attribute("aria-busy", "false")
        assert is_whole(page)
        if times == 20:
            clipped = (
                "[...document.querySelectorAll('.ls-text')].some((text) => text.scrollHeight > text.clientHeight + 2)"
            )
            assert not page.evaluate(clipped) or size[0] < 500
        else:
            assert font_size(page) >= large * 0.65
    boxes = [page.locator(f"#{name} .ls-answer").bounding_box() for name in ("plain-output", "steered-output")]
    assert boxes[0] and boxes[1] and abs(boxes[0]["height"] - boxes[1]["height"]) < 2


def test_on_the_stage_the_slider_answers(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    page.locator("#strength input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0.8")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    answers.error = torch.OutOfMemoryError("CUDA out of memory")
    field(page, "prompt").press("Enter")
    expect(page.locator("#compare-problem [role=alert]")).to_be_visible()


def test_the_stage_is_used_by_keys_and_chips(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1")
    expect(page.locator("#strength-word b")).to_have_text("0.75")
    page.keyboard.press("2")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    assert answers.asked[-1].prompts[0] == page.locator("#prompt-1").inner_text()
    expect(page.locator("#compare-button")).to_be_enabled()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0.8")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#strength-word b")).to_have_text("0.75")
    page.locator("#stage-concepts").get_by_text("Cheerful").click()
    expect(page.locator("#stage-concepts [aria-pressed=true]")).to_have_text("Cheerful")
    expect(page.locator("#strength-word b")).to_have_text("0.5")
    field(page, "prompt").fill("1")
    field(page, "prompt").press("ArrowLeft")
    expect(page.locator("#strength-word b")).to_have_text("0.5")  # keys belong to who writes
    field(page, "prompt").fill("echo a shitty day")
    field(page, "prompt").press("Enter")
    expect(page.locator("#compare-problem")).to_contain_text(ui_text.FAMILY_GAVE_UP)
    assert "shitty" not in page.locator("#answers").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#family-safe input")).not_to_be_checked()


def test_the_stage_says_that_the_model_is_loading(
    lineas_home: Path, open_with: Any, presets: list[Preset], visit: Any
) -> None:
    service = StudioService(root=lineas_home, health_checks=False)
    try:
        page = visit(f"{open_with(service).url}?stage=1")
        expect(page.locator("#compare-why")).to_be_visible()
        expect(page.locator("#compare-why")).not_to_be_empty()
    finally:
        service.close()


def test_a_button_opens_the_stage_and_escape_leaves_it(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#compare-button")).to_be_enabled()
    small = font_size(page)
    page.get_by_role("button", name=ui_text.STAGE).click()
    expect(page.locator("#again-button")).not_to_be_visible()
    expect(page).to_have_url(re.compile(r"stage=1"))
    assert font_size(page) > small
    page.keyboard.press("Escape")
    expect(page.locator("#compare-button")).to_be_visible()
    expect(page.locator("#ls-leave")).to_have_count(0)
    assert "stage" not in page.url and font_size(page) == small
    page.get_by_role("button", name=ui_text.STAGE).click()
    page.locator("#ls-leave").click()
    expect(page.locator("#status-banner")).to_be_visible()


def test_the_stage_stays_after_a_refresh_and_in_the_dark(studio: OpenStudio, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", color_scheme="dark")
    reload(page)
    expect(page.locator("#steered-output .ls-answer")).to_be_visible()
    expect(page.locator("#ls-leave")).to_be_visible()
    expect(page.locator("#train-button")).not_to_be_visible()
    background = page.evaluate(
        "getComputedStyle(document.querySelector('#steered-output .ls-answer')).backgroundColor"
    )
    assert background == "rgb(26, 26, 33)"


# ---- the tour


def expect_no_tour(page: Page) -> None:
    """No tour, also after the page has looked once more whether it can begin, which it does every 50 ms."""
    page.evaluate("new Promise((done) => setTimeout(done, 120))")
    expect(page.locator("#ls-tour")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_tour_shows_the_win_first_and_then_the_way_to_an_own_concept(
    studio: OpenStudio, answers: FakeAnswers, visit: Any, width: int
) -> None:
    page = visit(studio.url, tour=True, viewport={"width": width, "height": 844})
    card = page.get_by_role("dialog", name=ui_text.TOUR_LABEL)
    for number, (where, (title, text)) in enumerate(zip(TOUR, ui_text.TOUR, strict=True), 1):
        expect(card.locator("h2")).to_have_text(title)
        expect(card).to_contain_text(text)
        expect(card).to_contain_text(f"{number} / {len(TOUR)}")
        target = page.locator(".ls-tour-target")
        expect(target).to_have_count(1)
        assert target.evaluate("(e, at) => e.matches(at)", where["at"]) and target.is_visible()
        box = card.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 844
        if where["does"]:  # without a click of the person
            strength = "0.75" if where["does"] == "ask" else "1.25"
            expect(page.locator("#steered-output h3")).to_have_text(f"With “Pirate” at {strength}")
            expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
        page.keyboard.press("Enter")  # the button Next has the focus
    expect(card).to_have_count(0)
    expect(page.locator(".ls-tour-target")).to_have_count(0)
    expect(field(page, "wish")).to_be_visible()
    reload(page)
    expect_no_tour(page)


@pytest.mark.parametrize("how", ["button", "Escape", "reload"])
def test_the_tour_can_be_skipped(studio: OpenStudio, visit: Any, how: str) -> None:
    page = visit(studio.url, tour=True)
    card = page.get_by_role("dialog", name=ui_text.TOUR_LABEL)
    expect(card).to_be_visible()
    open_tab(page, ui_text.TEACH)
    take_preset(page, "pirate")  # the page works under it
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    if how == "button":
        card.get_by_role("button", name=ui_text.TOUR_SKIP).click()
    elif how == "Escape":
        page.keyboard.press("Escape")
    else:
        reload(page)
    expect_no_tour(page)


def test_the_tour_moves_aside_on_another_tab_and_leads_back(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url, tour=True)
    card = page.locator("#ls-tour")
    expect(card).to_contain_text("1 / 4")
    open_tab(page, ui_text.MIX)
    page.wait_for_function(
        """() => { const box = document.querySelector('#ls-tour').getBoundingClientRect();
          return innerHeight - box.bottom < 30 && innerWidth - box.right < 30; }"""
    )
    card.get_by_role("button", name=ui_text.TOUR_NEXT).click()
    expect(card).to_contain_text("2 / 4")
    expect(page.locator("#strength")).to_be_in_viewport()


def test_no_tour_on_the_stage(studio: OpenStudio, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", tour=True)
    expect_no_tour(page)


def test_a_concept_that_is_taught_meanwhile_does_not_take_the_stage(
    studio: OpenStudio, trainer: FakeTrainer, visit: Any
) -> None:
    trainer.go_on.clear()
    run = studio.service.teach("hook", PIRATE_SOURCE, PIRATE_TARGET)
    page = visit(f"{studio.url}?stage=1")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    trainer.go_on.set()
    expect(page.locator("#status-banner")).to_contain_text("“hook” is ready")  # in the page, though not visible
    page.keyboard.press("Escape")
    expect(page.locator("#map-choice input")).to_have_value("Pirate · ready-made")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    choose(page, "map-choice", "hook · yours")
    assert studio.service.concepts()[0].id == f"run:{run}"
