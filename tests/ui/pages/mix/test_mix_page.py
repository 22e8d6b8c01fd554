"""The page Mix: order, strengths and who is heard, without a port."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from fake_answers import PLAIN, STEERED, FakeAnswers
from handlers import REQUEST, by_id, call, handler, here
from mixes import is_mix
from nasty import NASTY

from lineas.errors import LineasError
from lineas.evaluation.findings import Interval, StrengthPoint
from lineas.evaluation.mix_report import Heard, MixReport
from lineas.service.service import StudioService
from lineas.steering.overlap import Overlap
from lineas.ui import text as ui_text
from lineas.ui.pages.mix import render

SAMPLING = (0, 40, 0.7, "chat")
TWO = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.5, 0.75, 0.75)
ONE = ("preset:pirate", "preset:cheerful", "", "", 0.75, 0.0, 0.75, 0.75)


def ask(blocks: Any, prompt: str = "Tell me.", slots: Any = TWO) -> list[dict[str, Any]]:
    """All updates after Try it."""
    return [by_id(updates) for updates in handler(blocks, "try_mix", "mix")(prompt, REQUEST, *SAMPLING, *slots)]


def test_what_takes_part_from_top_to_bottom() -> None:
    assert render.chosen(TWO) == [("preset:pirate", 0.75), ("preset:cheerful", 0.5)]
    assert render.chosen(ONE) == [("preset:pirate", 0.75)]  # at 0 it is not there
    assert render.chosen(("", None, "a", "", 1, 1, 2, 1)) == [("a", 2.0)]


LEVELS = {
    "heard heard": "Both are heard.",
    "heard heard heard": "All of them are heard.",
    "heard drowned": "“a” is heard, “b” hardly. Alone, “b” would be heard: raise the strength, or lower the others'.",
    "heard drowned silent heard": "“a” and “d” are heard, “b” and “c” hardly. Alone, “b” would be heard: raise the strength, or "
    "lower the others'. “c” is hardly heard alone either: raise the strength.",
    "silent silent": "Neither is heard. “a” and “b” are hardly heard alone either: raise the strength.",
    "faint heard": "Both are heard. “a” is much fainter than alone.",
    "heard": "“a” is heard.",
    "silent": "“a” is hardly heard. “a” is hardly heard alone either: raise the strength.",
    "": "None of these concepts has a judge, so nobody can say who is heard. Read the answers below.",
}


@pytest.mark.parametrize(("levels", "sentence"), LEVELS.items())
def test_who_is_heard_in_plain_words(levels: str, sentence: str) -> None:
    assert ui_text.mix_heard(list(zip("abcd", levels.split(), strict=False))) == sentence


@pytest.mark.parametrize(
    ("measures", "sentence"),
    [
        ((0.9, 0.9, 0.0), "reads well and keeps to the question"),
        ((0.6, 0.9, 0.2), "falls apart"),
        ((0.9, 0.9, 0.2), "repeats itself"),
        ((0.9, 0.4, 0.0), "forgets the question"),
    ],
)
def test_how_a_mix_reads(measures: tuple[float, float, float], sentence: str) -> None:
    report = MixReport(
        (Heard(0.12, Interval(0.34, 0.3, 0.4), Interval(0.67, 0.6, 0.7)), "few"), StrengthPoint(1.0, 0.5, *measures)
    )
    parts = [("a", 0.75), ("b", 0.5)]
    shown = render.heard(parts, [NASTY, "b"], report, ["How?"], [NASTY])
    assert sentence in shown and "<img" not in shown
    assert "· 0.75</th><td>12%</td><td>46%</td><td>79%</td>" in shown
    assert f'b · 0.5</th><td colspan="3">{ui_text.MIX_NO_JUDGE["few"]}</td>' in shown


def test_the_heat_map_has_a_cell_for_every_layer_and_a_name_for_all() -> None:
    found = Overlap({f"layers.{i}": -0.4 for i in range(12)}, -0.3)
    shown = render.overlap_map([(NASTY, found), ("b · c", found)])
    assert shown.count('title="layer ') == 24 and shown.count('class="against" style="--c:80%"') == 24
    assert "<img" not in shown and 'role="img"' in shown and "b · c: -0.30" in shown


def test_the_picture_of_a_mix(blocks: Any, service: StudioService, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Pirate · Cheerful: -" in call(blocks, "draw", *TWO, page="mix")["mix-overlap"]
    assert ui_text.MIX_OVERLAP_EMPTY in call(blocks, "draw", *ONE, page="mix")["mix-overlap"]
    monkeypatch.setattr(service.answers, "overlaps", lambda parts: 1 / 0)
    failed = call(blocks, "draw", *TWO, page="mix")
    assert 'role="alert"' in failed["mix-overlap"] and failed["Row"]  # rows are shown and hidden all the same


# ---- who is heard


def judge(blocks: Any, slots: Any = TWO) -> Iterator[dict[str, Any]]:
    """The updates after Check who is heard."""
    return map(by_id, handler(blocks, "judge_mix", "mix")(REQUEST, *slots))


def test_who_is_heard_is_found_out_from_neutral_questions(
    blocks: Any, service: StudioService, answers: FakeAnswers, judges: None
) -> None:
    first, *between, last = judge(blocks)
    assert (
        first["mix-stop"]["interactive"]
        and not first["mix-judge"]["interactive"]
        and not first["mix-run"]["interactive"]
    )
    said = " ".join(update["mix-heard"] for update in between)
    assert "Writing 24 answers: 8%" in said and "Reading the answers" in said
    [asked] = answers.asked
    questions = service.answers.mix_prompts()
    assert list(asked.prompts) == [question for question in questions for _ in range(4)]
    plain, mix, *alone = asked.rows[:4]
    assert plain.map is None and is_mix(service, mix.map, render.chosen(TWO))
    assert [(row.map and row.map.name, row.strength) for row in alone] == [("Pirate", 0.75), ("Cheerful", 0.5)]
    shown = last["mix-heard"]
    # the fake answers of all maps are a pirate's
    assert "“Pirate” is heard, “Cheerful” hardly." in shown and "Pirate · 0.75" in shown
    assert shown.count("Arr, me day be grand!") == len(questions) and questions[3] in shown
    assert last["mix-judge"]["interactive"] and last["mix-problem"] == ""


def test_stop_ends_the_judging(blocks: Any, service: StudioService, answers: FakeAnswers, judges: None) -> None:
    answers.go_on.clear()
    updates = judge(blocks)
    assert "unknown" in next(updates)["mix-heard"]
    assert "Writing 24 answers: 8%" in next(updates)["mix-heard"]
    for function in blocks.fns.values():  # the Stop of every page
        if getattr(function.fn, "__name__", "") == "stop_tab":
            function.fn(REQUEST)
    last = list(updates)[-1]
    assert ui_text.MIX_HEARD_EMPTY in last["mix-heard"] and last["mix-judge"]["interactive"]
    assert not service.snapshot().comparing


def test_what_cannot_be_judged_is_explained(
    blocks: Any, answers: FakeAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    [shown] = judge(blocks, ONE)
    assert ui_text.MIX_TOO_FEW in shown["mix-heard"] and answers.asked == []

    def fail(progress: Any) -> None:
        raise LineasError("There is no network.")

    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", fail)
    last = list(judge(blocks))[-1]
    assert "There is no network." in last["mix-problem"] and ui_text.MIX_HEARD_EMPTY in last["mix-heard"]


# ---- trying and keeping


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
