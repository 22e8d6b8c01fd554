"""The examination from beginning to end, on a tiny model, and (marked) on the default one."""

import json

import pytest
import torch
from test_evaluation_judge import letters
from tiny import SOURCE, TARGET

from lineas.errors import LineasError
from lineas.evaluation.health import Examining, HealthCard, examine
from lineas.fairlock import FairLock
from lineas.training import fit


@pytest.fixture(scope="module")
def examined(tiny_model):
    source, target = SOURCE * 3, TARGET * 3
    steering = fit(tiny_model, source, target)
    events = list(examine(tiny_model, steering, source, target, instruction="be good", load_judge=lambda: letters))
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
    assert all("Asking" not in event.sentence for event in events[: cards[0]] if isinstance(event, Examining))


def test_progress_only_rises(examined):
    _, events = examined
    fractions = [event.fraction for event in events if isinstance(event, Examining)]
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


def test_it_can_be_read_back_from_a_map(examined, tmp_path):
    steering, events = examined
    steering.with_metadata(health=events[-1].to_json()).save(tmp_path / "m.safetensors")
    read = type(steering).load(tmp_path / "m.safetensors")
    assert HealthCard.from_json(read.metadata["health"]).verdict == events[-1].verdict


def test_the_same_sentences_on_both_sides_are_told_at_once(tiny_model):
    [card] = examine(tiny_model, fit(tiny_model, SOURCE, SOURCE, "quick"), SOURCE, SOURCE[::-1])
    assert card.final
    assert card.verdict == "same"
    assert card.title == "your examples do not differ"


def test_without_a_judge_the_card_says_why(tiny_model):
    def unreachable():
        raise LineasError("The judge's language model could not be fetched.")

    *_, card = examine(tiny_model, fit(tiny_model, SOURCE, TARGET), SOURCE, TARGET, load_judge=unreachable)
    assert card.final
    assert card.judge_auc is None
    assert card.judge == "The judge's language model could not be fetched."
    assert card.held_out is None  # fewer than 20 a side
    assert card.answers[0].score is None


def test_it_can_be_broken_off_and_leaves_nothing(tiny_model):
    steering = fit(tiny_model, SOURCE, TARGET)
    ids = torch.tensor([[7, 8, 9]])
    before = tiny_model.network(ids).logits
    for stop in (1, 4, 8):
        work = examine(tiny_model, steering, SOURCE, TARGET, load_judge=lambda: letters, lock=FairLock())
        for _ in range(stop):
            next(work)
        work.close()
        assert torch.equal(tiny_model.network(ids).logits, before)
