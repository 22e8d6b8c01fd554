"""Whole visits in a real browser: from examples to two answers, with fake and with real training."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

import torch
from fake_answers import FakeAnswers
from page_actions import expect_no_overflow, field, open_tab, reload, settle, take_preset
from playwright.sync_api import Page, expect
from studio_server import OpenStudio, start_service
from tiny import SOURCE, TARGET

import lineas.generation.listener
import lineas.training.gradients
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def teach_bright(page: Page) -> None:
    """Start to teach "bright" from sentences that the tiny model can read."""
    field(page, "concept-name").fill("bright")
    field(page, "source-examples").fill("\n".join(SOURCE))
    field(page, "target-examples").fill("\n".join(TARGET))
    expect(page.locator("#target-count")).to_contain_text(f"{len(TARGET)} sentences")
    page.click("#train-button")


def test_from_a_preset_to_two_answers(studio: OpenStudio, answers: FakeAnswers, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    take_preset(page, "pirate")
    expect(page.locator("#source-count")).to_contain_text("32 sentences")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    page.click("#try-button")  # opens Compare, where the new concept is chosen already
    expect(page.locator("#map-choice input")).to_have_value("Pirate 2 · yours")
    field(page, "prompt").fill("Tell me about your day.")
    answers.go_on.clear()
    page.click("#compare-button")
    expect(page.locator("#plain-output .ls-text")).to_have_text(re.compile("I read a little, answered$"))
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("hoisted the sails at$"))
    expect(page.locator("#stop-button")).to_be_enabled()
    expect(page.locator("#compare-button")).to_be_disabled()
    answers.go_on.set()
    expect(page.locator("#compare-button")).to_be_enabled()
    expect(page.locator("#plain-output .ls-text")).to_have_text(re.compile("this winter.$"))
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("till sundown.$"))
    expect(page.locator("#steered-output")).to_contain_text("tokens")
    assert len(studio.service.runs()) == len(answers.asked) == 1
    stored = page.evaluate("Object.keys(localStorage)")
    assert sorted(stored) == ["lineas-draft-v1", "lineas-tour"]  # no history of questions and answers


def test_with_the_keyboard_alone(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#train-button")).to_be_enabled()

    def tab_to(selector: str) -> None:
        expect(page.locator(selector).first).to_be_visible()
        for _ in range(40):
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
    expect(page.locator("#prompt")).to_be_visible()
    expect(page.locator("#map-choice input")).to_have_value("Pirate 2 · yours")  # comes together with its strength
    settle(page)
    tab_to("#strength input[type=range]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#strength-word")).to_contain_text("1.05 stronger than taught")
    tab_to("#prompt textarea")
    page.keyboard.press("Enter")
    expect(page.locator("#steered-output")).to_contain_text("at 1.05")
    expect(page.locator("#steered-output .ls-text")).to_contain_text("till sundown.")


def test_the_page_on_a_phone_and_in_the_dark(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url, viewport={"width": 390, "height": 844}, color_scheme="dark")
    expect_no_overflow(page)
    open_tab(page, ui_text.COMPARE)
    expect(field(page, "prompt")).to_be_visible()
    expect_no_overflow(page)
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.click("[data-theme-toggle]")
    assert page.evaluate(background) != dark
    reload(page)
    expect(page.locator("body")).not_to_have_class(re.compile("dark"))  # the choice is kept


def test_names_for_screen_readers(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url)
    tree = page.locator("body").aria_snapshot()
    for name in ('heading "LinEAS Studio"', ui_text.SWITCH_THEME, f'textbox "{ui_text.SOURCE}"', f'textbox "{ui_text.TARGET}"',
                 f'button "{ui_text.TEACH_BUTTON}"', f'button "{ui_text.CANCEL_BUTTON}"', "status", "img"):  # fmt: skip
        assert name in tree
    open_tab(page, ui_text.COMPARE)
    expect(field(page, "prompt")).to_be_visible()
    tree = page.locator("body").aria_snapshot()
    for name in ('region "Original"', 'region "With “', "slider", ui_text.CONCEPT, ui_text.PROMPT):
        assert name in tree
    fonts = "async () => { await document.fonts.ready; return [...document.fonts].map(f => f.family + f.weight + f.status) }"
    assert {"IBM Plex Sans400loaded", "IBM Plex Sans700loaded"} <= {f.replace('"', "") for f in page.evaluate(fonts)}


# ---- with real training and decoding


def test_teach_compare_and_restart(
    lineas_home: Path,
    tiny_model: LoadedModel,
    real_service: StudioService,
    open_with: Callable[..., OpenStudio],
    visit: Any,
) -> None:
    page = visit(open_with(real_service).url)
    teach_bright(page)
    expect(page.locator("#status-banner")).to_contain_text("“bright” is ready")
    expect(page.locator("#loss-plot polyline")).to_have_count(1)
    page.click("#try-button")
    expect(page.locator("#map-choice input")).to_have_value("bright · yours")
    field(page, "prompt").fill("your day")
    page.click("#compare-button")
    expect(page.locator("#steered-output footer")).to_contain_text("token")
    expect(page.locator("#stop-button")).to_be_disabled()
    page.click("#strength-0")  # off is the plain model
    page.click("#compare-button")
    expect(page.locator("#steered-output h3")).to_have_text("With “bright” at 0")
    expect(page.locator("#steered-output footer")).to_contain_text("token")
    expect(page.locator("#compare-button")).to_be_enabled()
    said = page.locator("#plain-output .ls-text").inner_text()
    assert said and page.locator("#steered-output .ls-text").inner_text() == said
    real_service.close()

    again = start_service(lineas_home, tiny_model)
    try:
        page = visit(open_with(again).url)
        expect(page.locator("#status-banner")).to_contain_text("“bright” is ready")
        open_tab(page, ui_text.COMPARE)
        expect(page.locator("#map-choice input")).to_have_value("bright · yours")
    finally:
        again.close()


def test_training_can_be_resumed_after_it_ran_out_of_memory(
    real_service: StudioService, open_with: Callable[..., OpenStudio], visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(open_with(real_service).url)
    real, made = lineas.training.gradients.backward, []

    def fail_from_the_third_on(*args: Any, **kwargs: Any) -> Any:  # also in the smaller batches that are tried then
        made.append(None)
        if len(made) >= 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(*args, **kwargs)

    monkeypatch.setattr(lineas.training.gradients, "backward", fail_from_the_third_on)
    teach_bright(page)
    expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card ran out of memory")
    expect(page.locator("#status-banner .bad")).to_contain_text("smaller model")
    page.locator("#run-details summary").click()
    expect(page.locator("#run-details pre")).to_contain_text("OutOfMemoryError")
    expect(page.locator("#train-button")).to_be_enabled()
    expect(field(page, "source-examples")).to_have_value("\n".join(SOURCE))
    monkeypatch.setattr(lineas.training.gradients, "backward", real)
    page.click("#banner-button")
    expect(page.locator("#status-banner")).to_contain_text("“bright” is ready")


def test_an_answer_that_runs_out_of_memory_keeps_its_words(
    real_service: StudioService, open_with: Callable[..., OpenStudio], visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(open_with(real_service).url)
    open_tab(page, ui_text.COMPARE)
    field(page, "prompt").fill("your day")
    real = lineas.generation.listener.Listener.put

    def put(self: Any, value: Any) -> None:
        real(self, value)
        if len(self.tokens[0]) == 5:
            raise RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            )

    monkeypatch.setattr(lineas.generation.listener.Listener, "put", put)
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_contain_text("The computer ran out of memory")
    expect(page.locator("#plain-output footer")).to_contain_text("5 tokens")
    monkeypatch.setattr(lineas.generation.listener.Listener, "put", real)
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_have_count(0)
    expect(page.locator("#plain-output footer")).not_to_have_text(re.compile(r"\b5 tokens"))
    expect(page.locator("#compare-button")).to_be_enabled()
