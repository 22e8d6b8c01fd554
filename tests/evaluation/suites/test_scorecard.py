"""Suites of the scorecard, on a tiny model."""

import json
import math
from pathlib import Path

import pytest
from judging import letters, moved
from tiny import SOURCE, TARGET

from lineas.errors import LineasError
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.evaluation.suites.scorecard import SUITES, EvaluationSetup, candidates, run_suite
from lineas.evaluation.suites.utility import BLIMP_FILE
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish

SHORT = Sampling(max_new_tokens=6, repetition_penalty=1.0)


def setup_for(model, **more) -> EvaluationSetup:
    settings = {
        "source": SOURCE, "target": TARGET, "prompts": ["the day was", "my ship", "we like the"], "sampling": SHORT,
        "load_judge": lambda: letters, **more,
    }  # fmt: skip
    return EvaluationSetup(model, candidates(moved(model, 1.4), [0.5, 1.0], "the sea !"), **settings)


def test_candidates_are_the_plain_model_each_strength_and_the_instruction(tiny_model) -> None:
    steering = moved(tiny_model, 1.4)
    found = candidates(steering, [0.0, 1.0, 0.5, 1.0])
    assert [(c.name, c.strength) for c in found] == [("0", 0.0), ("1", 1.0), ("0.5", 0.5)]
    assert found[0].steering is None
    assert candidates(steering, [1.0], "be good")[-1].name == "instruction"


def test_the_effect_suite_scores_every_candidate(tiny_model) -> None:
    setup = setup_for(tiny_model)
    plain, half, whole, instructed = finish(run_suite("effect", setup))
    assert plain["gain"] is None
    for numbers in (half, whole, instructed):
        assert numbers["effect_low"] <= numbers["effect"] <= numbers["effect_high"]
        assert numbers["gain"] == pytest.approx(numbers["effect"] - plain["effect"])
    assert 0 <= whole["distinct_2"] <= 1
    assert "judge" in setup.notes[0]


def test_the_same_answers_serve_every_suite(tiny_model) -> None:
    pytest.importorskip("vaderSentiment")
    setup = setup_for(tiny_model)
    finish(run_suite("effect", setup))
    answers = setup._answers
    assert answers is not None
    numbers = finish(run_suite("sentiment", setup))
    assert setup._answers is answers
    assert numbers[0].keys() == {"sentiment", "sentiment_low", "sentiment_high", "sentiment_change"}
    assert "sentiment_change_low" in numbers[1]


def test_without_examples_there_is_no_judge_and_no_target(tiny_model) -> None:
    setup = setup_for(tiny_model, source=(), target=())
    assert finish(run_suite("effect", setup))[1]["effect"] is None
    assert "are not known" in setup.notes[0]
    numbers = finish(run_suite("cost", setup))
    assert all(row["target_loss"] is None and row["wiki_loss"] > 0 for row in numbers)


def test_too_few_examples_for_a_judge_are_noted(tiny_model) -> None:
    setup = setup_for(tiny_model, source=SOURCE[:4], target=TARGET[:4])
    assert finish(run_suite("effect", setup))[1]["effect"] is None
    assert "too few examples to train a judge: 4 and 4 sentences" in setup.notes[0]


def test_the_cost_suite_equals_the_cost_curve(tiny_model) -> None:
    numbers = finish(run_suite("cost", setup_for(tiny_model)))
    steering = moved(tiny_model, 1.4)
    curve = finish(cost_curve(tiny_model, steering, TARGET, wiki_sentences(), (0.0, 0.5, 1.0)))
    for row, point in zip(numbers, curve, strict=False):
        assert row["wiki_loss"] == pytest.approx(point.wiki_loss, rel=1e-4)
        assert row["target_loss"] == pytest.approx(point.target_loss, rel=1e-4)
    assert math.isfinite(numbers[-1]["wiki_loss"])


def test_blimp_is_read_from_a_folder(tiny_model, tmp_path: Path) -> None:
    (tmp_path / "blimp").mkdir()
    rows = [{"uid": "x", "good": "the day was good .", "bad": "day the good was ."}] * 4
    (tmp_path / BLIMP_FILE).write_text("\n".join(map(json.dumps, rows)))
    found = finish(run_suite("blimp", setup_for(tiny_model, data=tmp_path)))
    assert len(found) == 4
    assert all(row["blimp"] in (0.0, 1.0) for row in found)


@pytest.mark.parametrize("suite", ["blimp", "mmlu", "truthfulqa"])
def test_a_missing_data_folder_is_an_error(tiny_model, suite: str) -> None:
    with pytest.raises(LineasError, match=f"The suite '{suite}' needs data .* give their folder with --data"):
        finish(run_suite(suite, setup_for(tiny_model)))


@pytest.mark.parametrize("suite", ["magic", "lm:", "effect:x"])
def test_an_unknown_suite_names_the_others(tiny_model, suite: str) -> None:
    with pytest.raises(LineasError, match=f"There is no suite '{suite}'. Choose from {', '.join(SUITES)}, lm:TASK"):
        run_suite(suite, setup_for(tiny_model))


def test_a_missing_classifier_is_an_error(tiny_model) -> None:
    with pytest.raises(LineasError, match="The scorer 'nobody/nothing' cannot be loaded"):
        finish(run_suite("classifier:nobody/nothing", setup_for(tiny_model)))
