"""The page Mix: order, strengths, who fights whom; then in a browser."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from fake_workbench import PLAIN, STEERED, FakeWorkbench
from nasty import NASTY
from page_actions import write

from lineas.errors import LineasError
from lineas.steering.overlap import Overlap
from lineas.storage import Concept
from lineas.ui import text as ui_text
from lineas.ui.context import Context, Seen
from lineas.ui.pages.mix import render
from lineas.ui.studio import build

SAMPLING = (0, 40, 0.7, "chat")
TWO = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.5, 0.75, 0.75)
ONE = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.0, 0.75, 0.75)


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    service.model("ready")
    return build(Context(service, []))  # type: ignore[arg-type]


def call(blocks: Any, name: str, *args: Any) -> Any:
    acts = "lineas.ui.pages.mix.handlers"
    return next(
        f.fn for f in blocks.fns.values() if getattr(f.fn, "__name__", "") == name and f.fn.__module__ == acts
    )(*args)


def by_id(updates: dict[Any, Any]) -> dict[str, Any]:
    return {component.elem_id or type(component).__name__: value for component, value in updates.items()}


def here() -> Any:
    return SimpleNamespace(session_hash="page")


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


def test_the_picture_of_a_mix(blocks: Any, service: FakeWorkbench) -> None:
    shown = by_id(call(blocks, "draw", *TWO))["mix-overlap"]
    assert "“Pirate” and “Cheerful” fight" in shown
    assert ui_text.MIX_OVERLAP_EMPTY in by_id(call(blocks, "draw", *ONE))["mix-overlap"]
    service.overlaps = lambda parts: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    failed = by_id(call(blocks, "draw", *TWO))
    assert 'role="alert"' in failed["mix-overlap"] and failed["Row"]  # whether rows are free is shown all the same


def test_trying_it(blocks: Any, service: FakeWorkbench) -> None:
    shown = [by_id(updates) for updates in call(blocks, "try_mix", "Tell me.", here(), *SAMPLING, *TWO)]
    assert shown[0]["mix-stop"]["interactive"] and not shown[0]["mix-run"]["interactive"]
    assert " ".join(PLAIN[:9]) in shown[-1]["mix-plain"] and " ".join(STEERED[:9]) in shown[-1]["mix-output"]
    assert shown[-1]["mix-run"]["interactive"] and "40 tokens" in shown[-1]["mix-output"]
    assert service.calls[0][:3] == ("compare_mix", "Tell me.", render.chosen(TWO))


@pytest.mark.parametrize(
    ("prompt", "slots", "sentence"),
    [("Tell me.", ONE, ui_text.MIX_TOO_FEW), ("  ", TWO, ui_text.NO_PROMPTS)],
)
def test_what_cannot_be_tried_is_told(
    blocks: Any, service: FakeWorkbench, prompt: str, slots: Any, sentence: str
) -> None:
    (shown,) = call(blocks, "try_mix", prompt, here(), *SAMPLING, *slots)
    assert sentence in by_id(shown)["mix-problem"]
    assert service.calls == []


def test_a_failure_keeps_what_was_said(blocks: Any) -> None:
    *_, last = (by_id(updates) for updates in call(blocks, "try_mix", "out of memory", here(), *SAMPLING, *TWO))
    assert "ran out of memory" in last["mix-problem"] and STEERED[0] in last["mix-output"]
    assert last["mix-run"]["interactive"]


def test_panels_without_an_answer_do_not_say_that_nothing_was_said(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*anything: Any, **more: Any) -> None:
        raise LineasError("The graphics card ran out of memory.")

    monkeypatch.setattr(service, "compare_mix", fails)
    last = by_id(list(call(blocks, "try_mix", "Tell me.", here(), 0, 20, 0.7, "chat", *TWO))[-1])
    assert "ran out of memory" in last["mix-problem"]
    assert ui_text.ORIGINAL_EMPTY in last["mix-plain"] and ui_text.MIXED_EMPTY in last["mix-output"]


def test_keeping_it(blocks: Any, service: FakeWorkbench) -> None:
    shown = by_id(call(blocks, "keep", "", Seen(0), here(), *TWO))
    assert service.calls == [("mix", render.chosen(TWO), "Pirate + Cheerful")]
    assert (
        "Pirate + Cheerful" in shown["mix-saved"]
        and ("Pirate + Cheerful · mixed", "map:Pirate + Cheerful") in (shown["map-choice"]["choices"])
    )
    assert ui_text.MIX_TOO_FEW in by_id(call(blocks, "keep", "x", Seen(0), here(), *ONE))["mix-saved"]


@pytest.mark.browser
def test_mixing(service: FakeWorkbench, visit: Any, open_with: Any) -> None:
    from playwright.sync_api import expect

    service.own.append(Concept("map:nasty", NASTY, "imported", service.concepts()[0].path, 0.75))
    page = visit(open_with(service).url)
    page.get_by_role("tab", name=ui_text.MIX, exact=True).click()
    first, second, third = (page.locator(f"#mix-concept-{i} input") for i in (1, 2, 3))
    expect(first).to_have_value(f"{NASTY} · added")
    expect(second).to_have_value("Pirate · ready-made")
    expect(page.locator("#mix-overlap .ls-conclusion")).to_contain_text("fight")
    expect(page.locator("#mix-overlap .pair")).to_have_count(1)
    expect(page.locator("#mix-strength-3")).to_be_hidden()  # there is nothing to be strong

    third.click()
    page.get_by_role("option", name="Cheerful").click()
    expect(page.locator("#mix-strength-3")).to_be_visible()
    expect(page.locator("#mix-overlap .pair")).to_have_count(3)
    write(page.locator("#mix-strength-3 input[type=number]"), "1.5")
    page.focus("#mix-up-3")  # by keyboard, twice up: what it is and how strong move together
    page.keyboard.press("Enter")
    expect(second).to_have_value("Cheerful · ready-made")
    page.focus("#mix-up-2")
    page.keyboard.press("Enter")
    expect(first).to_have_value("Cheerful · ready-made")
    expect(page.locator("#mix-strength-1 input[type=number]")).to_have_value("1.5")
    page.click("#mix-down-2")
    expect(second).to_have_value("Pirate · ready-made")
    expect(third).to_have_value(f"{NASTY} · added")

    write(page.locator("#mix-prompt textarea"), "echo " + NASTY)
    service.speaking.clear()
    page.click("#mix-run")
    expect(page.locator("#mix-output .ls-text")).to_contain_text("<img src=x")
    expect(page.locator("#mix-stop")).to_be_enabled()
    expect(page.locator("#mix-run")).to_be_disabled()
    expect(page.locator("#mix-why")).to_have_text(ui_text.WHY_STREAMING)
    page.click("#mix-stop")
    expect(page.locator("#mix-run")).to_be_enabled()
    service.speaking.set()
    ids = ["preset:cheerful", "preset:pirate", "map:nasty"]
    assert service.calls[-1][:3] == ("compare_mix", "echo " + NASTY, list(zip(ids, (1.5, 0.75, 0.75), strict=True)))

    write(page.locator("#mix-name input, #mix-name textarea"), NASTY)
    page.reload()  # a mix that was put together survives
    page.get_by_role("tab", name=ui_text.MIX, exact=True).click()
    expect(first).to_have_value("Cheerful · ready-made")
    expect(page.locator("#mix-strength-1 input[type=number]")).to_have_value("1.5")
    expect(page.locator("#mix-overlap .pair")).to_have_count(3)
    page.click("#mix-save")
    expect(page.locator("#mix-saved")).to_contain_text(NASTY)
    expect(page.locator("#mix-name input, #mix-name textarea")).to_have_value("")
    first.click()
    expect(page.get_by_role("option")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.locator("#mix-strength-2")).to_be_visible()
    tree = page.locator("body").aria_snapshot()
    for name in (
        ui_text.MIX_SLOT.format(number=1),
        ui_text.MIX_STRENGTH.format(number=2),
        'button "Move 2 up"',
        f'region "{ui_text.MIXED}"',
        "fight, ",
    ):
        assert name in tree
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#mix-saved")).to_contain_text(NASTY)  # also after all pictures of a page that was just opened
    page.click("#mix-down-1")
    expect(page.locator("#mix-saved")).to_be_empty()  # it was said of another mix


@pytest.mark.browser
def test_a_picture_that_took_long_does_not_replace_a_newer_one(
    service: FakeWorkbench, visit: Any, open_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import expect

    at_once = service.overlaps

    def long_for_two(parts: Any) -> Any:
        time.sleep(1.0 if len(parts) == 2 else 0.0)
        return at_once(parts)

    monkeypatch.setattr(service, "overlaps", long_for_two)
    service.own.append(Concept("map:third", "Third", "imported", service.concepts()[0].path, 0.75))
    page = visit(open_with(service).url)
    page.get_by_role("tab", name=ui_text.MIX, exact=True).click()
    expect(page.locator("#mix-overlap .pair")).to_have_count(1)
    page.locator("#mix-concept-3 input").click()
    page.get_by_role("option", name="Cheerful").click()
    expect(page.locator("#mix-overlap .pair")).to_have_count(3)
    for _ in range(3):  # the lists of a page that is opened are filled in one by one
        page.reload()
        page.get_by_role("tab", name=ui_text.MIX, exact=True).click()
        expect(page.locator("#mix-overlap .pair")).to_have_count(3)
        page.wait_for_timeout(2_000)
        expect(page.locator("#mix-overlap .pair")).to_have_count(3)
        expect(page.locator("#mix-strength-3")).to_be_visible()
