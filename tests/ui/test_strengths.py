"""The page Strengths: the ladder, the filmstrip, the chart; then in a browser."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from nasty import NASTY
from page_actions import write

from lineas.errors import LineasError
from lineas.evaluation.strength_sweep import StrengthPoint, StrengthReport
from lineas.generation.listener import Answer
from lineas.storage import Concept
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.pages.strengths import render
from lineas.ui.studio import build


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    service.model("ready")
    return build(Context(service, PRESETS))  # type: ignore[arg-type]


def show(blocks: Any, text: str = "Tell me.", concept: str | None = "preset:pirate", step: float = 0.5) -> list[Any]:
    fn = next(f.fn for f in blocks.fns.values() if getattr(f.fn, "__name__", "") == "run_strengths")
    page = SimpleNamespace(session_hash="page")
    return [
        {component.elem_id or type(component).__name__: value for component, value in updates.items()}
        for updates in fn(text, concept, step, 1.0, page, 0, 20, 0.7, "chat")
    ]


def test_the_ladder() -> None:
    assert render.strengths_up_to(1.5, 0.25) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]
    assert render.strengths_up_to(1, 0.5) == [0, 0.5, 1]
    assert [ui_text.fraction(value) for value in (0, 0.25, 1, 1.25, 0.8, 2)] == ["0", "¼", "1", "1¼", "0.8", "2"]


def test_a_frame_for_each_strength_with_its_answers() -> None:
    answers = [
        Answer(f"{NASTY} {i}", i, True) for i in range(6)
    ]  # three strengths of the first prompt, then of the second
    film = render.filmstrip(["one", NASTY], [0.0, 0.5, 1.0], answers, 0.6, streaming=False)
    assert film.count('class="ls-frame') == 3 and film.count('class="ls-frame best"') == 1 and "<img" not in film
    first, second, third = film.split("<li ")[1:]
    assert "5 tokens" in third and "2 tokens" in third and ui_text.RECOMMENDED in second and ui_text.ORIGINAL in first
    assert film.count("data-use=") == 3
    empty = render.filmstrip(["one"], [0.0, 0.5], [], 0.6, streaming=True)
    assert "data-use" not in empty and empty.count("ls-caret") == 2


def test_nothing_is_recommended_for_a_concept_that_was_never_examined(blocks: Any, service: FakeWorkbench) -> None:
    assert ui_text.RECOMMENDED not in render.filmstrip(["one"], [0.0, 1.0], [], None, streaming=False)
    assert "mark" not in render.strength_chart([StrengthPoint(0, 0.1, 1.0), StrengthPoint(1, 0.6, 0.9)], None)
    assert ui_text.strengths_verdict("x", None, 1.0).startswith("In these answers, 1 does most")
    assert ui_text.strengths_verdict("x", None, None).startswith("None of these answers")
    service.own.append(Concept("map:x", "x", "imported", Path()))
    last = show(blocks, concept="map:x")[-1]
    assert not any(word in str(last) for word in (ui_text.RECOMMENDED, ui_text.RECOMMENDED.capitalize()))


def test_the_chart_speaks_and_marks_what_is_recommended() -> None:
    points = [StrengthPoint(0, 0.1, 1.0), StrengthPoint(0.5, 0.6, 0.9), StrengthPoint(1, 1.2, -0.1)]
    chart = render.strength_chart(points, 0.75)
    assert "strength ½: effect 60%, fluency 90%" in chart
    assert 'class="effect" points="0,270 500,120 1000,0"' in chart  # and what is out of range stays in the frame
    assert 'class="fluency" points="0,0 500,30 1000,300"' in chart
    assert 'class="mark left" style="left:75.00%"' in chart
    assert "mark" not in render.strength_chart(points, 1.5)
    assert ui_text.STRENGTHS_CHART_EMPTY in render.strength_chart([], 1.0)


@pytest.mark.parametrize(
    ("points", "best"),
    [
        ([(0, 0.1, 1), (0.5, 0.5, 0.9), (1, 0.9, 0.8)], 1),
        ([(0, 0.1, 1), (0.5, 0.88, 0.9), (1, 0.9, 0.8)], 0.5),  # a little more is not worth it
        ([(0, 0.1, 1), (0.5, 0.5, 0.9), (1, 0.9, 0.3)], 0.5),  # more, but nobody can read it
        ([(0, 0.1, 1), (0.5, 0.5, 0.4), (1, 0.9, 0.3)], None),
    ],
)
def test_what_the_answers_recommend(points: list[tuple[float, float, float]], best: float | None) -> None:
    report = StrengthReport(tuple(StrengthPoint(*point) for point in points), True)
    assert report.best == best
    assert ui_text.strengths_verdict(NASTY, 0.5, best)


def test_all_strengths_are_asked_in_one_batch_and_then_measured(blocks: Any, service: FakeWorkbench) -> None:
    shown = show(blocks, "Tell me.\n\n  And then?  ")
    assert shown[0]["strengths-stop"]["interactive"] and not shown[0]["strengths-run"]["interactive"]
    assert service.calls[0][:4] == ("at_strengths", ["Tell me.", "And then?"], "preset:pirate", [0, 0.5, 1])
    assert [len(row) for row in service.calls[1][3]] == [2, 2, 2]
    last = shown[-1]
    assert (
        "Effect: how clearly an independent judge" in last["strengths-verdict"]
        and "polyline" in last["strengths-chart"]
    )
    assert last["strengths-run"]["interactive"] and last["strengths-problem"] == ""


def test_more_questions_than_can_be_asked(blocks: Any, service: FakeWorkbench) -> None:
    shown = show(blocks, "\n".join("abcdef"))
    assert service.calls[0][1] == list("abcd") and "Only the first 4 questions" in shown[-1]["strengths-problem"]


@pytest.mark.parametrize(
    ("text", "concept", "sentence"),
    [
        (" \n ", "preset:pirate", ui_text.NO_PROMPTS),
        ("x", None, ui_text.NO_CONCEPT),
        ("x", "run:gone", ui_text.NO_CONCEPT),
    ],
)
def test_what_cannot_be_shown_is_told(
    blocks: Any, service: FakeWorkbench, text: str, concept: str | None, sentence: str
) -> None:
    (shown,) = show(blocks, text, concept)
    assert sentence in shown["strengths-problem"] and service.calls == []


def test_a_failure_keeps_the_answers(blocks: Any) -> None:
    last = show(blocks, "out of memory")[-1]
    assert "ran out of memory" in last["strengths-problem"] and "Arr, me day" in last["filmstrip"]
    assert last["strengths-run"]["interactive"]


def test_a_filmstrip_without_an_answer_says_what_will_be_there(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*anything: Any, **more: Any) -> None:
        raise LineasError("The graphics card ran out of memory.")

    monkeypatch.setattr(service, "at_strengths", fails)
    last = show(blocks)[-1]
    assert "ran out of memory" in last["strengths-problem"] and ui_text.FILMSTRIP_EMPTY in last["filmstrip"]
    assert ui_text.NOTHING_SAID not in last["filmstrip"]


@pytest.mark.browser
def test_from_question_to_recommendation(service: FakeWorkbench, visit: Any, open_with: Any) -> None:
    from playwright.sync_api import expect

    page = visit(open_with(service).url)
    page.get_by_role("tab", name=ui_text.STRENGTHS, exact=True).click()
    page.locator("#strengths-step").get_by_role("radio", name="½").check()
    write(page.locator("#strengths-prompt textarea"), f"echo {NASTY} {'y' * 3000}\nAnd then?")
    expect(page.locator("#strengths-run")).to_be_enabled()
    service.speaking.clear()
    page.click("#strengths-run")
    expect(page.locator("#filmstrip .ls-frame")).to_have_count(4)
    expect(page.locator("#strengths-stop")).to_be_enabled()
    expect(page.locator("#strengths-why")).to_have_text(ui_text.WHY_STREAMING)
    page.click("#strengths-stop")
    expect(page.locator("#strengths-run")).to_be_enabled()
    expect(page.locator("#strengths-chart polyline")).to_have_count(0)  # stopped answers are not measured
    service.speaking.set()
    page.click("#strengths-run")
    expect(page.locator("#strengths-chart polyline")).to_have_count(2)
    expect(page.locator("#strengths-chart .mark")).to_have_text(ui_text.RECOMMENDED)
    expect(page.locator("#strengths-verdict")).to_contain_text("Recommended for “Pirate”: ¾")
    expect(page.locator("#filmstrip .ls-frame").last).to_contain_text("<img src=x")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tree = page.locator("body").aria_snapshot()
    for name in (
        f'list "{ui_text.FILMSTRIP}"',
        f'button "{ui_text.USE_IN_COMPARE}: {ui_text.STRENGTH} 1.5"',
        "strength 1½: effect",
    ):
        assert name in tree
    page.get_by_role("button", name=f"{ui_text.USE_IN_COMPARE}: {ui_text.STRENGTH} 1.5").focus()
    page.keyboard.press("Enter")  # the keyboard takes it to Compare
    expect(page.locator("#strength input[type=number]")).to_have_value("1.5")
    expect(page.locator("#map-choice input")).to_have_value("Pirate · ready-made")
    expect(page.locator("#prompt textarea")).to_have_value(re.compile("^echo "))
    page.reload()
    page.get_by_role("tab", name=ui_text.STRENGTHS, exact=True).click()
    expect(page.locator("#strengths-prompt textarea")).to_have_value(re.compile("And then.$"))
    assert page.evaluate("window.pwned") is None
