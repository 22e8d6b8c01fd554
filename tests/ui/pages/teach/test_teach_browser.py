"""Teaching in a real browser: progress, stopping and resuming, previews, settings, and what goes wrong."""

import errno
import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_trainer import FakeTrainer
from nasty import LONG, NASTY
from page_actions import expect_no_overflow, field, open_fold, open_tab, reload, take_preset, teach_half
from playwright.sync_api import Page, expect
from small_presets import PIRATE_SOURCE, PIRATE_TARGET
from studio_server import OpenStudio

from lineas.service.service import StudioService
from lineas.storage import RunRecord
from lineas.training.recipes import RECIPES
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser

BAD_LINES = "• Good day.\n• Good day.\n\n2) See you."


@pytest.fixture
def page(studio: OpenStudio, visit: Any) -> Page:
    page: Page = visit(studio.url)
    return page


def expect_step(page: Page, step: int) -> None:
    """The last point of the chart."""
    expect(page.locator("#loss-plot [data-step]")).to_have_attribute("data-step", str(step))


def test_a_refresh_and_a_second_window_show_the_training(
    studio: OpenStudio, page: Page, trainer: FakeTrainer, visit: Any
) -> None:
    teach_half(page, trainer)
    label = page.locator("#loss-plot [role=img]")
    expect(label).to_have_attribute(
        "aria-label", re.compile("after 8 of 40 steps")
    )  # a step tells the distance before it
    early = page.locator("#loss-plot polyline").get_attribute("points") or ""
    reload(page)
    expect(page.locator("#run-status")).to_contain_text("Teaching “Pirate 2”: step 9")
    expect(page.locator("#cancel-button")).to_be_enabled()
    expect(field(page, "source-examples")).to_have_value(PIRATE_SOURCE)  # the draft is back
    expect(field(page, "concept-name")).to_have_value("Pirate")
    other = visit(studio.url)
    expect(other.locator("#status-banner")).to_contain_text("Teaching “Pirate 2”")
    expect(field(other, "source-examples")).to_have_value("")  # another person, another draft
    trainer.go_on.set()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect(label).to_have_attribute("aria-label", re.compile("after 40 of 40 steps"))
    assert len(page.locator("#loss-plot polyline").get_attribute("points") or "") > 3 * len(early)


def test_what_moves_during_a_training_moves_in_steps(page: Page, trainer: FakeTrainer) -> None:
    """A smooth animation, drawn by the processor that also trains, takes a quarter of a core from the model."""
    teach_half(page, trainer)
    endless = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity)"
    page.wait_for_function(f"{endless}.length >= 2")
    paces = f"{endless}.map((one) => getComputedStyle(one.effect.target).animationTimingFunction)"
    assert all("steps" in pace for pace in page.evaluate(paces))


def test_stop_resume_and_a_failure(page: Page, trainer: FakeTrainer) -> None:
    expect(page.locator("#cancel-button")).to_be_disabled()
    teach_half(page, trainer)
    page.click("#cancel-button")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.STOPPING)
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_STOPPING)
    expect(page.locator("#cancel-button")).to_be_disabled()
    expect(page.locator("#banner-button")).to_have_count(0)
    trainer.go_on.set()
    expect(page.locator("#run-status")).to_contain_text("was stopped at step 10")
    expect(page.locator("#cancel-button")).to_be_disabled()
    expect_step(page, 9)
    trainer.go_on.clear()
    page.click("#resume-button")
    expect(page.locator("#run-status")).to_contain_text("Teaching")
    trainer.go_on.set()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect_step(page, 40)
    expect(page.locator("#resume-button")).to_have_count(0)

    trainer.fails_at = {5: OSError(errno.ENOSPC, "No space left on <b>device</b>")}
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("The disk is full")
    expect(page.locator("#run-status")).to_contain_text("The disk is full")
    page.locator("#run-details summary").click()
    expect(page.locator("#run-details pre")).to_contain_text("No space left on <b>device</b>")
    expect(page.locator("#run-details")).to_contain_text("log.txt")
    expect(page.locator("#train-button")).to_be_enabled()
    take_preset(page, "cheerful")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("“Cheerful 2” is ready")
    expect(page.locator("#run-details")).not_to_be_visible()


def test_bad_examples_are_explained_and_nothing_is_lost(page: Page, service: StudioService) -> None:
    field(page, "source-examples").fill(BAD_LINES)
    expect(page.locator("#source-count")).to_contain_text("2 sentences · 1 repeat")
    page.click("#train-button")
    expect(page.locator("#teach-problem [role=alert]")).to_contain_text("How you want it to talk")
    field(page, "target-examples").fill("Arr!\n" + NASTY)
    expect(page.locator("#example-findings li").first).to_be_visible()
    expect(page.locator("#teach-problem [role=alert]")).to_have_count(0)  # gone as soon as they continue
    expect(field(page, "source-examples")).to_have_value(BAD_LINES)
    assert service.snapshot().run is None
    take_preset(page, "cheerful")
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    page.click("#undo-preset")
    expect(field(page, "source-examples")).to_have_value(BAD_LINES)


def test_previews_arrive_during_the_training_and_survive_a_refresh(
    page: Page, service: StudioService, trainer: FakeTrainer
) -> None:
    expect(page.locator("#previews")).to_contain_text(ui_text.PREVIEW_EMPTY)
    open_fold(page, ui_text.ADVANCED)
    field(page, "preview-prompt").fill(f"How are you? {NASTY}")
    trainer.halt_at = 11  # after the preview of step 10
    trainer.go_on.clear()
    take_preset(page, "pirate")
    page.click("#train-button")
    items = page.locator("#previews li[data-step]")
    expect(items).to_have_count(2)
    expect(items.last).to_contain_text("step 10")
    expect(page.locator("#previews .asked")).to_contain_text(f"How are you? {NASTY}")
    expect(page.locator("#previews .ls-caret")).to_have_count(1)
    reload(page)
    expect(items).to_have_count(2)
    trainer.go_on.set()
    expect(items).to_have_count(5)
    expect(items.last).to_contain_text(ui_text.PREVIEW_END)
    expect(items.last).to_contain_text(service.previews(service.runs()[0].id)[-1].text.strip())
    expect(page.locator("#previews .ls-caret")).to_have_count(0)
    assert page.evaluate("window.pwned") is None


def test_the_duration_is_estimated_before(
    studio: OpenStudio, service: StudioService, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = RECIPES["quick"].steps
    past = RunRecord(
        "r", "x", "done", "2026", "tiny-llama", step=steps, of=steps, seconds=600.0, source_count=32, target_count=32
    )
    monkeypatch.setattr(service, "runs", lambda: [past, past])
    page = visit(studio.url)
    take_preset(page, "pirate")
    expect(page.locator("#how-long")).to_have_text("Teaching takes about 10 minutes, judging by your last 2.")
    open_fold(page, ui_text.ADVANCED)
    field(page, "steps").fill(str(10 * steps))
    # ten times the steps, but the sentences are not read more often
    expect(page.locator("#how-long")).to_contain_text(re.compile(r"about [56]\d minutes"))
    field(page, "target-examples").fill("Arr!")
    expect(page.locator("#how-long")).to_have_text("")


def test_settings_reach_the_training_and_survive_a_refresh(page: Page, service: StudioService) -> None:
    take_preset(page, "pirate")
    open_fold(page, ui_text.ADVANCED)
    page.get_by_label("Thorough").check()
    field(page, "steps").fill("33")
    field(page, "support").fill("5")
    page.locator("#sites input").fill(r"layers\.1\.")
    page.keyboard.press("Enter")
    reload(page)
    open_fold(page, ui_text.ADVANCED)
    expect(field(page, "steps")).to_have_value("33")
    expect(page.locator("#sites input")).to_have_value(r"layers\.1\.")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    record = service.runs()[0]
    assert (record.recipe, record.settings, record.sites) == ("thorough", {"steps": 33, "support": 5}, r"layers\.1\.")


def test_nasty_text_stays_text_in_every_field(page: Page, service: StudioService) -> None:
    open_fold(page, ui_text.ADVANCED)
    open_fold(page, ui_text.DATASET)
    field(page, "concept-name").fill(NASTY)
    field(page, "source-examples").fill("\n".join([NASTY, LONG, PIRATE_SOURCE]))
    field(page, "target-examples").fill("\n".join([NASTY, f"{LONG}!", PIRATE_TARGET]))
    for name in ("sites", "preview-prompt", "dataset-name", "dataset-split"):
        field(page, name).fill(f"{NASTY} {LONG}")
    page.click("#dataset-look")
    expect(page.locator("#dataset-problem [role=alert]")).to_be_visible()
    expect(page.locator("#source-count")).to_contain_text("34 sentences")
    expect(page.locator("#example-findings")).to_contain_text("both sides")
    page.click("#train-button")
    expect(page.locator("#teach-problem")).to_contain_text("No part of this model matches the sites")
    field(page, "sites").fill("")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    expect(page.locator("#status-banner")).to_contain_text("window.pwned=1")
    assert len(service.runs()[0].preview) <= 300
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#compare-button")).to_be_enabled()
    assert page.evaluate("window.pwned") is None
    expect_no_overflow(page)
    reload(page)
    expect(field(page, "source-examples")).to_have_value(re.compile(re.escape(NASTY)))  # the draft is unchanged
