"""Asking on Compare in a real browser: strengths, live answers, the third answer, seeds and settings."""

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

import torch
from fake_answers import FakeAnswers
from nasty import LONG, NASTY
from page_actions import (
    choose,
    compare,
    expect_no_overflow,
    field,
    open_fold,
    open_tab,
    reload,
    wait_for_live_question,
)  # fmt: skip
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.generation.listener import Answer
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser

MOVE_SLIDER = """async (slider) => {
  for (let strength = 0.8; strength < 1.01; strength += 0.05) {
    slider.value = strength;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => setTimeout(done));
  }
}"""


def test_a_strength_comes_from_the_concept_the_buttons_or_the_slider(page: Page) -> None:
    number = field(page, "strength")
    expect(number).to_have_value("0.75")  # best strength of the preset
    page.click("#strength-0")
    expect(page.locator("#strength-word")).to_contain_text("off: the plain model")
    page.click("#strength-1-5")
    expect(number).to_have_value("1.5")
    choose(page, "map-choice", "Cheerful")
    expect(number).to_have_value("0.5")


def test_the_slider_answers_live_and_a_new_question_cancels_the_old_one(page: Page, answers: FakeAnswers) -> None:
    page.check("#live input")
    answers.go_on.clear()
    page.locator("#strength input[type=range]").evaluate(MOVE_SLIDER)
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 1")
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    assert len(answers.asked) < 5  # not at every move
    page.click("#strength-0")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0")
    page.click("#strength-1-5")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 1.5")
    expect(page.locator("#compare-button")).to_be_disabled()  # no older answer freed the button
    answers.go_on.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    assert [asked.strength for asked in answers.asked][-3:] == [1.0, 0.0, 1.5]
    assert len({asked.sampling.seed for asked in answers.asked}) == 1
    page.uncheck("#live input")
    before = len(answers.asked)
    page.click("#strength-0-5")
    expect(page.locator("#strength-word")).to_contain_text("0.5 gentle")
    wait_for_live_question(page)
    assert len(answers.asked) == before


def test_what_was_decoded_ahead_shows_before_the_studio_answers(
    page: Page, answers: FakeAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The studio hears of the move only once the page shows it; the original stays as it is."""

    def known(_: Any, asked: Any, strengths: list[float]) -> dict[float, Answer]:
        return {strength: Answer(f"{NASTY} ahead {strength:g}", 3, True, "itself") for strength in strengths}

    monkeypatch.setattr("lineas.service.comparing.Comparing.known", known)
    slider = page.locator("#strength input[type=range]")
    with page.expect_response(lambda got: got.url.endswith("/run/ahead") and "0.8" in got.json()["data"][0]):
        page.check("#live input")
        compare(page, answers)
    original = page.locator("#plain-output .ls-text").inner_text()
    held: list[Any] = []
    page.route("**/queue/join*", lambda route: held.append(route))
    page.wait_for_timeout(100)  # the page's script has read it
    slider.press("ArrowRight")
    expect(page.locator("#steered-output .ls-text")).to_have_text(f"{NASTY} ahead 0.8")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0.8")
    slider.press("ArrowRight")
    expect(page.locator("#steered-output .ls-text")).to_have_text(f"{NASTY} ahead 0.85")
    for button, strength in (("#strength-0-5", "0.5"), ("#strength-0", "0")):
        page.click(button)
        expect(page.locator("#steered-output .ls-text")).to_have_text(f"{NASTY} ahead {strength}")
    assert page.locator("#plain-output .ls-text").inner_text() == original
    assert held and len(answers.asked) == 1


def test_a_page_that_loads_asks_nothing_by_itself(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    wait_for_live_question(page)
    assert answers.asked == []


def test_enter_asks_the_new_question_while_the_old_one_is_answered(page: Page, answers: FakeAnswers) -> None:
    answers.go_on.clear()
    field(page, "prompt").press("Enter")
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    field(page, "prompt").fill("echo something else")
    field(page, "prompt").press("Enter")
    expect(page.locator("#steered-output .ls-text")).to_have_text("something else")
    answers.go_on.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    assert [asked.prompts[0] for asked in answers.asked] == ["Tell me about your day.", "echo something else"]


def test_stop_leaves_the_words_so_far(page: Page, answers: FakeAnswers) -> None:
    answers.go_on.clear()
    page.click("#compare-button")
    expect(page.locator("#plain-output .ls-text")).to_contain_text("I had a calm")
    page.click("#stop-button")
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#stop-button")).to_be_disabled()
    expect(page.locator("#plain-output .ls-text")).to_have_text(re.compile("^I had a calm"))
    assert len(page.locator("#plain-output .ls-text").inner_text().split()) <= answers.HALT


def test_an_error_while_answering(page: Page, answers: FakeAnswers) -> None:
    field(page, "prompt").fill("   ")
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_have_text(ui_text.EMPTY_PROMPT)
    answers.error = torch.OutOfMemoryError("CUDA out of memory")
    field(page, "prompt").fill("Tell me.")
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_contain_text("ran out of memory")
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("^Arr"))


def test_seed_mode_and_instructions_reach_the_model(page: Page, answers: FakeAnswers) -> None:
    compare(page, answers)
    compare(page, answers, "#again-button")
    open_fold(page, ui_text.MORE)
    drawn = answers.asked[1].sampling.seed
    expect(field(page, "seed")).to_have_value(str(drawn))  # to be used again, or told to others
    compare(page, answers)
    page.uncheck("#lock input")
    page.get_by_label("continue my text").check()
    field(page, "system").fill("Be brief.")
    compare(page, answers)
    first, again, third, last = (asked.sampling for asked in answers.asked)
    assert first.seed == 0 and again.seed > 0 and third.seed == drawn and last.seed not in (0, drawn)
    assert first.chat is None and last.chat is False
    assert {row.system for row in answers.asked[-1].rows} == {"Be brief."}


def test_panels_are_equally_high_and_fit_any_width(page: Page, answers: FakeAnswers) -> None:
    field(page, "prompt").fill("echo " + "a long answer " * 60)
    page.check("#third input")
    open_fold(page, ui_text.MORE)
    open_fold(page, ui_text.KEEP)
    page.click("#code-python")
    expect(page.locator("#code pre")).to_be_visible()
    compare(page, answers)
    expect(page.locator("#told-output .ls-text")).to_contain_text("everybody else.")
    boxes = "[...document.querySelectorAll('#answers .ls-answer')].map((panel) => panel.getBoundingClientRect())"
    page.wait_for_function(f"{boxes}.length === 3 && new Set({boxes}.map((box) => Math.round(box.height))).size === 1")
    expect_no_overflow(page)
    page.set_viewport_size({"width": 390, "height": 844})  # on a phone, below each other
    page.wait_for_function(
        f"{boxes}.every((box, i, all) => box.width > 300 && (i === 0 || box.top > all[i - 1].bottom))"
    )
    expect_no_overflow(page)


def test_nasty_text_stays_text_in_every_field(page: Page, answers: FakeAnswers) -> None:
    page.check("#third input")
    open_fold(page, ui_text.MORE)
    text = f"echo {NASTY} {LONG}"
    for name in ("prompt", "instruction", "system"):
        field(page, name).fill(text)
    compare(page, answers)
    expect(page.locator("#steered-output .ls-text")).to_contain_text(NASTY)
    assert answers.asked[0].prompts[0] == answers.asked[0].rows[0].system == text
    assert page.evaluate("window.pwned") is None
    expect_no_overflow(page)


def test_choice_and_words_come_back_after_a_refresh(page: Page) -> None:
    choose(page, "map-choice", "Cheerful")
    expect(field(page, "strength")).to_have_value("0.5")
    expect(page.locator("#concept-health")).to_contain_text("Looks on the bright side.")
    field(page, "prompt").fill("What is new?")
    page.click("#strength-1-5")
    page.check("#third input")
    field(page, "instruction").fill("Be merry.")
    reload(page)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#map-choice input")).to_have_value("Cheerful · ready-made")
    expect(field(page, "prompt")).to_have_value("What is new?")
    expect(field(page, "strength")).to_have_value("1.5")
    expect(field(page, "instruction")).to_have_value("Be merry.")
