"""The Compare page in a real browser, with a fake model: the dial, live answers, the third column, and taking it away."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from nasty import LONG, NASTY
from opened import Open
from page_actions import take_preset, write
from playwright.sync_api import Page, expect

from lineas.evaluation.health_card import HealthCard
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def open_compare(page: Page) -> None:
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()
    expect(page.locator("#compare-button")).to_be_enabled()


def compare(page: Page, studio: Open, button: str = "#compare-button") -> None:
    before = len(asked(studio))
    page.click(button)
    for _ in range(300):  # until the question has arrived: the answer that stands there may be of an earlier one
        if len(asked(studio)) == before:
            page.wait_for_timeout(50)
    expect(page.locator("#steered-output footer")).to_contain_text("token")
    expect(page.locator(button)).to_be_enabled()


def asked(studio: Open) -> list[tuple[Any, ...]]:
    return [call for call in studio.service.calls if call[0] == "compare"]


def heights(page: Page, *panels: str) -> list[float]:
    boxes = [page.locator(f"#{panel} .ls-answer").bounding_box() for panel in panels]
    return [round(box["height"]) for box in boxes if box]


def test_the_slider_answers_live_and_the_newest_wins(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    page.check("#live input")
    studio.service.speaking.clear()  # an answer that nobody stops would stay half-way for good
    slider = page.locator("#strength input[type=range]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 1")
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    assert len(asked(studio)) < 5  # a slider on its way asks once
    page.click("#strength-0")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0")
    page.click("#strength-1-5")
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 1.5")
    expect(page.locator("#compare-button")).to_be_disabled()  # it still answers: no older answer freed the button
    studio.service.speaking.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    assert [call[3] for call in asked(studio)][-3:] == [1.0, 0.0, 1.5]
    assert len({call[4].seed for call in asked(studio)}) == 1  # one roll of the dice for all strengths
    before = len(asked(studio))
    page.uncheck("#live input")
    page.click("#strength-0-5")
    expect(page.locator("#strength-word")).to_contain_text("0.5 gentle")
    page.wait_for_timeout(500)
    assert len(asked(studio)) == before


def test_a_page_that_loads_asks_nothing_by_itself(studio: Open, visit: Any) -> None:
    page = visit(f"{studio.url}?stage=1", until="#answers")
    expect(page.locator("#strength-word")).to_contain_text("0.75")
    page.wait_for_timeout(500)
    assert asked(studio) == []


def test_would_a_plain_instruction_do(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    expect(page.locator("#told-output")).to_have_count(0)
    page.check("#third input")
    expect(page.locator("#wish textarea")).to_have_value("Answer like a pirate.")  # the example's own words
    write(page.locator("#wish textarea"), "Talk like a sailor. " + NASTY)
    compare(page, studio)
    expect(page.get_by_role("region", name=ui_text.INSTRUCTED)).to_contain_text("As a pirate")
    assert len(set(heights(page, "plain-output", "steered-output", "told-output"))) == 1
    [row] = asked(studio)[-1][6]
    assert row.map is None and row.system == "Talk like a sailor. " + NASTY.strip()
    page.click("#map-choice input")
    page.get_by_role("option", name="Cheerful").click()
    expect(page.locator("#prompt-0")).to_have_text("Tell me about your day.")
    expect(page.locator("#wish textarea")).to_have_value("Talk like a sailor. " + NASTY)  # their own words stay
    page.uncheck("#third input")
    expect(page.locator("#told-output")).to_have_count(0)
    compare(page, studio)
    assert asked(studio)[-1][6] == []


def test_what_changed_is_shown_without_asking_again(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    compare(page, studio)
    assert page.locator("#answers mark").count() == 0
    page.check("#changed input")
    expect(page.locator("#steered-output mark").first).to_have_text(re.compile("^Arr, me day"))
    expect(page.locator("#plain-output mark").first).to_be_visible()
    expect(page.locator("#difference")).to_contain_text("words in the steered answer are different")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")
    page.uncheck("#changed input")
    expect(page.locator("#answers mark")).to_have_count(0)
    assert len(asked(studio)) == 1


def test_try_again_rolls_the_dice_and_the_lock_holds_them(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    compare(page, studio)
    compare(page, studio)
    assert [call[4].seed for call in asked(studio)] == [0, 0]
    compare(page, studio, "#again-button")
    rolled = asked(studio)[2][4].seed
    assert rolled > 0
    page.get_by_role("button", name=ui_text.MORE).first.click()
    expect(page.locator("#seed input")).to_have_value(str(rolled))  # to be used again, or told to others
    compare(page, studio)
    assert asked(studio)[3][4].seed == rolled
    page.uncheck("#lock input")
    compare(page, studio)
    assert asked(studio)[4][4].seed not in (0, rolled)


def test_mode_and_system_prompt_reach_the_model(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    page.get_by_role("button", name=ui_text.MORE).first.click()
    page.get_by_label("continue my text").check()
    write(page.locator("#system textarea, #system input"), "Be brief.")
    compare(page, studio)
    assert (asked(studio)[0][4].chat, asked(studio)[0][5]) == (False, "Be brief.")


def test_a_comparison_in_files(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    page.get_by_role("button", name=ui_text.KEEP).click()
    page.click("#save-json")
    expect(page.locator("#compare-problem [role=alert]")).to_have_text(ui_text.SAVE_NOTHING)
    write(page.locator("#prompt textarea"), "echo " + NASTY)
    compare(page, studio)
    with page.expect_download() as download:
        page.click("#save-json")
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert re.fullmatch(r"comparison-pirate-[\d-]+\.json", download.value.suggested_filename)
    assert kept["question"]["prompt"] == "echo " + NASTY and kept["answers"][1]["text"] == NASTY
    assert kept["answers"][0]["tokens"] > 10 and kept["answers"][0]["seconds"] > 0
    with page.expect_download() as download:
        page.click("#save-markdown")
    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md") and f"    {NASTY}" in text and "Pirate" in text


def test_the_same_as_code(studio: Open, visit: Any, browser: Any) -> None:
    page = visit(studio.url, permissions=["clipboard-read", "clipboard-write"])
    open_compare(page)
    page.get_by_role("button", name=ui_text.KEEP).click()
    for kind, part in (
        ("python", "load_model('default')"),
        ("shell", "--strength 0 0.75"),
        ("curl", "/gradio_api/call/compare"),
    ):
        page.click(f"#code-{kind}")
        expect(page.locator("#code pre")).to_contain_text(part)
    page.click("#code [data-copy]")
    expect(page.locator("#code [data-copy]")).to_have_text(ui_text.COPIED)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#code pre").text_content() and studio.url in copied
    write(page.locator("#prompt textarea"), NASTY)
    page.click("#code-python")
    expect(page.locator("#code pre")).to_contain_text("onerror")
    assert page.evaluate("window.pwned") is None


def test_the_health_of_the_chosen_concept(studio: Open, visit: Any) -> None:
    card = HealthCard("weak", f"It is hardly heard. {NASTY}", True, 0.5, 0.1, 0.01)
    studio.service.cards["preset:pirate"] = card.to_json()
    studio.service.cards["preset:cheerful"] = "{broken"
    page = visit(studio.url)
    open_compare(page)
    line = page.locator("#concept-health")
    expect(line.locator(".ls-verdict").first).to_have_text("Weak")
    expect(line).to_contain_text("It is hardly heard.")
    expect(line).to_contain_text(ui_text.RECOMMENDED_AT.format(strength=0.75))
    page.click("#strength-1-5")
    page.click("#concept-health [data-use]")
    expect(page.locator("#strength input[type=number]")).to_have_value("0.75")
    line.get_by_text(ui_text.HEALTH_DETAILS, exact=True).click()
    expect(line.locator(".ls-tiles")).to_be_visible()
    page.click("#map-choice input")
    page.get_by_role("option", name="Cheerful").click()
    expect(line).to_contain_text(ui_text.HEALTH_NONE)
    assert page.evaluate("window.pwned") is None


def test_an_examination_is_followed(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    take_preset(page, "pirate")
    page.click("#train-button")
    page.click("#try-button")
    expect(page.locator("#map-choice input")).to_have_value("Pirate · yours")
    run = studio.service.snapshot().run
    assert run is not None

    studio.service.show(run=replace(run, checking="Measuring the cost.", checked=0.4))
    line = page.locator("#concept-health")
    expect(line).to_contain_text("Measuring the cost.")
    expect(line.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", "40")
    studio.service.cards[f"run:{run.id}"] = HealthCard("works", "It is heard.", True, 1.0, 0.1, 0.01).to_json()
    studio.service.show(run=replace(run, checking="", checked=0.0))
    expect(line).to_contain_text("Works")
    expect(line.locator("[role=progressbar]")).to_have_count(0)


def test_nasty_text_in_every_field(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    page.check("#third input")
    page.check("#changed input")
    page.get_by_role("button", name=ui_text.MORE).first.click()
    for field in ("prompt", "wish", "system"):
        write(page.locator(f"#{field} textarea, #{field} input"), f"echo {NASTY} {LONG}")
    compare(page, studio)
    expect(page.locator("#steered-output .ls-text")).to_contain_text(NASTY)
    assert asked(studio)[0][1] == f"echo {NASTY} {LONG}" and asked(studio)[0][5] == f"echo {NASTY} {LONG}"
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_panels_are_equally_high_and_nothing_sticks_out(studio: Open, visit: Any, width: int) -> None:
    page = visit(studio.url, viewport={"width": width, "height": 844})
    open_compare(page)
    write(page.locator("#prompt textarea"), "echo " + "a long answer " * 60)
    page.check("#third input")
    page.get_by_role("button", name=ui_text.MORE).first.click()
    page.get_by_role("button", name=ui_text.KEEP).click()
    page.click("#code-python")
    expect(page.locator("#code pre")).to_be_visible()
    compare(page, studio)
    if width > 720:
        assert len(set(heights(page, "plain-output", "steered-output", "told-output"))) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_choice_and_the_words_come_back_after_a_refresh(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    page.click("#map-choice input")
    page.get_by_role("option", name="Cheerful").click()
    write(page.locator("#prompt textarea"), "What is new?")
    page.click("#strength-1-5")
    page.check("#third input")
    write(page.locator("#wish textarea"), "Be merry.")
    page.reload()
    page.locator("#train-button").wait_for()
    open_compare(page)
    expect(page.locator("#map-choice input")).to_have_value("Cheerful · ready-made")
    expect(page.locator("#prompt textarea")).to_have_value("What is new?")
    expect(page.locator("#strength input[type=number]")).to_have_value("1.5")
    expect(page.locator("#wish textarea")).to_have_value("Be merry.")


def test_enter_asks_the_new_question_while_the_old_one_is_answered(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    open_compare(page)
    studio.service.speaking.clear()
    page.locator("#prompt textarea").press("Enter")
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    write(page.locator("#prompt textarea"), "echo something else")
    page.locator("#prompt textarea").press("Enter")
    expect(page.locator("#steered-output .ls-text")).to_have_text("something else")
    studio.service.speaking.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    assert [call[1] for call in asked(studio)] == ["Tell me about your day.", "echo something else"]


def test_a_concept_without_a_card_says_what_it_is_about(studio: Open, visit: Any) -> None:
    listed = studio.service.concepts
    studio.service.concepts = lambda: [replace(c, note=f"Talks like {c.name}. {NASTY}") for c in listed()]
    page = visit(studio.url)
    open_compare(page)
    expect(page.locator("#concept-health")).to_contain_text(f"Talks like Pirate. {NASTY}")
    assert page.evaluate("window.pwned") is None
