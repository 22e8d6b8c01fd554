"""Settings of Compare as a link."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from handlers import by_id, call, handler
from nasty import NASTY
from studio_server import OpenStudio

from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.compare import link


def opened(blocks: Any, **query: str) -> dict[str, Any]:
    """What a page shows at the address with these parameters."""
    request = SimpleNamespace(session_hash="page", query_params=query)
    return by_id(handler(blocks, "open")(None, request))


def test_a_link_says_what_it_was_made_of_and_nothing_else_gets_in() -> None:
    made = link.Link("Anna & co", 0.75, f"a+b? {NASTY}", "both")
    assert link.read(dict(parse_qsl(made.to_query()))) == link.Link("Anna & co", 0.75, f"a+b? {NASTY}", "both")
    assert not link.read({"strength": "1", "stage": "1"})
    for strength, read in (("9", 2.0), ("-1", 0.0), ("nan", None), ("inf", None), ("x", None), ("", None)):
        assert link.read({"concept": "a", "strength": strength}).strength == read
    wild = link.read({"concept": "\x00a\n" * 500, "q": "q" * 10_000, "mode": "root"})
    assert (len(wild.concept) <= 80, "\n" in wild.concept, len(wild.question), wild.mode) == (True, False, 2000, "")


def test_what_a_link_opens(blocks: Any, service: StudioService) -> None:
    shown = opened(blocks, concept="CHEERFUL", q="Why?")
    assert (shown["map-choice"]["value"], shown["strength"], shown["prompt"]) == ("preset:cheerful", 0.5, "Why?")
    assert shown["pages"]["selected"] == "compare" and "compare-problem" not in shown
    shown = opened(blocks, concept="preset:pirate", strength="1.25", mode="both")
    assert (shown["map-choice"]["value"], shown["strength"], shown["say-show"]) == ("preset:pirate", 1.25, "both")
    shown = opened(blocks, concept=NASTY, q="Why?")
    assert "not on this computer" in shown["compare-problem"] and "<img" not in shown["compare-problem"]
    assert shown["prompt"] == "Why?"
    assert "prompt" not in opened(blocks) and "compare-problem" not in opened(blocks)
    query = call(blocks, "share", "preset:pirate", 0.75, "show", "Why?", page="compare")["JSON"]["query"]
    assert query == "concept=Pirate&strength=0.75&mode=show&q=Why%3F"


@pytest.mark.browser
def test_a_link_in_the_browser(studio: OpenStudio, visit: Any) -> None:
    from page_actions import choose, field, open_tab, reload
    from playwright.sync_api import expect

    page = visit(studio.url, permissions=["clipboard-read", "clipboard-write"])
    open_tab(page, ui_text.COMPARE)
    choose(page, "map-choice", "Cheerful")
    expect(field(page, "strength")).to_have_value("0.5")  # the advised one has come
    field(page, "strength").fill("0.9")
    field(page, "prompt").fill(NASTY)
    page.click("#share-button")
    expect(page.locator("#share-button")).to_have_text(ui_text.COPIED)
    address = page.evaluate("navigator.clipboard.readText()")
    other = visit(address)
    expect(other.locator("#map-choice input")).to_have_value("Cheerful · ready-made")
    expect(field(other, "strength")).to_have_value("0.9")
    expect(field(other, "prompt")).to_have_value(NASTY)
    other.wait_for_function("location.search === ''")
    field(other, "prompt").fill("mine")
    reload(other)
    open_tab(other, ui_text.COMPARE)
    expect(field(other, "prompt")).to_have_value("mine")
