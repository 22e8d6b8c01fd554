"""The page Mix in a browser."""

import time
from pathlib import Path
from typing import Any

import pytest
from concept_files import import_map
from fake_answers import FakeAnswers
from mixes import is_mix
from nasty import NASTY
from polling import wait_for

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text


@pytest.mark.browser
def test_mixing(
    service: StudioService,
    answers: FakeAnswers,
    judges: None,
    tiny_model: LoadedModel,
    visit: Any,
    open_with: Any,
    tmp_path: Path,
) -> None:
    from page_actions import choose, field, open_tab, reload
    from playwright.sync_api import expect

    nasty = import_map(service, tiny_model, tmp_path, NASTY, recommended_strength="0.75")
    page = visit(open_with(service).url)
    open_tab(page, ui_text.MIX)
    first, second, third = (page.locator(f"#mix-concept-{i} input") for i in (1, 2, 3))
    pairs = page.locator("#mix-overlap .pair")
    expect(first).to_have_value(f"{nasty.name} · added")
    expect(second).to_have_value("Pirate · ready-made")
    expect(pairs).to_have_count(1)
    expect(page.locator("#mix-strength-3")).to_be_hidden()  # an empty row has no strength

    choose(page, "mix-concept-3", "Cheerful")
    expect(page.locator("#mix-strength-3")).to_be_visible()
    expect(pairs).to_have_count(3)
    field(page, "mix-strength-3").fill("1.5")
    page.focus("#mix-up-3")  # by keyboard; concept and strength move together
    page.keyboard.press("Enter")
    expect(second).to_have_value("Cheerful · ready-made")
    page.focus("#mix-up-2")
    page.keyboard.press("Enter")
    expect(first).to_have_value("Cheerful · ready-made")
    expect(field(page, "mix-strength-1")).to_have_value("1.5")
    page.click("#mix-down-2")
    expect(second).to_have_value("Pirate · ready-made")
    expect(third).to_have_value(f"{nasty.name} · added")

    field(page, "mix-prompt").fill("echo " + NASTY)
    answers.go_on.clear()
    page.click("#mix-run")
    expect(page.locator("#mix-output .ls-text")).to_contain_text("<img src=x")
    expect(page.locator("#mix-stop")).to_be_enabled()
    expect(page.locator("#mix-run")).to_be_disabled()
    page.click("#mix-stop")
    expect(page.locator("#mix-run")).to_be_enabled()
    answers.go_on.set()
    parts = [("preset:cheerful", 1.5), ("preset:pirate", 0.75), (nasty.id, 0.75)]
    assert answers.asked[-1].prompts[0] == "echo " + NASTY and is_mix(service, answers.asked[-1].rows[1].map, parts)

    answers.go_on.clear()
    page.click("#mix-judge")
    expect(page.locator("#mix-heard")).to_contain_text("Writing 30 answers")
    expect(page.locator("#mix-run")).to_be_disabled()
    expect(page.locator("#mix-judge")).to_be_disabled()
    answers.go_on.set()
    expect(page.locator("#mix-heard .ls-conclusion")).to_contain_text("“Pirate” is heard")
    expect(page.locator("#mix-heard tbody tr")).to_have_count(3)
    expect(page.locator("#mix-heard")).to_contain_text(ui_text.MIX_NO_JUDGE["unknown"])
    page.get_by_text(ui_text.MIX_HEARD_ANSWERS).click()
    expect(page.locator("#mix-heard dd").first).to_contain_text("Arr, me day")

    field(page, "mix-name").fill(NASTY)
    reload(page)  # the mix on the page survives
    open_tab(page, ui_text.MIX)
    expect(first).to_have_value("Cheerful · ready-made")
    expect(field(page, "mix-strength-1")).to_have_value("1.5")
    expect(pairs).to_have_count(3)
    page.click("#mix-save")
    expect(page.locator("#mix-saved")).to_contain_text("<img src=x")
    expect(field(page, "mix-name")).to_have_value("")
    first.click()
    expect(page.get_by_role("option")).to_have_count(5)
    page.keyboard.press("Escape")
    tree = page.locator("body").aria_snapshot()
    for name in (ui_text.MIX_SLOT.format(number=1), ui_text.MIX_STRENGTH.format(number=2), 'button "Move 2 up"',
                 f'region "{ui_text.MIXED}"', "Cheerful · Pirate: -"):  # fmt: skip
        assert name in tree
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#mix-saved")).to_contain_text("<img src=x")
    page.click("#mix-down-1")
    expect(page.locator("#mix-saved")).to_be_empty()  # it was about another mix
    page.click("#mix-judge")
    expect(page.locator("#mix-heard tbody tr")).to_have_count(3)
    page.click("#mix-down-1")
    expect(page.locator("#mix-heard")).to_have_text(ui_text.MIX_HEARD_EMPTY)


@pytest.mark.browser
def test_a_slow_picture_does_not_replace_a_newer_one(
    service: StudioService,
    tiny_model: LoadedModel,
    visit: Any,
    open_with: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from page_actions import choose, open_tab, reload
    from playwright.sync_api import expect

    overlaps, drawn = service.answers.overlaps, []

    def slow_for_two(parts: Any) -> Any:
        drawn.append(False)
        time.sleep(0.3 if len(parts) == 2 else 0.0)
        found = overlaps(parts)
        drawn[-1] = True
        return found

    monkeypatch.setattr(service.answers, "overlaps", slow_for_two)
    import_map(service, tiny_model, tmp_path, "Third")
    page = visit(open_with(service).url)
    open_tab(page, ui_text.MIX)
    pairs = page.locator("#mix-overlap .pair")
    expect(pairs).to_have_count(1)
    choose(page, "mix-concept-3", "Cheerful")
    expect(pairs).to_have_count(3)
    for _ in range(2):  # the lists of a page that loads are filled in one by one
        reload(page)
        open_tab(page, ui_text.MIX)
        expect(pairs).to_have_count(3)
        wait_for(lambda: all(drawn))
        for _ in range(2):  # until the last picture has arrived, too
            with page.expect_response("**/run/news"):
                pass
        expect(pairs).to_have_count(3)
        expect(page.locator("#mix-strength-3")).to_be_visible()
