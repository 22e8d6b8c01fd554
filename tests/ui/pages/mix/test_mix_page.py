"""The page Mix: order, strengths and conflicts, without a port; then in a browser."""

import time
from pathlib import Path
from typing import Any

import pytest
import torch
from concept_files import import_map
from fake_answers import PLAIN, STEERED, FakeAnswers
from handlers import REQUEST, by_id, call, handler, here
from nasty import NASTY
from polling import wait_for

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.steering.overlap import Overlap
from lineas.ui import text as ui_text
from lineas.ui.pages.mix import render

SAMPLING = (0, 40, 0.7, "chat")
TWO = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.5, 0.75, 0.75)
ONE = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.0, 0.75, 0.75)


def ask(blocks: Any, prompt: str = "Tell me.", slots: Any = TWO) -> list[dict[str, Any]]:
    """All updates after Try it."""
    return [by_id(updates) for updates in handler(blocks, "try_mix", "mix")(prompt, REQUEST, *SAMPLING, *slots)]


def is_mix(service: StudioService, found: SteeringMap | None, parts: list[tuple[str, float]]) -> bool:
    """Whether a map is the mix of these concepts and strengths, in this order."""
    expected = service.concept_store.mixed(parts)
    return found is not None and all(
        torch.allclose(found.scale[site], expected.scale[site])
        and torch.allclose(found.shift[site], expected.shift[site])
        for site in expected.sites
    )


def test_what_takes_part_from_top_to_bottom() -> None:
    assert render.chosen(TWO) == [("preset:pirate", 0.75), ("preset:cheerful", 0.5)]
    assert render.chosen(ONE) == [("preset:pirate", 0.75)]  # at 0 it is not there
    assert render.chosen(("", None, "a", "", 1, 1, 2, 1)) == [("a", 2.0)]


def test_who_fights_and_who_is_alike_in_plain_words() -> None:
    assert "get along" in ui_text.mix_verdict([("a", "b", "apart")], 1.0)
    said = ui_text.mix_verdict([("a", "b", "fight"), ("a", "c", "alike"), ("b", "c", "apart")], 2.0)
    assert "“a” and “b” fight" in said and "“a” and “c” are much alike" in said
    assert "as hard as one concept at 2.0" in said and "get along" not in said


def test_the_heat_map_has_a_cell_for_every_layer_and_a_name_for_all() -> None:
    found = Overlap({f"layers.{i}": -0.4 for i in range(12)}, -0.3)
    shown = render.overlap_map([(NASTY, found), ("b · c", found)])
    assert shown.count('title="layer ') == 24 and shown.count('class="against" style="--c:80%"') == 24
    assert "<img" not in shown and 'role="img"' in shown and ": fight, -0.30" in shown


def test_the_picture_of_a_mix(blocks: Any, service: StudioService, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "“Pirate” and “Cheerful” fight" in call(blocks, "draw", *TWO, page="mix")["mix-overlap"]
    assert ui_text.MIX_OVERLAP_EMPTY in call(blocks, "draw", *ONE, page="mix")["mix-overlap"]
    monkeypatch.setattr(service, "overlaps", lambda parts: 1 / 0)
    failed = call(blocks, "draw", *TWO, page="mix")
    assert 'role="alert"' in failed["mix-overlap"] and failed["Row"]  # rows are shown and hidden all the same


def test_trying_a_mix(blocks: Any, service: StudioService, answers: FakeAnswers) -> None:
    first, *_, last = ask(blocks)
    assert first["mix-stop"]["interactive"] and not first["mix-run"]["interactive"]
    assert PLAIN[:40] in last["mix-plain"] and STEERED[:40] in last["mix-output"]
    assert last["mix-run"]["interactive"] and "40 tokens" in last["mix-output"]
    [asked] = answers.asked
    assert set(asked.prompts) == {"Tell me."} and asked.strength == 1
    assert is_mix(service, asked.rows[1].map, render.chosen(TWO))


@pytest.mark.parametrize(
    ("prompt", "slots", "sentence"),
    [("Tell me.", ONE, ui_text.MIX_TOO_FEW), ("  ", TWO, ui_text.NO_PROMPTS)],
)
def test_what_cannot_be_tried_is_explained(
    blocks: Any, answers: FakeAnswers, prompt: str, slots: Any, sentence: str
) -> None:
    [shown] = ask(blocks, prompt, slots)
    assert sentence in shown["mix-problem"] and answers.asked == []


def test_an_error_keeps_the_words_so_far(blocks: Any, answers: FakeAnswers) -> None:
    answers.error = torch.OutOfMemoryError("CUDA out of memory")
    last = ask(blocks)[-1]
    assert "ran out of memory" in last["mix-problem"] and "Arr, me day" in last["mix-output"]
    assert last["mix-run"]["interactive"]


def test_panels_without_an_answer_say_what_will_be_there(
    blocks: Any, service: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise LineasError("The graphics card ran out of memory.")

    monkeypatch.setattr(service.answers, "compare_mix", fail)
    last = ask(blocks)[-1]
    assert "ran out of memory" in last["mix-problem"]
    assert ui_text.ORIGINAL_EMPTY in last["mix-plain"] and ui_text.MIXED_EMPTY in last["mix-output"]


def test_keeping_a_mix(blocks: Any, service: StudioService) -> None:
    shown = call(blocks, "keep", "", *here(), *TWO, page="mix")
    concept = service.concepts()[0]
    assert concept.name == "Pirate + Cheerful" and concept.name in shown["mix-saved"]
    assert (f"{concept.name} · mixed", concept.id) in shown["map-choice"]["choices"]
    assert is_mix(service, service.steering_map(concept.id), render.chosen(TWO))
    assert ui_text.MIX_TOO_FEW in call(blocks, "keep", "x", *here(), *ONE, page="mix")["mix-saved"]


@pytest.mark.browser
def test_mixing(
    service: StudioService, answers: FakeAnswers, tiny_model: LoadedModel, visit: Any, open_with: Any, tmp_path: Path
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
    expect(page.locator("#mix-overlap .ls-conclusion")).to_contain_text("get along")
    expect(pairs).to_have_count(1)
    expect(page.locator("#mix-strength-3")).to_be_hidden()  # an empty row has no strength

    choose(page, "mix-concept-3", "Cheerful")
    expect(page.locator("#mix-strength-3")).to_be_visible()
    expect(pairs).to_have_count(3)
    expect(page.locator("#mix-overlap .ls-conclusion")).to_contain_text("fight")
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
    expect(page.locator("#mix-why")).to_have_text(ui_text.WHY_STREAMING)
    page.click("#mix-stop")
    expect(page.locator("#mix-run")).to_be_enabled()
    answers.go_on.set()
    parts = [("preset:cheerful", 1.5), ("preset:pirate", 0.75), (nasty.id, 0.75)]
    assert answers.asked[-1].prompts[0] == "echo " + NASTY and is_mix(service, answers.asked[-1].rows[1].map, parts)

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
                 f'region "{ui_text.MIXED}"', "fight, "):  # fmt: skip
        assert name in tree
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#mix-saved")).to_contain_text("<img src=x")
    page.click("#mix-down-1")
    expect(page.locator("#mix-saved")).to_be_empty()  # it was about another mix


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

    overlaps, drawn = service.overlaps, []

    def slow_for_two(parts: Any) -> Any:
        drawn.append(False)
        time.sleep(0.3 if len(parts) == 2 else 0.0)
        found = overlaps(parts)
        drawn[-1] = True
        return found

    monkeypatch.setattr(service, "overlaps", slow_for_two)
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
