"""The page Strengths: steps, filmstrip and chart, without a port; then in a browser."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from concept_files import import_map
from fake_answers import FakeAnswers
from handlers import REQUEST, by_id, handler
from nasty import NASTY

from lineas.errors import LineasError
from lineas.evaluation.advice import StrengthReport
from lineas.evaluation.findings import StrengthPoint
from lineas.generation.listener import Answer
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.strengths import render


def point(strength: float, effect: float, fluency: float, relevance: float = 0.9) -> StrengthPoint:
    return StrengthPoint(strength, effect, fluency, relevance, 0.0)


def ask(blocks: Any, text: str = "Tell me.", concept: str | None = "preset:pirate", step: float = 0.5) -> list[Any]:
    """All updates after the strengths were asked for."""
    run = handler(blocks, "run_strengths", "strengths")
    return [by_id(updates) for updates in run(text, concept, step, 1.0, REQUEST, 0, 20, 0.7, "chat")]


def test_strengths_and_their_fractions() -> None:
    assert render.strengths_up_to(1.5, 0.25) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]
    assert render.strengths_up_to(1, 0.5) == [0, 0.5, 1]
    assert [ui_text.fraction(value) for value in (0, 0.25, 1, 1.25, 0.8, 2)] == ["0", "¼", "1", "1¼", "0.8", "2"]


def test_a_frame_for_each_strength_with_its_answers() -> None:
    answers = [Answer(f"{NASTY} {i}", i, True) for i in range(6)]  # three strengths of each prompt
    film = render.filmstrip(["one", NASTY], [0.0, 0.5, 1.0], answers, 0.6, streaming=False)
    assert film.count('class="ls-frame') == 3 and film.count('class="ls-frame best"') == 1 and "<img" not in film
    first, second, third = film.split("<li ")[1:]
    assert "5 tokens" in third and "2 tokens" in third and ui_text.RECOMMENDED in second and ui_text.ORIGINAL in first
    assert film.count("data-use=") == 3
    empty = render.filmstrip(["one"], [0.0, 0.5], [], 0.6, streaming=True)
    assert "data-use" not in empty and empty.count("ls-caret") == 2


def test_nothing_is_recommended_for_a_concept_without_a_health_check(
    blocks: Any, service: StudioService, tiny_model: LoadedModel, tmp_path: Path
) -> None:
    assert ui_text.RECOMMENDED not in render.filmstrip(["one"], [0.0, 1.0], [], None, streaming=False)
    assert "mark" not in render.strength_chart([point(0, 0.1, 1.0), point(1, 0.6, 0.9)], None)
    assert ui_text.strengths_verdict("x", None, 1.0).startswith("In these answers, 1 does most")
    assert ui_text.strengths_verdict("x", None, None).startswith("None of these answers")
    last = ask(blocks, concept=import_map(service, tiny_model, tmp_path, "x").id)[-1]
    assert not any(word in str(last) for word in (ui_text.RECOMMENDED, ui_text.RECOMMENDED.capitalize()))


def test_the_chart_has_words_and_marks_the_recommended_strength() -> None:
    points = [point(0, 0.1, 1.0, 1.0), point(0.5, 0.6, 0.9, 0.7), point(1, 1.2, -0.1, 0.3)]
    chart = render.strength_chart(points, 0.75)
    assert "strength ½: effect 60%, keeps to the question 70%, fluency 90%" in chart
    assert 'class="effect" points="0,270 500,120 1000,0"' in chart  # values out of range stay in the frame
    assert 'class="relevance" points="0,0 500,90 1000,210"' in chart
    assert 'class="fluency" points="0,0 500,30 1000,300"' in chart
    assert 'class="mark left" style="left:75.00%"' in chart
    assert "mark" not in render.strength_chart(points, 1.5)
    assert ui_text.STRENGTHS_CHART_EMPTY in render.strength_chart([], 1.0)


@pytest.mark.parametrize(
    ("points", "best"),
    [
        ([(0, 0.1, 1), (0.5, 0.5, 0.9), (1, 0.9, 0.8)], 1),
        ([(0, 0.1, 1), (0.5, 0.88, 0.9), (1, 0.9, 0.9)], 0.5),  # slightly more effect is not worth the strength
        ([(0, 0.1, 1), (0.5, 0.5, 0.9), (1, 0.9, 0.3)], 0.5),  # more effect, but unreadable
        ([(0, 0.1, 1), (0.5, 0.5, 0.9), (1, 0.9, 0.9, 0.3)], 0.5),  # more effect, but it forgets the question
        ([(0, 0.1, 1), (0.5, 0.5, 0.4), (1, 0.9, 0.3)], None),
    ],
)
def test_what_the_answers_recommend(points: list[tuple[float, ...]], best: float | None) -> None:
    report = StrengthReport(tuple(point(*values) for values in points), True)
    assert (report.best and report.best.strength) == best
    assert ui_text.strengths_verdict(NASTY, 0.5, best)


def test_all_strengths_are_asked_in_one_batch_and_then_measured(
    blocks: Any, service: StudioService, answers: FakeAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Any] = []

    def report(
        concept: str, strengths: list[float], prompts: list[str], texts: list[list[str]], **options: Any
    ) -> StrengthReport:
        measured.extend([concept, prompts, *map(len, texts)])
        return StrengthReport(tuple(point(strength, 0.1 + strength, 0.9) for strength in strengths), judged=True)

    monkeypatch.setattr(service.answers, "strength_report", report)
    first, *_, last = ask(blocks, "Tell me.\n\n  And then?  ")
    assert first["strengths-stop"]["interactive"] and not first["strengths-run"]["interactive"]
    [asked] = answers.asked
    assert asked.prompts == ["Tell me."] * 3 + ["And then?"] * 3
    assert [row.strength for row in asked.rows] == [0, 0.5, 1] * 2
    assert measured == ["preset:pirate", ["Tell me.", "And then?"], 2, 2, 2]
    assert "Effect: how clearly an independent judge" in last["strengths-verdict"]
    assert "polyline" in last["strengths-chart"]
    assert last["strengths-run"]["interactive"] and last["strengths-problem"] == ""


def test_only_the_first_questions_are_asked(blocks: Any, answers: FakeAnswers) -> None:
    last = ask(blocks, "\n".join("abcdef"))[-1]
    assert list(dict.fromkeys(answers.asked[0].prompts)) == list("abcd")
    assert "Only the first 4 questions" in last["strengths-problem"]


@pytest.mark.parametrize(
    ("text", "concept", "sentence"),
    [
        (" \n ", "preset:pirate", ui_text.NO_PROMPTS),
        ("x", None, ui_text.NO_CONCEPT),
        ("x", "run:gone", ui_text.NO_CONCEPT),
    ],
)
def test_what_cannot_be_shown_is_explained(
    blocks: Any, answers: FakeAnswers, text: str, concept: str | None, sentence: str
) -> None:
    [shown] = ask(blocks, text, concept)
    assert sentence in shown["strengths-problem"] and answers.asked == []


def test_an_error_keeps_the_answers(blocks: Any, answers: FakeAnswers) -> None:
    answers.error = torch.OutOfMemoryError("CUDA out of memory")
    last = ask(blocks)[-1]
    assert "ran out of memory" in last["strengths-problem"] and "Arr, me day" in last["filmstrip"]
    assert last["strengths-run"]["interactive"]


def test_a_filmstrip_without_an_answer_says_what_will_be_there(
    blocks: Any, service: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise LineasError("The graphics card ran out of memory.")

    monkeypatch.setattr(service.answers, "at_strengths", fail)
    last = ask(blocks)[-1]
    assert "ran out of memory" in last["strengths-problem"] and ui_text.FILMSTRIP_EMPTY in last["filmstrip"]
    assert ui_text.NOTHING_SAID not in last["filmstrip"]


@pytest.mark.browser
def test_from_question_to_recommendation(
    service: StudioService, answers: FakeAnswers, visit: Any, open_with: Any
) -> None:
    from page_actions import expect_no_overflow, field, open_tab, reload
    from playwright.sync_api import expect

    page = visit(open_with(service).url)
    open_tab(page, ui_text.STRENGTHS)
    page.locator("#strengths-step").get_by_role("radio", name="½").check()
    field(page, "strengths-prompt").fill(f"echo {NASTY} {'y' * 3000}\nAnd then?")
    answers.go_on.clear()
    page.click("#strengths-run")
    expect(page.locator("#filmstrip .ls-frame")).to_have_count(4)
    expect(page.locator("#strengths-stop")).to_be_enabled()
    page.click("#strengths-stop")
    expect(page.locator("#strengths-run")).to_be_enabled()
    expect(page.locator("#strengths-chart polyline")).to_have_count(0)  # stopped answers are not measured
    answers.go_on.set()
    page.click("#strengths-run")
    expect(page.locator("#strengths-chart polyline")).to_have_count(3)
    expect(page.locator("#strengths-chart .mark")).to_have_text(ui_text.RECOMMENDED)
    expect(page.locator("#strengths-verdict")).to_contain_text("Recommended for “Pirate”: ¾")
    expect(page.locator("#filmstrip .ls-frame").last).to_contain_text("<img src=x")
    expect_no_overflow(page)
    heights = (
        "[...document.querySelectorAll('#filmstrip .ls-frame')].map(frame => frame.offsetTop + frame.offsetHeight)"
    )
    assert len(set(page.evaluate(heights))) == 1  # no card is taller than its neighbours
    use = f"{ui_text.USE_IN_COMPARE}: {ui_text.STRENGTH} 1.5"
    tree = page.locator("body").aria_snapshot()
    for name in (f'list "{ui_text.FILMSTRIP}"', f'button "{use}"', "strength 1½: effect"):
        assert name in tree
    page.get_by_role("button", name=use).focus()
    page.keyboard.press("Enter")  # opens Compare with this strength
    expect(field(page, "strength")).to_have_value("1.5")
    expect(page.locator("#map-choice input")).to_have_value("Pirate · ready-made")
    expect(field(page, "prompt")).to_have_value(re.compile("^echo "))
    reload(page)
    open_tab(page, ui_text.STRENGTHS)
    expect(field(page, "strengths-prompt")).to_have_value(re.compile("And then.$"))
    assert page.evaluate("window.pwned") is None
