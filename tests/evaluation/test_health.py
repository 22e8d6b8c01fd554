"""The health check from beginning to end, on a tiny model."""

import json
import math
from dataclasses import replace

import pytest
import torch
from judging import letters, moved
from tiny import SOURCE, TARGET

from lineas.errors import LineasError
from lineas.evaluation import health
from lineas.evaluation.findings import StrengthPoint
from lineas.evaluation.health import BOTH_STRENGTHS, STRENGTHS, HealthCard, HealthProgress, health_check
from lineas.evaluation.metrics.prompts import HEALTH_QUESTIONS, VERDICT_QUESTIONS
from lineas.evaluation.metrics.sides import ExampleSides
from lineas.evaluation.verdict import TITLES, Judgement
from lineas.steering.map import SteeringMap
from lineas.training.trainer import fit


@pytest.fixture(scope="module")
def checked(tiny_model):
    source, target = SOURCE * 3, TARGET * 3
    steering = fit(tiny_model, source, target)
    events = list(
        health_check(tiny_model, steering, source, target, instruction="be good", load_judge=lambda: letters)
    )
    return steering, events


def test_the_last_event_is_the_whole_card(checked):
    _, events = checked
    *progress, card = events
    assert all(isinstance(event, HealthProgress) for event in progress)
    assert isinstance(card, HealthCard)
    assert card.verdict in TITLES
    assert card.reason
    assert card.judge_auc is not None
    assert [report.who for report in card.answers] == ["plain", "steered", "instruction"]
    assert [point.strength for point in card.points] == [0.0, *STRENGTHS]
    assert card.recommended_strength in (STRENGTHS if card.mode == "show" else BOTH_STRENGTHS)
    assert card.answers_of("steered").strength == card.recommended_strength
    assert [sample.prompt for sample in card.samples] == list(VERDICT_QUESTIONS[:2])
    assert not set(HEALTH_QUESTIONS) & set(VERDICT_QUESTIONS), "answers that chose the strength would flatter it"
    assert card.seconds > 0
    assert card.answers_of("nobody") is None


def test_progress_never_falls(checked):
    _, events = checked
    fractions = [event.fraction for event in events if isinstance(event, HealthProgress)]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1


def test_a_card_survives_json(checked):
    card = checked[1][-1]
    text = card.to_json()
    read = HealthCard.from_json(text)
    assert read.verdict == card.verdict
    assert read.to_json() == text
    assert read.answers[1].statistics.words == pytest.approx(card.answers[1].statistics.words, rel=1e-3)
    assert "NaN" not in text
    assert len(text) < 20_000
    for wrong in (
        {"damage": "much"}, {"verdict": "splendid"}, {"verdict": []}, {"gain": 10**400}, {"gain": True}, {"reason": "\ud800"},
        {"words": [{"word": 7, "z": 1.0, "before": 0, "after": 1}]}, {"words": 3}, {"samples": [{"prompt": 1}]},
        {"wrong_way": [None]},
        {"answers": [{**json.loads(text)["answers"][0], "statistics": []}]}, {"strengths": {"sing": 1}}, {"unknown": 1},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            HealthCard.from_json(json.dumps({**json.loads(text), **wrong}))
    for nothing in ("", "7", "null", "[" * 9999, json.dumps({"verdict": "works"})):
        with pytest.raises(ValueError):
            HealthCard.from_json(nothing)
    lost = replace(card, damage=math.inf)
    assert HealthCard.from_json(lost.to_json()).damage == math.inf


def test_a_card_can_be_read_back_from_a_map(checked, tmp_path):
    steering, events = checked
    steering.with_metadata(health=events[-1].to_json()).save(tmp_path / "m.safetensors")
    read = type(steering).load(tmp_path / "m.safetensors")
    assert HealthCard.from_json(read.metadata["health"]).verdict == events[-1].verdict


def test_equal_sides_get_their_verdict_at_once(tiny_model):
    [card] = health_check(tiny_model, fit(tiny_model, SOURCE, SOURCE, "quick"), SOURCE, SOURCE[::-1])
    assert card.verdict == "same"
    assert card.title == "your examples do not differ"


def unreachable():
    raise LineasError("The judge's language model could not be fetched.")


def test_without_a_judge_the_card_says_why(tiny_model):
    *_, card = health_check(tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    assert card.judge_auc is None
    assert card.judge == "The judge's language model could not be fetched."
    assert card.answers[0].score is None


def test_the_strength_is_the_one_whose_answers_are_best(tiny_model, monkeypatch):
    """Not the one with the most effect: at 1.5 the answers forget their questions."""

    def made_up(strength, *_):
        kept = 1.0 if strength < 1.5 else 0.4
        return StrengthPoint(strength, 0.2 + 0.4 * strength, 0.95, kept, 0.0)

    monkeypatch.setattr(health, "point_of", made_up)
    *_, card = health_check(tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, load_judge=lambda: letters)
    assert card.recommended_strength == 1.25
    assert card.answers_of("steered").strength == 1.25


@pytest.mark.parametrize(("said_too", "mode"), [(0.9, "both"), (0.5, "show"), (0.1, "show")])
def test_the_card_advises_both_only_where_that_is_better(tiny_model, monkeypatch, said_too, mode):
    effects = iter([0.1, *(0.5 for _ in STRENGTHS), 0.1, *(said_too for _ in BOTH_STRENGTHS), 0.5])
    monkeypatch.setattr(health, "point_of", lambda strength, *_: StrengthPoint(strength, next(effects), 1.0, 1.0, 0.0))
    *_, card = health_check(
        tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, instruction="be good", load_judge=lambda: letters
    )
    assert card.mode == mode
    assert card.recommended_strength == (BOTH_STRENGTHS if mode == "both" else STRENGTHS)[0]
    assert card.answers_of("steered").strength == card.recommended_strength


@pytest.mark.parametrize(
    ("works_to", "advised", "verdict"), [(1.25, 1.25, "works"), (1.0, 1.0, "works"), (0.75, 1.25, "forgets")]
)
def test_where_other_questions_are_forgotten_the_next_lower_strength_is_examined(
    tiny_model, monkeypatch, works_to, advised, verdict
):
    """Once: each strength that is examined costs seconds, and a verdict that is asked for until it is good means nothing."""
    monkeypatch.setattr(health, "example_sides", lambda *_: finished(ExampleSides(0.9, ())))
    monkeypatch.setattr(
        health, "point_of", lambda strength, *_: StrengthPoint(strength, strength, 1.0, strength <= 1.25, 0.0)
    )
    monkeypatch.setattr(
        health,
        "judgement",
        lambda point, *_, **__: Judgement("works" if point.strength <= works_to else "forgets", "so"),
    )
    steering = fit(tiny_model, SOURCE, TARGET)
    *_, card = health_check(tiny_model, steering, SOURCE, TARGET, instruction="be good", load_judge=lambda: letters)
    assert (card.verdict, card.recommended_strength) == (verdict, advised)
    assert card.strengths["show"] == advised
    assert [(report.who, report.strength) for report in card.answers] == [
        ("plain", 0.0), ("steered", advised), ("instruction", 0.0),
    ]  # fmt: skip


def test_a_map_that_ruins_the_text_breaks_it(tiny_model, monkeypatch):
    monkeypatch.setattr(health, "example_sides", lambda *_: finished(ExampleSides(0.9, ())))
    broken = moved(tiny_model, 1.0)
    broken = SteeringMap(
        broken.scale, {site: torch.full_like(shift, math.nan) for site, shift in broken.shift.items()}
    )
    *_, card = health_check(tiny_model, broken, SOURCE, TARGET, load_judge=unreachable)
    assert card.verdict == "breaks"


def test_the_verdict_rests_on_answers_that_did_not_choose_the_strength(tiny_model, monkeypatch):
    """Everything looks well while a strength is chosen, and at that strength other answers repeat themselves."""
    tried = iter([0.0 for _ in (0, *STRENGTHS)])

    def made_up(strength, *_):
        return StrengthPoint(strength, 0.5, 1.0, 1.0, next(tried, 0.2))

    monkeypatch.setattr(health, "point_of", made_up)
    monkeypatch.setattr(health, "example_sides", lambda *_: finished(ExampleSides(0.9, ())))
    monkeypatch.setattr("lineas.evaluation.verdict.MIN_GAIN", -math.inf)
    *_, card = health_check(tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    assert card.verdict == "repeats", card.reason


def finished(result):
    return result
    yield


def test_a_cancelled_check_leaves_the_model_unchanged(tiny_model):
    steering = fit(tiny_model, SOURCE, TARGET)
    ids = torch.tensor([[7, 8, 9]])
    before = tiny_model.network(ids).logits
    for stop in (1, 4, 8):
        work = health_check(tiny_model, steering, SOURCE, TARGET, load_judge=lambda: letters)
        for _ in range(stop):
            next(work)
        work.close()
        assert torch.equal(tiny_model.network(ids).logits, before)
