"""Train every method on the same examples and score its answers to neutral prompts, each at strengths of its own range."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial

from lineas.evaluation.advice import StrengthReport, point_of
from lineas.evaluation.effect_at_cost import TradeOff, effect_at_cost
from lineas.evaluation.findings import TextReport
from lineas.evaluation.metrics.cost import cost_curve
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, Score, answers, neutral_prompts, report
from lineas.evaluation.strength_range import cost_sentences, has_strength, range_end
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.methods import recipe_for, train_to_end, train_with
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Reading, with_progress
from lineas.training.recipes import Recipe

RANGE_SHARES = (1 / 4, 1 / 2, 3 / 4, 1.0)
"""Strengths to measure, as shares of the method's range."""


@dataclass(frozen=True)
class MethodProgress:
    """What is being done for which method; ``fraction`` of that part is done, 0 to 1."""

    method: str
    sentence: str
    fraction: float


@dataclass(frozen=True)
class StrengthResult:
    """Measures of a method's answers at one strength."""

    strength: float
    report: TextReport

    @property
    def trade_off(self) -> TradeOff | None:
        """Effect, perplexity and repetition; None without a judge."""
        score = self.report.score
        return (
            None if score is None else TradeOff(score.mean, self.report.perplexity, self.report.statistics.repetition)
        )


@dataclass(frozen=True)
class MethodResult:
    """Everything measured about one method.

    Attributes:
        best: its answers at the recommended strength (``advice``).
        sweep: its answers along its range in order of strength, the plain model's first; ``best`` is among them.
        gain, damage: fall of the next-token loss on target examples at that strength, and its rise on Wikipedia, nats a token.
        seconds: training time.
    """

    method: str
    best: StrengthResult
    sweep: tuple[StrengthResult, ...]
    gain: float
    damage: float
    seconds: float

    def effect_at_cost(self, perplexity: float) -> float | None:
        """The judge's mean score that it reaches at this perplexity or below; None if it never does, or without a judge."""
        return effect_at_cost([point for result in self.sweep if (point := result.trade_off)], perplexity)


def compare_methods(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    methods: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    score: Score | None,
    instruction: str = "",
    prompts: Sequence[str] | None = None,
    sampling: Sampling = EVAL_SAMPLING,
    seed: int = 0,
) -> Generator[MethodProgress | MethodResult, None, None]:
    """Yield MethodProgress many times and a MethodResult for each method; the first is the plain model, named "plain".

    Args:
        score: scores the concept (``judge.train_judge``); None measures only how the text reads.
        instruction: the text for the method "prompting", which without it shows the model the target sentences.
        seed: seed of the trainings.
    """
    prompts = prompts or neutral_prompts(model)
    answering = _measure(model, prompts, [Row(None, 0.0)], sampling, score)
    [plain] = yield from with_progress(answering, partial(MethodProgress, "plain", "answering"))
    yield MethodResult("plain", plain, (plain,), 0.0, 0.0, 0.0)
    for method in methods:
        began = time.perf_counter()
        options = {"instruction": instruction} if method == "prompting" and instruction else {}
        events = train_with(method, model, source, target, recipe_for(method, recipe), seed=seed, **options)
        steering = yield from with_progress(train_to_end(events), partial(MethodProgress, method, "learning"))
        seconds = time.perf_counter() - began
        trying = _strengths(model, steering, cost_sentences(target)[1])
        strengths = yield from with_progress(trying, partial(MethodProgress, method, "finding its range"))
        rows = [Row(steering, strength) for strength in strengths]
        answering = _measure(model, prompts, rows, sampling, score, plain)
        sweep = yield from with_progress(answering, partial(MethodProgress, method, "answering"))
        points = tuple(point_of(result.strength, result.report, plain.report) for result in (plain, *sweep))
        advised = StrengthReport(points, score is not None).best or points[1]
        costs = cost_curve(model, steering, *cost_sentences(target), (0.0, advised.strength))
        before, after = yield from with_progress(costs, partial(MethodProgress, method, "measuring its cost"))
        at_best = next(result for result in sweep if result.strength == advised.strength)
        gain, damage = before.target_loss - after.target_loss, after.wiki_loss - before.wiki_loss
        yield MethodResult(method, at_best, (plain, *sweep), gain, damage, seconds)


def _strengths(model: LoadedModel, steering: Steering, wiki: Sequence[str]) -> Generator[Reading, None, list[float]]:
    """``RANGE_SHARES`` of the method's range, ascending."""
    if not has_strength(steering):
        return [1.0]
    end = yield from range_end(model, steering, wiki)
    return [float(f"{end * share:.2g}") for share in RANGE_SHARES]


def _measure(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling,
    score: Score | None,
    plain: StrengthResult | None = None,
) -> Generator[Reading, None, list[StrengthResult]]:
    """Measure the answers of each row; gains are over ``plain``, or else over the first row."""
    texts = yield from answers(model, prompts, rows, sampling)
    before = [list(plain.report.texts)] if plain else []
    reports = yield from report(model, prompts, [*before, *texts], score, chat=sampling.chat)
    return [StrengthResult(row.strength, one) for row, one in zip(rows, reports[len(before) :], strict=True)]
