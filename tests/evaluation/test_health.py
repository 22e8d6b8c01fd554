"""The examination from beginning to end, on a tiny model, and (marked) on the default one."""

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
from lineas.evaluation.health import HealthProgress, HealthCard, health_check
from lineas.evaluation.metrics.influence import Influences
from lineas.training.trainer import fit


@pytest.fixture(scope="module")
def examined(tiny_model):
    source, target = SOURCE * 3, TARGET * 3
    steering = fit(tiny_model, source, target)
    events = list(
        health_check(tiny_model, steering, source, target, instruction="be good", load_judge=lambda: letters)
    )
    return steering, events


def test_the_last_event_is_the_whole_card(examined):
    _, events = examined
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


def test_a_first_card_comes_before_anything_is_generated(examined):
    _, events = examined
    cards = [i for i, event in enumerate(events) if isinstance(event, HealthCard)]
    first = events[cards[0]]
    assert len(cards) == 2
    assert not first.final
    assert first.answers == ()
    assert all("Asking" not in event.sentence for event in events[: cards[0]] if isinstance(event, HealthProgress))


def test_progress_only_rises(examined):
    _, events = examined
    fractions = [event.fraction for event in events if isinstance(event, HealthProgress)]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1


def test_a_card_survives_json(examined):
    card = examined[1][-1]
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


def test_it_can_be_read_back_from_a_map(examined, tmp_path):
    steering, events = examined
    steering.with_metadata(health=events[-1].to_json()).save(tmp_path / "m.safetensors")
    read = type(steering).load(tmp_path / "m.safetensors")
    assert HealthCard.from_json(read.metadata["health"]).verdict == events[-1].verdict


def test_the_same_sentences_on_both_sides_are_told_at_once(tiny_model):
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


def examined_with(model, monkeypatch, losses):
    """The final card where these are the target's and Wikipedia's losses at each strength, and there is no judge."""

    def curve(*_):
        return [CostPoint(*point) for point in losses]
        yield

    def unreachable():
        raise LineasError("There is no judge.")

    monkeypatch.setattr(health, "cost_curve", curve)
    monkeypatch.setattr(health, "influences", lambda *_: finished(Influences((), 0.9, 1.0)))
    *_, card = health_check(model, fit(model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    return card


def finished(result):
    return result
    yield


def test_the_reason_is_about_the_strength_that_is_recommended(tiny_model, monkeypatch):
    """At the strength that losses recommend the text is text_problem, at the lower one it is not."""
    monkeypatch.setattr(health, "best_readable", lambda candidates, *_: candidates[1])
    monkeypatch.setattr("lineas.evaluation.verdict.text_problem", lambda *_: "")
    card = examined_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, 3.5, 4), (1, 3, 4), (1.5, 3.5, 5)])
    assert card.verdict == "works"
    assert card.recommended_strength == 0.75
    assert card.reason.startswith("At strength 0.75 ")
    weak = examined_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, 4.2, 4), (1, 3.85, 4), (1.5, 4.5, 5)])
    assert (weak.recommended_strength, weak.verdict) == (0.75, "weak")
    assert weak.gain < 0.1


def test_a_map_that_returns_no_number_breaks_the_text(tiny_model, monkeypatch):
    nan = math.nan
    card = examined_with(tiny_model, monkeypatch, [(0, 4, 4), (0.5, nan, nan), (1, nan, nan), (1.5, nan, nan)])
    assert card.final
    assert (card.verdict, card.damage) == ("breaks", math.inf)
    assert "loses its grip" in card.reason


@pytest.mark.parametrize("recipe", ["{}", "quick", "[]", '{"sites": "blocks"}'])
def test_a_mix_is_examined_without_a_training(tiny_model, recipe):
    mix = fit(tiny_model, SOURCE, TARGET).with_metadata(method="mix", recipe=recipe)
    *_, card = health_check(tiny_model, mix, SOURCE * 3, TARGET * 3, load_judge=lambda: letters)
    assert card.final
    assert card.held_out is None


def test_sites_are_those_of_the_recipe_where_it_says_so(tiny_model):
    steering = fit(tiny_model, SOURCE, TARGET, sites="blocks")
    assert health._sites(steering) == "blocks"
    assert health._sites(steering.with_metadata(recipe="quick")) == "default"


def test_it_can_be_broken_off_and_leaves_nothing(tiny_model):
    steering = fit(tiny_model, SOURCE, TARGET)
    ids = torch.tensor([[7, 8, 9]])
    before = tiny_model.network(ids).logits
    for stop in (1, 4, 8):
        work = health_check(tiny_model, steering, SOURCE, TARGET, load_judge=lambda: letters)
        for _ in range(stop):
            next(work)
        work.close()
        assert torch.equal(tiny_model.network(ids).logits, before)
