"""The health check from beginning to end, on a tiny model."""

import json
import math
from dataclasses import replace

import pytest
import torch
from judging import letters
from tiny import SOURCE, TARGET

from lineas.errors import LineasError
from lineas.evaluation import health
from lineas.evaluation.findings import CostPoint
from lineas.evaluation.health import HealthCard, HealthProgress, health_check
from lineas.evaluation.metrics.sides import ExampleSides
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
    card = events[-1]
    assert isinstance(card, HealthCard)
    assert card.final
    assert card.verdict in ("works", "weak", "breaks", "same")
    assert card.reason
    assert card.judge_auc is not None
    assert card.held_out is not None
    assert [report.who for report in card.answers] == ["plain", "steered", "instruction"]
    assert card.curve[0].strength == 0
    assert card.seconds > 0
    assert card.answers_of("steered").strength == card.recommended_strength
    assert card.answers_of("nobody") is None


def test_the_first_card_comes_before_any_text_is_generated(checked):
    _, events = checked
    cards = [i for i, event in enumerate(events) if isinstance(event, HealthCard)]
    first = events[cards[0]]
    assert len(cards) == 2
    assert not first.final
    assert first.answers == ()
    assert all("Asking" not in event.sentence for event in events[: cards[0]] if isinstance(event, HealthProgress))


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
    with pytest.raises((ValueError, KeyError, TypeError)):
        HealthCard.from_json(json.dumps({"verdict": "works"}))
    with pytest.raises(ValueError, match="could not convert"):
        HealthCard.from_json(json.dumps({**json.loads(text), "damage": "much"}))
    lost = replace(card, damage=math.inf)
    assert HealthCard.from_json(lost.to_json()).damage == math.inf


def test_a_card_can_be_read_back_from_a_map(checked, tmp_path):
    steering, events = checked
    steering.with_metadata(health=events[-1].to_json()).save(tmp_path / "m.safetensors")
    read = type(steering).load(tmp_path / "m.safetensors")
    assert HealthCard.from_json(read.metadata["health"]).verdict == events[-1].verdict


def test_equal_sides_get_their_verdict_at_once(tiny_model):
    [card] = health_check(tiny_model, fit(tiny_model, SOURCE, SOURCE, "quick"), SOURCE, SOURCE[::-1])
    assert card.final
    assert card.verdict == "same"
    assert card.title == "your examples do not differ"


def test_without_a_judge_the_card_says_why(tiny_model):
    def unreachable():
        raise LineasError("The judge's language model could not be fetched.")

    *_, card = health_check(tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    assert card.final
    assert card.judge_auc is None
    assert card.judge == "The judge's language model could not be fetched."
    assert card.held_out is None  # fewer than 20 a side
    assert card.answers[0].score is None


def checked_with(model, monkeypatch, losses):
    """The final card for these losses (strength, target, Wikipedia), without a judge."""

    def curve(*_):
        return [CostPoint(*point) for point in losses]
        yield

    def unreachable():
        raise LineasError("There is no judge.")

    monkeypatch.setattr(health, "cost_curve", curve)
    monkeypatch.setattr(health, "example_sides", lambda *_: finished(ExampleSides(0.9, ())))
    *_, card = health_check(model, fit(model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    return card


def finished(result):
    return result
    yield


def test_the_reason_names_the_recommended_strength(tiny_model, monkeypatch):
    """The text is broken at the strength that the losses recommend and not at the lower one."""
    monkeypatch.setattr(health, "best_readable", lambda candidates, *_: candidates[1])
    monkeypatch.setattr("lineas.evaluation.verdict.text_problem", lambda *_: "")
    card = checked_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, 3.5, 4), (1, 3, 4), (1.5, 3.5, 5)])
    assert card.verdict == "works"
    assert card.recommended_strength == 0.75
    assert card.reason.startswith("At strength 0.75 ")
    weak = checked_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, 4.2, 4), (1, 3.85, 4), (1.5, 4.5, 5)])
    assert (weak.recommended_strength, weak.verdict) == (0.75, "weak")
    assert weak.gain < 0.1


def test_a_map_whose_losses_are_nan_breaks_the_text(tiny_model, monkeypatch):
    nan = math.nan
    card = checked_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, nan, nan), (1, nan, nan), (1.5, nan, nan)])
    assert card.final
    assert (card.verdict, card.damage) == ("breaks", math.inf)
    assert "loses its grip" in card.reason


@pytest.mark.parametrize("recipe", ["{}", "quick", "[]", '{"sites": "blocks"}'])
def test_a_mix_is_checked_without_a_training(tiny_model, recipe):
    mix = fit(tiny_model, SOURCE, TARGET).with_metadata(method="mix", recipe=recipe)
    *_, card = health_check(tiny_model, mix, SOURCE * 3, TARGET * 3, load_judge=lambda: letters)
    assert card.final
    assert card.held_out is None


def test_the_sites_are_those_of_the_recipe(tiny_model):
    steering = fit(tiny_model, SOURCE, TARGET, sites="blocks")
    assert health._sites(steering) == "blocks"
    assert health._sites(steering.with_metadata(recipe="quick")) == "default"


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
