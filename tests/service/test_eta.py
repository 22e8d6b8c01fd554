"""The estimated duration of a training."""

from dataclasses import replace

import pytest

from lineas.service.eta import RECENT, SECONDS_PER_SENTENCE, estimate
from lineas.storage import RunRecord
from lineas.training.recipes import recipe_named
from lineas.ui import text as ui_text

QUICK = recipe_named("quick", 40)
DONE = RunRecord(
    "r", "x", "done", "2026-01-01", step=40, of=40, seconds=60.0, source_count=32, target_count=32, recipe="quick"
)


def test_the_same_training_again_takes_as_long() -> None:
    found = estimate([DONE], "default", QUICK, 32, 32)
    assert found is not None and found.seconds == pytest.approx(60.0) and found.runs == 1


def test_the_estimate_scales_with_steps_and_with_the_sentences_of_a_step() -> None:
    def seconds(recipe: str, steps: int | None, source: int, target: int) -> float:
        found = estimate([DONE], "default", recipe_named(recipe, steps), source, target)
        assert found is not None
        return found.seconds

    assert seconds("quick", 80, 32, 32) == pytest.approx(120, rel=0.1)  # the sentences are read once
    assert seconds("quick", 40, 64, 64) == pytest.approx(60, rel=0.15)  # a step reads 8 sentences
    assert seconds("paper", 40, 64, 32) > 1.5 * seconds("paper", 40, 32, 32)  # here a step reads all of them
    assert seconds("thorough", 40, 32, 32) == pytest.approx(240, rel=0.15)  # and four times as many
    anchored = replace(recipe_named("quick", 40), anchor=0.45, anchor_batch=4)
    more = estimate([DONE], "default", anchored, 32, 32)
    assert more is not None and more.seconds > 1.5 * seconds("quick", 40, 32, 32)  # a language anchor reads on


def test_only_finished_runs_of_the_same_model_count() -> None:
    others = [
        replace(DONE, model="other", seconds=1.0),
        replace(DONE, state="cancelled", seconds=1.0),
        replace(DONE, recipe="of another version", seconds=1.0),
        replace(DONE, settings={"unknown": 1}, seconds=1.0),
        replace(DONE, seconds=0.0),
    ]
    found = estimate([*others, DONE], "default", QUICK, 32, 32)
    assert found is not None and (found.seconds, found.runs) == (pytest.approx(60.0), 1)
    middle = estimate([replace(DONE, seconds=s) for s in (50, 60, 5000, 55, 61, 1, 1, 1)], "default", QUICK, 32, 32)
    assert middle is not None and (middle.seconds, middle.runs) == (pytest.approx(60.0), RECENT)


def test_a_model_that_was_never_timed_has_no_estimate_unless_it_is_built_in() -> None:
    assert estimate([DONE], "some/other", QUICK, 32, 32) is None
    found = estimate([], "default", QUICK, 32, 32)
    assert found is not None and found.runs == 0
    assert found.seconds == pytest.approx(SECONDS_PER_SENTENCE * (40 * 8 + 0.45 * (2 * 32 + 32)))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "a few seconds"), (31, "about 30 seconds"), (60, "about a minute"), (90, "about a minute and a half"),
     (200, "about 3 minutes"), (7300, "about 2 hours")],
)  # fmt: skip
def test_durations_are_rounded_to_words(seconds: float, said: str) -> None:
    assert ui_text.roughly(seconds) == said
    assert said in ui_text.how_long(seconds, 0) and "processor cores" in ui_text.how_long(seconds, 0)
    assert "your last one" in ui_text.how_long(seconds, 1) and "your last 3" in ui_text.how_long(seconds, 3)
