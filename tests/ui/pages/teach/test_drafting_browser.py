"""Write examples for me: from a phrase to two answers, and what happens to the boxes on the way."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from page_actions import field, reload, take_preset
from playwright.sync_api import Page, expect
from studio_server import OpenStudio

from lineas.errors import LineasError
from lineas.evaluation.drafting.draft import Drafts
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


class FakeDrafter:
    """Writes four drafts, then, when ``go_on`` is set, as many as are wanted; ``asked`` holds all calls."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.gain = 0.9
        self.error: LineasError | None = None

    def __call__(self, model: object, wish: str, count: int, **asked: Any) -> Iterator[Drafts]:
        self.asked.append({"wish": wish, "count": count, **asked})
        seed, rewrite = asked["seed"], asked["rewrite"]
        if self.error:
            raise self.error
        for number in (4, count):
            while number > 4 and not (self.go_on.wait(0.01) or asked["stop"].is_set()):
                pass
            if asked["stop"].is_set():
                return
            source = () if rewrite else tuple(f"I saw {seed + i} grey cats." for i in range(number))
            target = tuple(f"Bah, {seed + i} cats for {wish}!" for i in range(number))
            yield Drafts(source, target, self.gain, number, Counter())


@pytest.fixture
def drafter(monkeypatch: pytest.MonkeyPatch) -> FakeDrafter:
    drafter = FakeDrafter()
    monkeypatch.setattr("lineas.evaluation.drafting.draft.draft", drafter)
    return drafter


def wish_for(page: Page, phrase: str) -> None:
    field(page, "wish").fill(phrase)
    page.click("#draft-button")


def lines(page: Page, box: str) -> list[str]:
    return field(page, box).input_value().splitlines()


def test_from_a_phrase_to_two_answers_in_four_clicks(studio: OpenStudio, drafter: FakeDrafter, visit: Any) -> None:
    page = visit(studio.url)
    expect(page.locator("#draft-button")).to_be_enabled()
    drafter.go_on.clear()
    wish_for(page, "a grumpy old wizard")  # 1
    expect(page.locator("#target-count")).to_contain_text("4 sentences · 4 drafts")  # they stream in
    expect(page.locator("#draft-status")).to_contain_text("4 of 16")
    expect(field(page, "source-examples")).to_be_disabled()
    expect(page.locator("#example-findings")).to_be_empty()  # no complaint about four sentences, more are coming
    drafter.go_on.set()
    expect(page.locator("#draft-status .good")).to_contain_text("16 drafts written by the model")
    expect(field(page, "target-examples")).to_be_editable()
    expect(field(page, "concept-name")).to_have_value("A grumpy old wizard")
    expect(page.locator("#draft-stop")).not_to_be_visible()
    expect(page.locator("#example-findings")).not_to_be_empty()
    page.click("#train-button")  # 2
    expect(page.locator("#status-banner")).to_contain_text("is ready")
    page.click("#try-button")  # 3
    expect(page.locator("#map-choice input")).to_have_value("A grumpy old wizard · yours")
    page.click("#compare-button")  # 4
    expect(page.locator("#steered-output .ls-text")).to_have_text(re.compile("till sundown.$"))
    concept = studio.service.concepts()[0]
    assert concept.instruction == "You are a grumpy old wizard, and you talk that way."


def test_more_of_them_edited_ones_and_another_phrase(studio: OpenStudio, drafter: FakeDrafter, visit: Any) -> None:
    page = visit(studio.url)
    take_preset(page, "pirate")
    wish_for(page, "a robot")  # nobody's own sentences stand there
    expect(page.locator("#target-count")).to_contain_text("16 sentences · 16 drafts")
    field(page, "target-examples").fill("\n".join(["Beep, I edited this.", *lines(page, "target-examples")[1:]]))
    expect(page.locator("#target-count")).to_contain_text("16 sentences · 15 drafts")
    page.click("#draft-more")
    expect(page.locator("#target-count")).to_contain_text("24 sentences · 23 drafts")
    assert drafter.asked[-1]["count"] == 8 and len(drafter.asked[-1]["target"]) == 16
    assert drafter.asked[-1]["seed"] != drafter.asked[0]["seed"]
    reload(page)
    expect(field(page, "wish")).to_have_value("a robot")
    expect(page.locator("#target-count")).to_contain_text("24 sentences · 23 drafts")  # still marked as drafts
    page.click("#draft-more")
    expect(page.locator("#target-count")).to_contain_text("32 sentences · 31 drafts")
    field(page, "source-examples").fill("Mine, and only mine.")
    field(page, "target-examples").fill("")
    expect(page.locator("#target-count")).to_contain_text("0 sentences")
    page.click("#draft-rewrite")
    expect(field(page, "target-examples")).to_have_value(re.compile("for a robot"))
    expect(field(page, "target-examples")).to_be_editable()
    assert drafter.asked[-1]["rewrite"] and drafter.asked[-1]["source"] == ["Mine, and only mine."]
    assert lines(page, "source-examples") == ["Mine, and only mine."]
    wish_for(page, "a small child")  # own sentences stay, drafts for another phrase go
    expect(field(page, "target-examples")).to_have_value(re.compile("small child"))
    assert not [line for line in lines(page, "target-examples") if "robot" in line]
    assert lines(page, "source-examples")[0] == "Mine, and only mine."
    expect(field(page, "concept-name")).to_have_value("A small child")
    take_preset(page, "pirate")
    expect(field(page, "wish")).to_have_value("")


def test_stopping_a_phrase_that_changes_nothing_and_an_error(
    studio: OpenStudio, drafter: FakeDrafter, visit: Any
) -> None:
    page = visit(studio.url)
    drafter.go_on.clear()
    wish_for(page, "a robot")
    expect(page.locator("#target-count")).to_contain_text("4 drafts")
    page.click("#draft-stop")
    expect(field(page, "target-examples")).to_be_editable()
    assert len(lines(page, "target-examples")) == 4  # what there is stays
    drafter.go_on.set()
    drafter.gain = 0.1
    wish_for(page, "very polite")
    expect(page.locator("#draft-status")).to_contain_text(ui_text.DRAFTS_ALIKE)
    drafter.error = LineasError("Say it in a few words.")
    wish_for(page, "x")
    expect(page.locator("#teach-problem [role=alert]")).to_have_text("Say it in a few words.")
    expect(page.locator("#draft-button")).to_be_enabled()
