"""Methods set beside each other: strengths of their own, the same perplexity, one battery of measures."""

import math
from dataclasses import replace

import pytest
from judging import letters, moved
from tiny import SOURCE, TARGET

from lineas.evaluation.compare_methods import Standing, Working, compare_methods
from lineas.evaluation.effect_at_cost import Trade, effect_within
from lineas.evaluation.metrics.cost import sentence_losses, token_mean
from lineas.evaluation.metrics.judge import train_judge
from lineas.evaluation.relay import by_share
from lineas.evaluation.strength_range import (
    HIGHEST,
    LITTLE,
    LOWEST,
    MUCH,
    recommend_in_range,
    strength_of_damage,
    strongest,
)
from lineas.evaluation.verdict import MORE_REPETITION
from lineas.generation.sampling import Sampling
from lineas.methods.prompting import Instruction
from lineas.models.progress import finish
from lineas.steering.map import SteeringMap
from lineas.training.batching import tokenize
from lineas.training.events import Reading, Step

LINE = [Trade(0.1, 10.0, 0.05), Trade(0.5, 20.0, 0.05), Trade(0.9, 40.0, 0.05)]


@pytest.mark.parametrize(
    ("perplexity", "effect"),
    [
        (20.0, 0.5),
        (10.0 * math.sqrt(2), 0.3),  # half-way in the logarithm
        (100.0, 0.9),
        (9.0, None),
        (10.0, 0.1),
    ],
)
def test_effect_at_a_perplexity(perplexity: float, effect: float | None) -> None:
    found = effect_within(LINE, perplexity)
    assert found == (None if effect is None else pytest.approx(effect))


def test_more_strength_that_says_less_is_not_chosen() -> None:
    assert effect_within([*LINE[:2], Trade(0.2, 15.0, 0.05)], 30.0) == 0.5
    assert effect_within([LINE[0], Trade(0.9, math.nan, 0.05)], 30.0) == 0.1
    assert effect_within([Trade(0.5, 20.0, 0.0), Trade(0.7, 8.0, 0.0)], 10.0) == pytest.approx(0.7), (
        "reads worse, then better"
    )


def test_text_that_goes_round_in_circles_does_not_count() -> None:
    looping = 0.05 + MORE_REPETITION + 0.01
    assert effect_within([*LINE[:2], Trade(0.95, 3.0, looping)], 30.0) == 0.5
    assert effect_within([LINE[0], Trade(0.5, 9.0, looping), LINE[2]], 10.0) == 0.1
    looping_too = [replace(trade, repetition=looping) for trade in LINE]
    assert effect_within([*looping_too, Trade(0.95, 3.0, looping)], 30.0) == 0.95, "no more than the plain text"


def test_strength_of_a_damage() -> None:
    curve = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.5)]
    assert strength_of_damage(curve, 0.05) == pytest.approx(0.5)
    assert strength_of_damage(curve, 0.3) == pytest.approx(1.5)
    assert strength_of_damage(curve, 9.0) == 2.0
    assert strength_of_damage([(0.0, 0.0), (1.0, math.nan)], 0.1) == 0.0


def test_progress_that_is_passed_on_never_falls() -> None:
    def work():
        yield Reading(1, 2)
        yield Step(1, 4, 0.0, 0.0, 0.0, 0.0)
        yield "something else"
        yield Step(3, 4, 0.0, 0.0, 0.0, 0.0)
        return "found"

    told = []
    relay = by_share(work(), lambda done: f"{done:.0%}")
    while True:
        try:
            told.append(next(relay))
        except StopIteration as end:
            assert end.value == "found"
            break
    assert told == ["50%", "50%", "50%", "75%"]


def damage(model, steering, strength: float) -> float:
    rows = tokenize(model, TARGET, 48)
    losses = [token_mean(finish(sentence_losses(model, rows, steering, s)), rows) for s in (0.0, strength)]
    return losses[1] - losses[0]


@pytest.mark.parametrize("size", [0.01, 0.3, 30.0])
def test_a_range_ends_where_the_damage_is_clear(tiny_model, size: float) -> None:
    shifted = moved(tiny_model, 1.0)
    steering = SteeringMap(shifted.scale, {s: size * 10 * b for s, b in shifted.shift.items()})
    end = finish(strongest(tiny_model, steering, TARGET))
    assert LOWEST <= end <= HIGHEST
    assert (
        end == HIGHEST or damage(tiny_model, steering, end) >= LITTLE or damage(tiny_model, steering, 2 * end) > MUCH
    )
    assert end <= 1 or damage(tiny_model, steering, end / 2) < LITTLE
    # ten times the map is a tenth of the strength
    best = finish(recommend_in_range(tiny_model, steering, SOURCE, TARGET))
    assert 0 < best.strength <= end
    assert [point.strength for point in best.curve] == pytest.approx([0, end / 3, 2 * end / 3, end])


def test_a_method_without_effect_ends_at_the_last_strength(tiny_model) -> None:
    widths = {site.name: site.width for site in tiny_model.sites}
    assert finish(strongest(tiny_model, SteeringMap.identity(widths), TARGET)) == HIGHEST
    assert finish(strongest(tiny_model, SteeringMap.identity(widths, {"method": "aura"}), TARGET)) == 1.0


def test_an_instruction_has_one_strength(tiny_model) -> None:
    best = finish(recommend_in_range(tiny_model, Instruction({}, {"instruction": "the sea"}), SOURCE, TARGET))
    assert best.strength == 1.0
    assert [point.strength for point in best.curve] == [0.0, 1.0]


def test_methods_are_compared(tiny_model) -> None:
    judge = train_judge(SOURCE, TARGET[:8], letters)
    prompts = ["the day was", "my ship", "we like", "they never"]
    events = list(
        compare_methods(
            tiny_model, SOURCE, TARGET, ["mean_act", "prompting", "caa"], score=judge, instruction="the sea !",
            prompts=prompts, sampling=Sampling(max_new_tokens=6, repetition_penalty=1.0),
        )
    )  # fmt: skip
    standings = [event for event in events if isinstance(event, Standing)]
    assert [standing.method for standing in standings] == ["plain", "mean_act", "prompting", "caa"]
    assert all(0 <= event.fraction <= 1 for event in events if isinstance(event, Working))
    plain, mean_act, prompting, _ = standings
    assert plain.along == (plain.at,)
    assert plain.at.report.gain is None
    assert prompting.at.strength == 1.0
    assert mean_act.at in mean_act.along
    assert [said.strength for said in mean_act.along] == sorted(said.strength for said in mean_act.along)
    assert all(standing.at.report.gain is not None for standing in standings[1:])
    assert mean_act.along[0] is plain.at
    most = plain.at.report.statistics.repetition + MORE_REPETITION
    reports = [s.report for s in mean_act.along if s.report.statistics.repetition <= most]
    everything = max(report.score.mean for report in reports if math.isfinite(report.perplexity))
    assert mean_act.effect_within(1e9) == pytest.approx(everything)
    assert mean_act.effect_within(0.5) is None


def test_without_a_judge_there_is_no_effect(tiny_model) -> None:
    events = compare_methods(
        tiny_model,
        SOURCE,
        TARGET,
        ["caa_middle"],
        score=None,
        prompts=["the day was"],
        sampling=Sampling(max_new_tokens=4),
    )
    last = [event for event in events if isinstance(event, Standing)][-1]
    assert last.at.report.score is None
    assert last.effect_within(1e9) is None
