"""The same examples through every method: what each says to neutral questions at strengths of its own, judged alike."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from lineas.evaluation.effect_at_cost import Trade, effect_within
from lineas.evaluation.findings import CostPoint, TextReport
from lineas.evaluation.metrics.cost import wiki_sentences
from lineas.evaluation.metrics.effect import MEASURING, Score, answers, neutral_prompts, report
from lineas.evaluation.recommend import Recommendation
from lineas.evaluation.relay import by_share
from lineas.evaluation.strength_range import dial, recommend_in_range
from lineas.evaluation.suites.public_data import evenly
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.methods import recipe_for, train_with
from lineas.models.loaded import LoadedModel
from lineas.models.progress import Result
from lineas.steering.adapter import Steering
from lineas.training.events import Done, Event, Reading
from lineas.training.recipes import Recipe

SENTENCES = 12
"""Target and Wikipedia sentences each from which a strength is read."""
SHARES = (1 / 3, 2 / 3, 1.0)
"""Strengths besides the recommended one at which text is measured, as shares of the method's range."""


@dataclass(frozen=True)
class Working:
    """What is being done, and for which method; ``fraction`` of that part is over, 0 to 1."""

    method: str
    sentence: str
    fraction: float


@dataclass(frozen=True)
class Said:
    """What a method said at one strength, measured."""

    strength: float
    report: TextReport

    @property
    def trade(self) -> Trade | None:
        score = self.report.score
        return None if score is None else Trade(score.mean, self.report.perplexity, self.report.statistics.repetition)


@dataclass(frozen=True)
class Standing:
    """How one method stands.

    Attributes:
        at: its answers at the recommended strength.
        along: its answers along its range, the plain model's first, in order of strength; ``at`` is among them.
        read_from: the recommended strength, its cost, and the losses from which it was read.
        seconds: that the method took to learn.
    """

    method: str
    at: Said
    along: tuple[Said, ...]
    read_from: Recommendation
    seconds: float

    def effect_within(self, perplexity: float) -> float | None:
        """The judge's mean that it reaches at this perplexity or below; None where that is never, or there is no judge."""
        return effect_within([trade for said in self.along if (trade := said.trade)], perplexity)


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
    sampling: Sampling = MEASURING,
    seed: int = 0,
) -> Generator[Working | Standing, None, None]:
    """Yields Working again and again and a Standing for each method: the first is the plain model, named "plain".

    Args:
        score: of the concept (``judge.train_judge``); None: only how the text reads is measured.
        instruction: the words of the method "prompting"; without them it shows the model the target sentences.
        seed: of the trainings and of the dice.
    """
    prompts = prompts or neutral_prompts(model)
    [plain] = yield from _told("plain", "answering", _said(model, prompts, [Row()], sampling, score, (0.0,)))
    no_cost = Recommendation(0.0, 0.0, 0.0, ())
    yield Standing("plain", plain, (plain,), no_cost, 0.0)
    for method in methods:
        began = time.perf_counter()
        options = {"instruction": instruction} if method == "prompting" and instruction else {}
        training = train_with(method, model, source, target, recipe_for(method, recipe), seed=seed, **options)
        steering = yield from _told(method, "learning", fitted(training))
        seconds = time.perf_counter() - began
        best = yield from _told(method, "finding its strength", recommend_in_range(model, steering, *sample(target)))
        strengths = strengths_along(steering, best)
        rows = [Row(steering, strength) for strength in strengths]
        along = yield from _told(method, "answering", _said(model, prompts, rows, sampling, score, strengths, plain))
        at = next(said for said in along if said.strength == best.strength)
        yield Standing(method, at, (plain, *along), best, seconds)


def fitted(training: Iterator[Event]) -> Generator[Event, None, Steering]:
    """The end of a training, and its events on the way."""
    for event in training:
        if isinstance(event, Done):
            return event.map
        yield event
    raise AssertionError("every method ends with Done")


def sample(target: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A few target and Wikipedia sentences, always the same."""
    return evenly(target, SENTENCES), wiki_sentences()[:SENTENCES]


def strengths_along(steering: Steering, best: Recommendation) -> list[float]:
    """The recommended strength and some more of the method's range, in order."""
    if not dial(steering):
        return [1.0]
    last: CostPoint = best.curve[-1]
    return sorted({best.strength, *(last.strength * share for share in SHARES)})


def _said(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling,
    score: Score | None,
    strengths: Sequence[float],
    plain: Said | None = None,
) -> Generator[Reading, None, list[Said]]:
    """Measured answers of the rows; gains are over the plain model's."""
    texts = yield from answers(model, prompts, rows, sampling)
    before = [list(plain.report.texts)] if plain else []
    reports = yield from report(model, [*before, *texts], score)
    return [Said(strength, one) for strength, one in zip(strengths, reports[len(before) :], strict=True)]


def _told(method: str, sentence: str, work: Generator[object, None, Result]) -> Generator[Working, None, Result]:
    """The same work, telling how far it is."""
    return (yield from by_share(work, partial(Working, method, sentence)))
