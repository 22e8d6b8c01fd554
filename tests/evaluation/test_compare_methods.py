"""The comparison of methods, on a tiny model."""

import math

from judging import letters
from tiny import SOURCE, TARGET

from lineas.evaluation.compare_methods import MethodProgress, MethodResult, compare_methods
from lineas.evaluation.effect_at_cost import MAX_ADDED_REPETITION
from lineas.evaluation.metrics.judge import train_judge
from lineas.generation.sampling import Sampling


def test_every_method_is_trained_and_measured(tiny_model) -> None:
    judge = train_judge(SOURCE, TARGET[:8], letters)
    prompts = ["the day was", "my ship", "we like", "they never"]
    events = list(
        compare_methods(
            tiny_model, SOURCE, TARGET, ["mean_act", "prompting", "caa"], score=judge, instruction="the sea !",
            prompts=prompts, sampling=Sampling(max_new_tokens=6, repetition_penalty=1.0),
        )
    )  # fmt: skip
    results = [event for event in events if isinstance(event, MethodResult)]
    assert [result.method for result in results] == ["plain", "mean_act", "prompting", "caa"]
    assert all(0 <= event.fraction <= 1 for event in events if isinstance(event, MethodProgress))
    plain, mean_act, prompting, _ = results
    assert plain.sweep == (plain.best,)
    assert plain.best.report.gain is None
    assert prompting.best.strength == 1.0
    assert mean_act.best in mean_act.sweep
    assert [point.strength for point in mean_act.sweep] == sorted(point.strength for point in mean_act.sweep)
    assert all(result.best.report.gain is not None for result in results[1:])
    assert mean_act.sweep[0] is plain.best
    most = plain.best.report.statistics.repetition + MAX_ADDED_REPETITION
    reports = [point.report for point in mean_act.sweep if point.report.statistics.repetition <= most]
    everything = max(report.score.mean for report in reports if math.isfinite(report.perplexity))
    assert abs(mean_act.effect_at_cost(1e9) - everything) < 1e-9
    assert mean_act.effect_at_cost(0.5) is None


def test_without_a_judge_there_is_no_effect(tiny_model) -> None:
    events = compare_methods(
        tiny_model, SOURCE, TARGET, ["caa_middle"], score=None, prompts=["the day was"],
        sampling=Sampling(max_new_tokens=4),
    )  # fmt: skip
    last = [event for event in events if isinstance(event, MethodResult)][-1]
    assert last.best.report.score is None
    assert last.effect_at_cost(1e9) is None
