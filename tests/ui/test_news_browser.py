"""How a page hears of what changes, and how little it costs while nothing does."""

import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from opened import Open
from page_actions import teach_pirate
from playwright.sync_api import expect

from lineas.storage import Concept
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def test_a_page_on_which_nothing_happens_only_asks_for_news(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    page.wait_for_timeout(2000)  # what opening the page set going has come to rest
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3000)
    assert len(asked) >= 2
    assert {url.removeprefix(studio.url) for url in asked} == {"gradio_api/run/news"}


def test_gradios_queue_does_not_look_for_work_all_the_time(studio: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    queue = type(studio.blocks._queue)
    counted = queue.__len__
    monkeypatch.setattr(queue, "__len__", lambda own: looks.append(None) or counted(own))
    time.sleep(1)
    assert 1 <= len(looks) <= 150  # a thousand by itself


def test_what_moves_while_something_is_taught_moves_in_steps(studio: Open, visit: Any) -> None:
    """Drawn smoothly by a processor that also teaches, it takes a quarter of a core from the model."""
    page = visit(studio.url)
    teach_pirate(page, studio.service)
    pace = "document.getAnimations().filter(one => one.effect.getTiming().iterations === Infinity).map(%s)"
    moving = page.evaluate(pace % "one => getComputedStyle(one.effect.target).animationTimingFunction")
    assert len(moving) >= 3 and all("steps" in one for one in moving)
    studio.service.teaching.set()


def test_news_reaches_the_page(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    studio.service.model("error", "It is gone.")
    expect(page.locator("#status-banner")).to_contain_text("It is gone.")


def test_a_list_that_is_open_hears_of_news_when_it_is_closed(studio: Open, visit: Any) -> None:
    page = visit(studio.url)
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()
    page.locator("#map-choice input").click()
    expect(page.get_by_role("option").first).to_be_visible()
    before = page.get_by_role("option").count()
    studio.service.own.append(Concept("map:hook", "hook", "imported", Path()))
    studio.service.model("loading", "Waking up.")
    expect(page.locator("#status-banner")).to_contain_text("Waking up.")  # the rest of the page goes on
    assert page.get_by_role("option").count() == before
    page.locator("#map-choice input").blur()
    expect(page.locator("#map-choice input")).to_have_attribute("aria-expanded", "false")
    page.wait_for_timeout(2000)
    page.locator("#map-choice input").click()
    expect(page.get_by_role("option", name="hook")).to_be_visible()
    assert page.get_by_role("option").count() == before + 1
