"""Every state that a person can get into, seen in the browser: trouble with memory, models and the graphics card."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("playwright.sync_api")

from fake_workbench import FakeWorkbench
from opened import Open, open_studio
from page_actions import take_preset, teach_pirate, write
from playwright.sync_api import Page, expect
from ready import SOURCE, TARGET, Ready

import lineas.generation.listener
import lineas.training.gradients
import lineas.training.trainer
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def lesson(page: Page, name: str = "bright") -> None:
    write(page.locator("#concept-name textarea, #concept-name input"), name)
    write(page.locator("#source-examples textarea"), SOURCE)
    write(page.locator("#target-examples textarea"), TARGET)
    expect(page.locator("#target-count")).to_contain_text("6 sentences")
    page.click("#train-button")


def open_compare(page: Page) -> None:
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()


# ---- from anywhere, by the banner


def test_the_banner_stops_goes_on_and_leads_to_the_concept(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    button = page.locator("#banner-button")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    expect(button).to_have_count(0)
    studio.service.teaching.clear()
    take_preset(page, "pirate")
    page.click("#train-button")
    open_compare(page)
    expect(button).to_have_text(ui_text.ACT_STOP)
    button.click()
    expect(page.locator("#status-banner")).to_contain_text("was stopped at step 9")
    expect(button).to_have_text(ui_text.ACT_RESUME)
    studio.service.teaching.set()
    button.click()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    page.get_by_role("tab", name=ui_text.CONCEPTS).click()
    expect(button).to_have_text(ui_text.ACT_TRY)
    button.click()
    expect(page.locator("#map-choice input")).to_have_value("Pirate · yours")
    assert [call[0] for call in studio.service.calls] == ["teach", "cancel", "resume"]


def test_stopping_says_so(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    teach_pirate(page, studio.service)
    run = studio.service.snapshot().run
    assert run
    studio.service.show(run=replace(run, stopping=True))
    expect(page.locator("#status-banner")).to_contain_text(ui_text.STOPPING)
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_STOPPING)
    expect(page.locator("#cancel-button")).to_be_disabled()
    expect(page.locator("#banner-button")).to_have_count(0)


# ---- memory


def test_out_of_memory_in_a_training_harms_nothing(
    tmp_path: Path,
    tiny_model: LoadedModel,
    visit: Any,
    open_with: Callable[[Any], Open],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = open_with(Ready(tmp_path, tiny_model, health_checks=False))
    page = visit(studio.url)
    expect(page.locator("#train-button")).to_be_enabled()
    real, made = lineas.training.gradients.backward, []

    def fails_from_the_third_on(*args: Any, **kwargs: Any) -> Any:  # also in the smaller parts that are tried then
        made.append(None)
        if len(made) >= 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(*args, **kwargs)

    monkeypatch.setattr(lineas.training.gradients, "backward", fails_from_the_third_on)
    lesson(page)
    expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card ran out of memory")
    expect(page.locator("#status-banner .bad")).to_contain_text("smaller model")
    page.locator("#run-details summary").click()
    expect(page.locator("#run-details pre")).to_contain_text("OutOfMemoryError")
    expect(page.locator("#train-button")).to_be_enabled()
    expect(page.locator("#source-examples textarea")).to_have_value(SOURCE)
    monkeypatch.undo()  # now it has the memory
    page.click("#banner-button")
    expect(page.locator("#status-banner")).to_contain_text("“bright” is ready", timeout=60_000)


def test_out_of_memory_in_an_answer_keeps_what_was_said(
    tmp_path: Path,
    tiny_model: LoadedModel,
    visit: Any,
    open_with: Callable[[Any], Open],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = open_with(Ready(tmp_path, tiny_model, health_checks=False))
    page = visit(studio.url)
    open_compare(page)
    expect(page.locator("#compare-button")).to_be_enabled()
    write(page.locator("#prompt textarea"), "your day")
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
    monkeypatch.undo()
    page.click("#compare-button")
    expect(page.locator("#compare-problem [role=alert]")).to_have_count(0)
    expect(page.locator("#plain-output footer")).not_to_contain_text("5 tokens")


# ---- models


def test_a_model_that_cannot_be_loaded_and_then_one_that_can(
    tmp_path: Path, tiny_model: LoadedModel, visit: Any, open_with: Callable[[Any], Open]
) -> None:
    tiny_model.network.save_pretrained(tmp_path / "good")
    tiny_model.tokenizer.save_pretrained(tmp_path / "good")
    studio = open_with(StudioService(str(tmp_path / "nowhere"), root=tmp_path / "home"))
    page = visit(studio.url)
    expect(page.locator("#status-banner .bad")).to_contain_text("nowhere", timeout=60_000)
    expect(page.locator("#train-button")).to_be_disabled()
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_MODEL_ERROR)
    open_compare(page)
    expect(page.locator("#compare-button")).to_be_disabled()
    expect(page.locator("#compare-why")).to_have_text(ui_text.WHY_MODEL_ERROR)
    page.keyboard.press("Escape")
    page.locator("#prompt textarea").focus()
    page.keyboard.press("Enter")  # a key knows of no disabled button
    expect(page.locator("#compare-problem [role=alert]")).to_contain_text("no model to work with")
    page.get_by_role("tab", name=ui_text.MODELS).click()
    write(page.locator("#model-name textarea, #model-name input"), str(tmp_path / "good"))
    page.click("#model-load")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY, timeout=60_000)


def test_no_model_at_all(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    studio.service.model("none")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.NO_MODEL)
    expect(page.locator("#train-button")).to_be_disabled()
    expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_NO_MODEL)
    write(page.locator("#source-examples textarea"), "One may write meanwhile.")
    expect(page.locator("#source-count")).to_contain_text("1 sentence")


def test_no_concept_for_this_model(studio: Open, visit: Any) -> None:
    studio.service.concepts = list
    studio.service.show()
    page = visit(studio.url)
    open_compare(page)
    expect(page.locator("#steered-output")).to_contain_text(ui_text.STEERED_EMPTY)
    page.click("#compare-button")
    expect(page.locator("#plain-output .ls-text")).to_contain_text("this winter.")
    expect(page.locator("#steered-output")).to_contain_text(ui_text.STEERED_NO_CONCEPT)


# ---- the graphics card


def test_a_graphics_card_that_is_lost_leaves_one_button(visit: Any) -> None:
    restarts: list[None] = []
    studio = open_studio(FakeWorkbench(), restart=lambda: restarts.append(None))
    try:
        page = visit(studio.url)
        expect(page.locator("#train-button")).to_be_enabled()
        studio.service.model("broken", "The graphics card stopped answering.")
        expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card stopped answering.")
        expect(page.locator("#train-button")).to_be_disabled()
        expect(page.locator("#teach-why")).to_have_text(ui_text.WHY_BROKEN)
        open_compare(page)
        for button in ("compare", "again", "stop"):
            expect(page.locator(f"#{button}-button")).to_be_disabled()
        expect(page.locator("#compare-why")).to_have_text(ui_text.WHY_BROKEN)
        page.get_by_role("tab", name=ui_text.MODELS).click()
        for button in ("model-load", "model-free"):
            expect(page.locator(f"#{button}")).to_be_disabled()
        page.get_by_role("button", name=ui_text.ACT_RESTART).click()
        expect(page.locator("#status-banner")).to_contain_text(ui_text.RESTARTING)
        page.wait_for_timeout(1000)
        assert restarts == [None]
    finally:
        studio.blocks.close()
        studio.service.close()
