"""How an open page gets news, and how little it costs while nothing changes."""

import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from concept_files import import_map
from page_actions import open_tab
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.models.loaded import LoadedModel
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def next_news(page: Page, count: int = 1) -> None:
    """Wait for so many answers to the page's question for news."""
    for _ in range(count):
        with page.expect_response("**/gradio_api/run/news"):
            pass


def test_a_page_only_asks_for_news_while_nothing_happens(studio: OpenStudio, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    next_news(page, 3)  # what loading the page started has ended
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    next_news(page, 3)
    assert {url.removeprefix(studio.url) for url in asked} == {"gradio_api/run/news"}


def test_gradios_queue_is_rarely_polled(studio: OpenStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    queue = type(studio.blocks._queue)
    counted = queue.__len__
    monkeypatch.setattr(queue, "__len__", lambda own: looks.append(None) or counted(own))
    time.sleep(0.5)
    assert 1 <= len(looks) <= 75  # Gradio's own pace is 500


def test_an_open_list_gets_news_after_it_is_closed(
    studio: OpenStudio, tiny_model: LoadedModel, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    chooser = page.locator("#map-choice input")
    chooser.click()
    expect(page.get_by_role("option").first).to_be_visible()
    before = page.get_by_role("option").count()
    import_map(studio.service, tiny_model, tmp_path, "hook")
    studio.service.free_model()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.NO_MODEL)  # the rest of the page is updated
    assert page.get_by_role("option").count() == before
    chooser.blur()
    expect(chooser).to_have_attribute("aria-expanded", "false")
    studio.service.use_model(tiny_model)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    chooser.click()
    expect(page.get_by_role("option", name="hook")).to_be_visible()
    assert page.get_by_role("option").count() == before + 1
