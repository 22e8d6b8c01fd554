"""Verdicts of the health check on real cases, with the default model."""

import random

import pytest

from lineas.data import load_presets
from lineas.evaluation import health
from lineas.evaluation.health import HealthCard, health_check
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap
from lineas.training.recipes import recipe_named
from lineas.training.trainer import fit

PIRATE = next(preset for preset in load_presets() if preset.id == "pirate")

pytestmark = pytest.mark.default_model


def word_salad(count: int) -> list[str]:
    """Sentences of random words from the presets."""
    draw = random.Random(0)
    words = sorted({word for preset in load_presets() for text in preset.source for word in text.split()})
    return [" ".join(draw.choices(words, k=12)) for _ in range(count)]


def test_a_good_preset_works_and_is_compared_with_an_instruction(
    default_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At fewer strengths than usual; the answers to all questions decide."""
    monkeypatch.setattr("lineas.evaluation.health.STRENGTHS", (0.5, 1.0))
    monkeypatch.setattr("lineas.evaluation.health.BOTH_STRENGTHS", (0.5,))
    assert PIRATE.map_path is not None
    steering = SteeringMap.load(PIRATE.map_path)
    *_, card = health_check(default_model, steering, PIRATE.source, PIRATE.target, instruction=PIRATE.instruction)
    assert isinstance(card, HealthCard)
    assert card.judge_auc is not None
    assert card.judge_auc > 0.9
    plain, steered, instructed = (card.answers_of(who) for who in ("plain", "steered", "instruction"))
    assert plain and steered and instructed and steered.gain and instructed.gain
    assert steered.gain.low > 0.05
    assert plain.relevance.mean > 0.5
    assert card.gain > 0.1
    assert card.damage < 0.5
    assert any(word.z > 0 for word in card.words), "some words of the style become more frequent"
    assert card.verdict in ("works", "repeats", "forgets"), card.reason
    assert card.strengths.keys() == {"show", "both"} and card.strengths[card.mode] == card.recommended_strength


def test_equal_sides_do_not_differ(default_model: LoadedModel) -> None:
    assert PIRATE.map_path is not None
    steering = SteeringMap.load(PIRATE.map_path)
    [card] = health_check(default_model, steering, PIRATE.target, PIRATE.target[::-1])
    assert isinstance(card, HealthCard)
    assert card.title == "your examples do not differ"


def test_word_salad_breaks_the_text(default_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is answered: it is seen in the examples."""
    for questions in ("HEALTH_QUESTIONS", "VERDICT_QUESTIONS"):
        monkeypatch.setattr(f"lineas.evaluation.health.{questions}", getattr(health, questions)[:2])
    source, salad = PIRATE.source[:16], word_salad(16)
    steering = fit(default_model, source, salad, recipe_named("quick", steps=6))
    *_, card = health_check(default_model, steering, source, salad)
    assert isinstance(card, HealthCard)
    assert card.title in ("breaks the text", "weak"), card.reason
    assert "words in no order" in card.reason
