"""The banner and the buttons in every state of model and training, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from fake_answers import FakeAnswers
from fake_loader import FakeLoader
from fake_trainer import FakeTrainer
from page_actions import compare, field, open_tab, teach_half
from playwright.sync_api import Page, expect
from polling import wait_for
from studio_server import OpenStudio
from tiny import save_model

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


@pytest.fixture
def loading(lineas_home: Path) -> Iterator[Callable[[str], StudioService]]:
    """``loading(name)`` starts a service that begins to load a model."""
    services = []

    def start(name: str) -> StudioService:
        services.append(StudioService(name, root=lineas_home))
        services[-1].start()
        return services[-1]

    yield start
    for service in services:
        service.close()


def expect_no_training(page: Page, why: str) -> None:
    expect(page.locator("#train-button")).to_be_disabled()
    expect(page.locator("#teach-why")).to_have_text(why)


def test_the_banner_stops_resumes_and_opens_the_concept(studio: OpenStudio, trainer: FakeTrainer, visit: Any) -> None:
    page = visit(studio.url)
    button = page.locator("#banner-button")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    expect(button).to_have_count(0)
    teach_half(page, trainer)
    open_tab(page, ui_text.COMPARE)
    expect(button).to_have_text(ui_text.ACT_STOP)
    button.click()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.STOPPING)
    trainer.go_on.set()
    expect(page.locator("#status-banner")).to_contain_text("was stopped at step 10")
    expect(button).to_have_text(ui_text.ACT_RESUME)
    button.click()
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    open_tab(page, ui_text.CONCEPTS)
    expect(button).to_have_text(ui_text.ACT_TRY)
    button.click()
    expect(page.locator("#map-choice input")).to_have_value("Pirate 2 · yours")
    assert [record.state for record in studio.service.runs()] == ["done"]


def test_a_loading_model_and_a_failed_one(
    open_with: Callable[..., OpenStudio],
    loading: Callable[[str], StudioService],
    loader: FakeLoader,
    tiny_model: LoadedModel,
    visit: Any,
) -> None:
    service = loading("default")
    page = visit(open_with(service).url)
    loader.report("Loading the model: 40 %", 0.4)
    expect(page.locator("#status-banner")).to_contain_text("Loading the model: 40 %")
    expect(page.locator("#status-banner [role=progressbar]")).to_have_attribute("aria-valuenow", "40")
    expect_no_training(page, ui_text.WHY_LOADING)
    loader.end(LineasError("The folder /no/such/model does not exist."))
    expect(page.locator("#status-banner .bad")).to_contain_text("The folder /no/such/model does not exist.")
    expect_no_training(page, ui_text.WHY_MODEL_ERROR)
    service.load_model("another")
    loader.end(tiny_model)
    expect(page.locator("#train-button")).to_be_enabled()
    service.free_model()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.NO_MODEL)
    expect_no_training(page, ui_text.WHY_NO_MODEL)
    field(page, "source-examples").fill("One may write meanwhile.")
    expect(page.locator("#source-count")).to_contain_text("1 sentence")


def test_after_a_model_that_cannot_be_loaded_another_one_works(
    open_with: Callable[..., OpenStudio], loading: Callable[[str], StudioService], visit: Any, tmp_path: Path
) -> None:
    good = save_model(tmp_path / "good")
    page = visit(open_with(loading(str(tmp_path / "nowhere"))).url)
    expect(page.locator("#status-banner .bad")).to_contain_text("nowhere")
    expect_no_training(page, ui_text.WHY_MODEL_ERROR)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#compare-button")).to_be_disabled()
    expect(page.locator("#compare-why")).to_have_text(ui_text.WHY_MODEL_ERROR)
    field(page, "prompt").press("Enter")  # Enter works while the button is disabled
    expect(page.locator("#compare-problem [role=alert]")).to_contain_text("no model to work with")
    open_tab(page, ui_text.MODELS)
    field(page, "model-name").fill(str(good))
    page.click("#model-load")
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)


def test_without_any_concept_there_is_the_original_only(
    studio: OpenStudio, answers: FakeAnswers, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.data.presets.load_presets", list)
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#steered-output")).to_contain_text(ui_text.STEERED_EMPTY)
    compare(page, answers)
    expect(page.locator("#plain-output .ls-text")).to_contain_text("this winter.")
    expect(page.locator("#steered-output")).to_contain_text(ui_text.STEERED_NO_CONCEPT)


def test_a_lost_graphics_card_leaves_one_button(
    service: StudioService, open_with: Callable[..., OpenStudio], visit: Any
) -> None:
    restarts: list[None] = []
    page = visit(open_with(service, restart=lambda: restarts.append(None)).url)
    expect(page.locator("#train-button")).to_be_enabled()
    service.model_slot.lose()
    expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card stopped answering")
    expect_no_training(page, ui_text.WHY_BROKEN)
    open_tab(page, ui_text.COMPARE)
    for button in ("compare", "again", "stop"):
        expect(page.locator(f"#{button}-button")).to_be_disabled()
    expect(page.locator("#compare-why")).to_have_text(ui_text.WHY_BROKEN)
    open_tab(page, ui_text.MODELS)
    for button in ("model-load", "model-free"):
        expect(page.locator(f"#{button}")).to_be_disabled()
    page.get_by_role("button", name=ui_text.ACT_RESTART).click()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.RESTARTING)
    wait_for(lambda: restarts == [None])
