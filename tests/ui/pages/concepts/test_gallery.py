"""The gallery of My concepts: cards, search, and making the ready-made concepts for another model."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from concept_files import change_map, import_map
from fake_trainer import FakeTrainer
from handlers import call, here
from polling import wait_for

from lineas.data.presets import Preset, load_presets
from lineas.models.loaded import LoadedModel
from lineas.service import ready_made
from lineas.service.service import StudioService
from lineas.steering.map_file import read_metadata
from lineas.storage.names import clean_text
from lineas.ui import text as ui_text
from lineas.ui.pages.concepts import gallery, render

SAME_CARD = """[...document.querySelectorAll('#library-list label')].every(
    (label) => label.querySelector('input').value === label.querySelector('.ls-item').dataset.id)"""
NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} & \''


def test_a_card_has_verdict_strength_and_one_answer_before_and_after() -> None:
    (preset,) = (preset for preset in load_presets() if preset.id == "pirate")
    assert preset.map_path is not None
    header = read_metadata(preset.map_path)
    item = render.Item("preset:pirate", NASTY, "preset", "note", "", "default", 0.8, health=header["health"])
    card = gallery.cards([item, replace(item, id="run:x", kind="unfinished")])
    assert card.count("ls-item") == 1, "an unfinished run has no card"
    assert 'ls-verdict good">Works · 0.8<' in card and 'class="before"' in card and 'class="after"' in card
    assert "<img" not in card
    for damaged in ("", "{", "[" * 100_000, '{"verdict": "works"}'):
        assert "ls-verdict" not in gallery.cards([replace(item, health=damaged)])


def test_presets_are_recognised_by_their_instruction() -> None:
    presets = load_presets()
    assert len({clean_text(preset.instruction) for preset in presets}) == len(presets)
    assert all(clean_text(preset.instruction) == preset.instruction for preset in presets)


@pytest.fixture
def elsewhere(service: StudioService, tiny_model: LoadedModel, presets: list[Preset]) -> StudioService:
    """A service whose model is not the one that the ready-made concepts are for."""
    for preset in presets:
        change_map(preset.map_path, base_model="default")
    service.use_model(replace(tiny_model, id="anna/other"))
    return service


def test_ready_made_concepts_are_made_for_another_model(
    blocks: Any, elsewhere: StudioService, trainer: FakeTrainer, presets: list[Preset]
) -> None:
    trainer.go_on.clear()
    shown = call(blocks, "make_all", *here())
    assert shown["library-make"] == gr.update(visible=True, value=ui_text.CONCEPTS_MAKE_STOP)
    assert "2 ready-made concepts are being made" in shown["library-make-hint"]["value"]
    assert len(ready_made.make(elsewhere, presets)) == 0, "they are in the queue already"
    call(blocks, "make_all", *here())
    trainer.go_on.set()
    wait_for(lambda: not ready_made.waiting(presets, elsewhere.runs(), "anna/other"))
    assert [run.state for run in elsewhere.runs()] == ["cancelled", "cancelled"]
    shown = call(blocks, "make_all", *here())
    wait_for(lambda: not ready_made.missing(presets, elsewhere.concepts(), "anna/other"))
    assert sorted(c.name for c in elsewhere.concepts() if c.kind == "run") == ["Cheerful 3", "Pirate 3"]
    service_seconds = ready_made.seconds(presets, elsewhere.runs(), "anna/other")
    assert service_seconds is not None and service_seconds > 0
    assert ready_made.seconds(presets, elsewhere.runs(), "anna/third") is None


@pytest.mark.browser
def test_the_gallery_in_the_browser(
    elsewhere: StudioService, trainer: FakeTrainer, tiny_model: LoadedModel, tmp_path: Path, visit: Any, open_with: Any
) -> None:
    from page_actions import choose, expect_no_overflow, field, open_tab
    from playwright.sync_api import expect

    health = read_metadata(next(p.map_path for p in load_presets() if p.id == "pirate" and p.map_path))["health"]
    import_map(
        elsewhere, tiny_model, tmp_path, NASTY, health=health, recommended_strength="0.8", base_model="anna/other"
    )
    page = visit(open_with(elsewhere).url)
    open_tab(page, ui_text.CONCEPTS)
    cards = page.locator("#library-list label .ls-item")
    expect(cards).to_have_count(3)
    expect(cards.first.locator("b")).to_have_text(NASTY)
    expect(cards.first.locator(".ls-verdict")).to_have_text("Works · 0.8")
    expect(cards.first.locator(".after")).to_be_visible()
    cards.nth(2).click()
    expect(page.locator("#library-about h3")).to_have_text("Cheerful")
    field(page, "library-search").fill("PIRATE talks")
    expect(page.locator("#library-list label:visible")).to_have_count(1)
    field(page, "library-search").fill("nobody")
    expect(page.locator("#library-none")).to_be_visible()
    field(page, "library-search").fill("")
    choose(page, "library-model", "other")
    expect(page.locator("#library-list label:visible b")).to_have_text([NASTY])
    choose(page, "library-model", ui_text.CONCEPTS_ALL_MODELS)
    expect(page.locator("#library-list label:visible")).to_have_count(3)
    expect(page.locator("#library-make-hint")).to_contain_text("2 ready-made concepts are not there for other yet")
    page.click("#library-make")
    expect(cards).to_have_count(5)
    expect(page.locator("#library-make")).to_be_hidden()
    expect(cards.filter(has_text="Cheerful 2")).to_have_count(1)
    page.wait_for_function(SAME_CARD)
    page.set_viewport_size({"width": 390, "height": 844})
    listed = page.locator("#library-list .wrap:has(label)")
    expect(listed).to_have_class(re.compile("ls-more"))  # it shows that it goes on
    listed.evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(listed).not_to_have_class(re.compile("ls-more"))
    expect_no_overflow(page)
    assert page.evaluate("window.pwned") is None
