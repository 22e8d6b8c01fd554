"""What a person does, in a real browser, with a fake model behind the page."""

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from nasty import NASTY
from opened import Open
from page_actions import take_preset, teach_pirate, write
from playwright.sync_api import Page, expect

from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def open_compare(page: Page) -> None:
    page.get_by_role("tab", name=ui_text.COMPARE).click()
    expect(page.locator("#compare-button")).to_be_enabled()


def step(page: Page) -> int:
    return int(page.locator("#loss-plot [data-step]").get_attribute("data-step") or 0)


def text(page: Page, panel: str) -> str:
    return page.locator(f"#{panel} .ls-text").inner_text()


def test_from_preset_to_two_different_answers(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    teach_pirate(page, studio.service)
    expect(page.locator("#concept-name textarea, #concept-name input")).to_have_value("Pirate")
    label = page.locator("#loss-plot [role=img]")
    expect(label).to_have_attribute("aria-label", re.compile("after 8 of 40 steps"))
    early = page.locator("#loss-plot polyline").get_attribute("points") or ""
    studio.service.teaching.set()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect(label).to_have_attribute("aria-label", re.compile("after 40 of 40 steps"))
    assert len(page.locator("#loss-plot polyline").get_attribute("points") or "") > 3 * len(early)
    page.click("#try-button")  # brings to Compare, where the new concept is chosen already
    expect(page.locator("#map-choice input")).to_have_value("Pirate · yours")
    write(page.locator("#prompt textarea"), "Tell me about your day.")
    studio.service.speaking.clear()
    page.click("#compare-button")
    expect(page.locator("#plain-output .ls-text")).to_have_text(re.compile("I read a little, answered$"))
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    expect(page.locator("#stop-button")).to_be_enabled()
    expect(page.locator("#compare-button")).to_be_disabled()
    studio.service.speaking.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    assert text(page, "plain-output").endswith("this winter.") and text(page, "steered-output").endswith(
        "till sundown."
    )
    expect(page.locator("#steered-output")).to_contain_text("tokens")
    assert [call[0] for call in studio.service.calls] == ["teach", "compare"]
    stored = page.evaluate("Object.keys(localStorage)")
    assert sorted(stored) == ["lineas-draft-v1", "lineas-tour"]  # no history of what was asked and answered


def test_refresh_and_second_window_show_the_running_training(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    teach_pirate(page, studio.service)
    page.reload()
    expect(page.locator("#run-status")).to_contain_text("Teaching “Pirate”: step")
    expect(page.locator("#cancel-button")).to_be_enabled()
    expect(page.locator("#source-examples textarea")).to_have_value("\n".join(PRESETS[0].source))  # the draft is back
    other = visit(studio.url)
    expect(other.locator("#status-banner")).to_contain_text("Teaching “Pirate”")
    expect(other.locator("#source-examples textarea")).to_have_value("")  # another person, another draft
    studio.service.teaching.set()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    assert step(page) == 40


def test_cancel_resume_and_a_failure(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#cancel-button")).to_be_disabled()
    teach_pirate(page, studio.service)
    page.click("#cancel-button")
    expect(page.locator("#run-status")).to_contain_text("was stopped at step 9")
    expect(page.locator("#cancel-button")).to_be_disabled()
    assert step(page) == 8  # the ninth step told how far the eight before it had come
    page.click("#resume-button")
    expect(page.locator("#run-status")).to_contain_text("Teaching")
    studio.service.teaching.set()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    assert step(page) == 40
    expect(page.locator("#resume-button")).to_have_count(0)
    write(page.locator("#concept-name textarea, #concept-name input"), "fail for me")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("The disk is full: no room for the concept.")
    expect(page.locator("#train-button")).to_be_enabled()


def test_stop_leaves_what_was_said(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    studio.service.speaking.clear()
    page.click("#compare-button")
    expect(page.locator("#plain-output .ls-text")).to_contain_text("I had a calm")
    page.click("#stop-button")
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#stop-button")).to_be_disabled()
    assert "I had a calm" in text(page, "plain-output") and len(text(page, "plain-output").split()) <= 10


def test_bad_examples_are_explained_and_nothing_is_lost(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    write(page.locator("#source-examples textarea"), "• Good day.\n• Good day.\n\n2) See you.")
    expect(page.locator("#source-count")).to_contain_text("2 sentences · 1 repeat")
    page.click("#train-button")
    expect(page.locator("#teach-problem [role=alert]")).to_contain_text("How you want it to talk")
    write(page.locator("#target-examples textarea"), "Arr!\n" + NASTY)
    expect(page.locator("#example-findings li").first).to_be_visible()
    expect(page.locator("#teach-problem [role=alert]")).to_have_count(0)  # gone once they write on
    expect(page.locator("#source-examples textarea")).to_have_value("• Good day.\n• Good day.\n\n2) See you.")
    assert studio.service.snapshot().run is None
    take_preset(page, "cheerful")
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    page.click("#undo-preset")
    expect(page.locator("#source-examples textarea")).to_have_value("• Good day.\n• Good day.\n\n2) See you.")


def test_nasty_text_stays_text(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    write(page.locator("#concept-name textarea, #concept-name input"), NASTY)
    write(page.locator("#source-examples textarea"), "\n".join([NASTY, "x" * 100_000, *PRESETS[0].source]))
    write(page.locator("#target-examples textarea"), "\n".join([NASTY, *PRESETS[0].target]))
    expect(page.locator("#target-count")).to_contain_text("33 sentences")
    studio.service.show(run=None)
    open_compare(page)
    write(page.locator("#prompt textarea"), "echo " + NASTY + " " + "y" * 3000)
    page.click("#compare-button")
    expect(page.locator("#steered-output .ls-text")).to_contain_text(NASTY)
    expect(page.locator("#compare-button")).to_be_enabled()
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_error_while_answering(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    write(page.locator("#prompt textarea"), "   ")
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_have_text(ui_text.EMPTY_PROMPT)
    write(page.locator("#prompt textarea"), "out of memory")
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_contain_text("ran out of memory")
    expect(page.locator("#compare-button")).to_be_enabled()
    assert text(page, "steered-output").startswith("Arr")


def test_a_model_that_loads_and_one_that_does_not(visit: Any, open_with: Any) -> None:
    studio = open_with(FakeWorkbench(loads=False))
    page = visit(studio.url)
    studio.service.model("loading", "Loading the model: 40 %", 0.4)
    expect(page.locator("#status-banner")).to_contain_text("Loading the model: 40 %")
    expect(page.locator("#status-banner [role=progressbar]")).to_have_attribute("aria-valuenow", "40")
    expect(page.locator("#train-button")).to_be_disabled()
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_LOADING)
    studio.service.model("ready")
    expect(page.locator("#train-button")).to_be_enabled()
    studio.service.model("error", "The folder /no/such/model does not exist.")
    expect(page.locator("#status-banner .bad")).to_contain_text("The folder /no/such/model does not exist.")
    expect(page.locator("#train-button")).to_be_disabled()
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_MODEL_ERROR)


def test_keyboard_alone_from_preset_to_comparison(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#train-button")).to_be_enabled()

    def tab_to(selector: str, limit: int = 40) -> None:
        for _ in range(limit):
            page.keyboard.press("Tab")
            if page.evaluate("s => !!document.activeElement.closest(s)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    tab_to("#preset-pirate")
    page.keyboard.press("Enter")
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    tab_to("#train-button")
    page.keyboard.press("Space")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    tab_to("#try-button")
    page.keyboard.press("Enter")
    expect(page.locator("#strength")).to_be_visible()
    tab_to("#strength")
    if page.evaluate("document.activeElement.type") != "range":
        page.keyboard.press("Tab")
    number = page.locator("#strength input[type=number]")
    for _ in range(4):  # Gradio fills in a page that has just come into being, sooner than anybody can look and press
        if number.input_value() != "1.05":
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(250)
    expect(page.locator("#strength-word")).to_contain_text("1.05 stronger than taught")
    tab_to("#prompt")
    page.keyboard.press("Enter")
    expect(page.locator("#steered-output")).to_contain_text("at 1.05")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")


def test_strength_buttons_words_and_recommendation(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    number = page.locator("#strength input[type=number]")
    expect(number).to_have_value("0.75")  # what the ready-made concept recommends
    page.click("#strength-0")
    expect(page.locator("#strength-word")).to_contain_text("off: the plain model")
    page.click("#strength-1-5")
    expect(number).to_have_value("1.5")
    page.click("#map-choice input")
    page.get_by_role("option", name="Cheerful").click()
    expect(number).to_have_value("0.75")


@pytest.mark.parametrize("options", [{"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}])
def test_phones_and_the_dark(studio: Open, visit: Any, options: dict[str, Any]) -> None:
    page = visit(studio.url, **options)
    for tab in (ui_text.TEACH, ui_text.COMPARE):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if "viewport" in options:
        plain, steered = (page.locator(f"#{name}").bounding_box() for name in ("plain-output", "steered-output"))
        assert plain and steered and steered["y"] > plain["y"] + plain["height"] and plain["width"] > 300
    else:
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("[data-theme-toggle]")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
        page.reload()
        page.locator("#train-button").wait_for()
        expect(page.locator("body")).not_to_have_class(re.compile("dark"))  # the choice is kept


def test_names_for_people_who_listen(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    teach = page.locator("body").aria_snapshot()
    for name in ('heading "LinEAS Studio"', ui_text.SWITCH_THEME, f'textbox "{ui_text.SOURCE}"', f'textbox "{ui_text.TARGET}"',
                 f'button "{ui_text.TEACH_BUTTON}"', f'button "{ui_text.CANCEL_BUTTON}"', "status", "img"):  # fmt: skip
        assert name in teach
    open_compare(page)
    compare = page.locator("body").aria_snapshot()
    for name in ('region "Original"', 'region "With a concept"', "slider", ui_text.CONCEPT, ui_text.PROMPT):
        assert name in compare
    fonts = "async () => { await document.fonts.ready; return [...document.fonts].map(f => f.family + f.weight + f.status) }"
    assert {"IBM Plex Sans400loaded", "IBM Plex Sans700loaded"} <= {f.replace('"', "") for f in page.evaluate(fonts)}
