"""How a concept reaches the model, and what Compare says of its health."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from concept_files import change_map, import_map
from fake_answers import FakeAnswers
from fake_trainer import FakeTrainer
from nasty import NASTY
from page_actions import (
    choose,
    compare,
    field,
    open_tab,
    reload,
    take_preset,
)  # fmt: skip
from playwright.sync_api import Page, expect
from studio_server import OpenStudio, start_service

from lineas.data.presets import Preset
from lineas.evaluation.health import HealthProgress
from lineas.evaluation.health_card import HealthCard
from lineas.models.loaded import LoadedModel
from lineas.ui import text as ui_text

pytestmark = pytest.mark.browser


def test_a_third_answer_is_asked_for_the_style_in_words(page: Page, answers: FakeAnswers) -> None:
    expect(page.locator("#told-output")).to_have_count(0)
    page.check("#third input")
    expect(field(page, "instruction")).to_have_value("Answer like a pirate.")  # the preset's own words
    field(page, "instruction").fill("Talk like a sailor. " + NASTY)
    compare(page, answers)
    expect(page.get_by_role("region", name=ui_text.INSTRUCTED)).to_contain_text("As a pirate")
    row = answers.asked[-1].rows[2]
    assert row.map is None and row.system == "Talk like a sailor. " + NASTY.strip()
    choose(page, "map-choice", "Cheerful")
    expect(page.locator("#prompt-0")).to_have_text("Tell me about your day.")
    expect(field(page, "instruction")).to_have_value("Talk like a sailor. " + NASTY)  # what a person wrote stays
    page.uncheck("#third input")
    expect(page.locator("#told-output")).to_have_count(0)
    compare(page, answers)
    assert len(answers.asked[-1].rows) == 2


def test_a_concept_is_said_and_shown(page: Page, answers: FakeAnswers, presets: list[Preset]) -> None:
    change_map(presets[1].map_path, mode="say")
    expect(page.get_by_label("Show", exact=True)).to_be_checked()
    expect(field(page, "instruction")).to_have_count(0)
    page.get_by_label("Both", exact=True).check()
    expect(field(page, "instruction")).to_have_value("Answer like a pirate.")
    field(page, "instruction").fill("Talk like a sailor.")
    compare(page, answers)
    expect(page.locator("#steered-output h3")).to_have_text("With “Pirate” at 0.75 and as an instruction")
    expect(page.locator("#told-output")).to_have_count(0)
    plain, steered = answers.asked[-1].rows
    assert plain.system is None and steered.map is not None
    assert (steered.strength, steered.system) == (0.75, "Talk like a sailor.")
    page.get_by_label("Say", exact=True).check()
    expect(page.locator("#strength-word")).to_contain_text(ui_text.STRENGTH_UNUSED)
    page.get_by_label("Show", exact=True).check()
    expect(page.locator("#strength-word")).to_contain_text("gentle")
    expect(field(page, "instruction")).to_have_count(0)
    choose(page, "map-choice", "Cheerful")  # is best said
    expect(page.get_by_label("Say", exact=True)).to_be_checked()
    compare(page, answers)
    expect(page.locator("#steered-output h3")).to_have_text("With “Cheerful” as an instruction")
    assert answers.asked[-1].rows[1].map is None
    reload(page)
    open_tab(page, ui_text.COMPARE)
    expect(page.get_by_label("Say", exact=True)).to_be_checked()
    expect(field(page, "instruction")).to_have_value("Talk like a sailor.")


def test_a_page_opens_with_the_advised_mode(
    studio: OpenStudio, presets: list[Preset], answers: FakeAnswers, visit: Any
) -> None:
    change_map(presets[0].map_path, mode="both", recommended_strength="0.25")
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    expect(page.get_by_label("Both", exact=True)).to_be_checked()
    expect(page.locator("#strength-word")).to_contain_text("0.25")
    expect(field(page, "instruction")).to_have_value("Answer like a pirate.")
    compare(page, answers)
    assert answers.asked[-1].rows[1].system == "Answer like a pirate."


def test_a_concept_without_an_instruction_can_be_given_one(
    studio: OpenStudio, tiny_model: LoadedModel, tmp_path: Path, answers: FakeAnswers, visit: Any
) -> None:
    import_map(studio.service, tiny_model, tmp_path, "hook")
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#map-choice input")).to_have_value("hook · added")
    expect(page.locator("#say-show")).to_have_count(0)
    page.check("#third input")
    expect(field(page, "instruction")).to_have_value("Write in this style: hook.")
    field(page, "instruction").fill("Mention hooks.")
    page.get_by_label("Both", exact=True).check()
    compare(page, answers)
    _, steered, told = answers.asked[-1].rows
    assert steered.map is not None and steered.system == told.system == "Mention hooks."


def test_the_health_of_the_chosen_concept(
    studio: OpenStudio, presets: list[Preset], tiny_model: LoadedModel, tmp_path: Path, visit: Any
) -> None:
    card = HealthCard("weak", f"It is hardly heard. {NASTY}", 0.75, 0.1, 0.01)
    change_map(presets[0].map_path, health=card.to_json())
    change_map(presets[1].map_path, health="{broken")
    import_map(studio.service, tiny_model, tmp_path, "hook", description=f"Talks like a hook. {NASTY}")
    page = visit(studio.url)
    open_tab(page, ui_text.COMPARE)
    line = page.locator("#concept-health")
    expect(line).to_contain_text(f"Talks like a hook. {NASTY}")  # without a card: what the concept is about
    choose(page, "map-choice", "Cheerful")
    expect(line).to_contain_text("Looks on the bright side.")
    choose(page, "map-choice", "Pirate")
    expect(line.locator(".ls-verdict").first).to_have_text("Weak")
    expect(line).to_contain_text("It is hardly heard.")
    expect(line).to_contain_text(ui_text.recommended_at(0.75, False))
    page.click("#strength-1-5")
    page.click("#concept-health [data-use]")
    expect(field(page, "strength")).to_have_value("0.75")
    line.get_by_text(ui_text.HEALTH_DETAILS, exact=True).click()
    expect(line.locator(".ls-tiles")).to_be_visible()
    assert page.evaluate("window.pwned") is None


def test_a_health_check_is_followed(
    presets: list[Preset],
    trainer: FakeTrainer,
    lineas_home: Path,
    tiny_model: LoadedModel,
    open_with: Callable[..., OpenStudio],
    visit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = Event()

    def health_check(*args: Any, **options: Any) -> Iterator[HealthProgress | HealthCard]:
        yield HealthProgress("Measuring the cost.", 0.4)
        end.wait(60)
        yield HealthCard("works", "It is heard.", 1.0, 0.1, 0.01)

    monkeypatch.setattr("lineas.evaluation.health.health_check", health_check)
    service = start_service(lineas_home, tiny_model, health_checks=True)
    try:
        page = visit(open_with(service).url)
        take_preset(page, "pirate")
        page.click("#train-button")
        page.click("#try-button")
        expect(page.locator("#map-choice input")).to_have_value("Pirate 2 · yours")
        line = page.locator("#concept-health")
        expect(line).to_contain_text("Measuring the cost.")
        expect(line.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", "40")
        end.set()
        expect(line).to_contain_text("Works")
        expect(line.locator("[role=progressbar]")).to_have_count(0)
    finally:
        end.set()
        service.close()
