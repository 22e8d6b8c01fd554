"""The straight ruler: effects at limits, and one whole unit on a tiny model."""

from dataclasses import replace
from typing import Any

import pytest
from judging import letters
from tiny import make_model

from benchmarks.quality import straight
from benchmarks.quality.limits import at_cost, at_relevance
from benchmarks.quality.study import Study


def point(strength: float, effect: float, kept: float, cost: float, repetition: float = 0.0) -> dict[str, Any]:
    return {
        "strength": strength, "scores": [effect] * 4, "relevances": [kept] * 4, "losses": [2.0 + cost] * 4,
        "repetition": repetition, "cost": cost, "examples": [],
    }  # fmt: skip


PLAIN = point(0.0, 0.1, 0.8, 0.0)
POINTS = [PLAIN, point(0.5, 0.3, 0.8, 0.05), point(1.0, 0.7, 0.4, 0.25)]


def test_effects_are_interpolated_at_a_limit() -> None:
    assert at_relevance(POINTS, 0.75) == pytest.approx(0.5)  # half-way between the two strengths
    assert at_relevance(POINTS, 0.1) == pytest.approx(0.7)
    assert at_cost(POINTS, 0.15) == pytest.approx(0.5)
    assert at_cost(POINTS, -0.1) == pytest.approx(0.1), "the plain model is always allowed"


def test_a_draw_takes_the_same_prompts_of_the_plain_answers() -> None:
    points = [replace_scores(PLAIN, [0.1, 0.2, 0.1, 0.1]), replace_scores(POINTS[1], [0.9, 0.1, 0.1, 0.1])]
    assert at_relevance(points, 0.75, [0, 0, 0, 0]) == pytest.approx(0.9)
    assert at_relevance(points, 0.75, [1, 1, 1, 1]) == pytest.approx(0.2)


def replace_scores(entry: dict[str, Any], scores: list[float]) -> dict[str, Any]:
    return {**entry, "scores": scores}


def entry(contestant: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    key = {"concept": "grumpy", "seed": 0, "contestant": contestant}
    return {"points": points, "seconds": 3.0, "judge_auc": 0.9, "key": key}


def test_tables_hold_every_contestant_and_who_wins(study: Study) -> None:
    weak = [point(0.5, 0.2, 0.8, 0.05), point(1.0, 0.3, 0.8, 0.1)]
    results = [entry("plain", [PLAIN]), entry("LinEAS, `quick`", POINTS[1:]), entry("CAA", weak)]
    text = straight.tables(study, results)
    assert "| LinEAS, `quick` | 1 | 0.38 (0.38 to 0.38) | 0.50 (0.50 to 0.50) |" in text
    assert "| CAA | 1 | 0.30 (0.30 to 0.30) |" in text
    assert "| LinEAS, `quick` | 1 / 0 / 0 |" in text
    assert "as a multiple of | CAA |" in text and "| LinEAS, `quick` | 1.67 (1.67 to 1.67) |" in text


def test_the_concepts_of_this_suite_are_whole() -> None:
    study: Any = Study(None, None, None, None, 1, False, None)  # type: ignore[arg-type]
    found = straight.concepts(study)
    assert [concept.id for concept in found] == [*straight.UNTOUCHED, *straight.PRESETS]
    for concept in found[: len(straight.UNTOUCHED)]:
        assert len(set(concept.source)) == len(set(concept.target)) == 24


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("plain", "llama"),
        ("instruction", "llama"),
        ("CAA, read as answers", "llama"),
        ("Lin-AcT, attention", "llama"),
        # base models, which continue a text instead of chatting
        ("instruction with examples", "gpt2"),
        ("instruction + LinEAS, `quick`", "gpt2"),
    ],
)
def test_a_contestant_is_measured(study: Study, monkeypatch: pytest.MonkeyPatch, name: str, family: str) -> None:
    monkeypatch.setattr("benchmarks.quality.measures.load_minilm", lambda: letters)
    monkeypatch.setattr(straight, "TOKENS", 4)
    model = make_model(family, chat=family != "gpt2")
    study = replace(study, model=model, recipe=replace(study.recipe, steps=1))
    [unit] = [u for u in straight.units(study) if u.key["contestant"] == name and u.key["concept"] == "grumpy"][:1]
    found = unit.measure()
    assert len(found["points"]) == (
        len(straight.SHARES) if straight.CONTESTANTS.get(name, straight.PLAIN).method else 1
    )
    assert all(len(one["scores"]) == len(one["relevances"]) == 16 for one in found["points"])
