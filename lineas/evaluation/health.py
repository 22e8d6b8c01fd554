"""The health check after a training: the advised strength and a verdict, from answers to prompts that are shown nowhere else.

The answers to some prompts choose the strength; those to others, at that strength, decide the verdict and stand on the card.
Where these forget their questions, repeat themselves or fall apart, they are asked once more at the next lower strength.
"""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import repeat

from lineas.errors import LineasError
from lineas.evaluation.advice import StrengthReport, is_sound, point_of, quality
from lineas.evaluation.findings import StrengthPoint, TextReport
from lineas.evaluation.health_card import AnswersReport, HealthCard, HowAdvised, Sample
from lineas.evaluation.metrics.changed_words import changed_words
from lineas.evaluation.metrics.cost import cost_curve
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, answers, report
from lineas.evaluation.metrics.embeddings import Embed, load_minilm
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.metrics.prompts import (
    HEALTH_BEGINNINGS,
    HEALTH_QUESTIONS,
    VERDICT_BEGINNINGS,
    VERDICT_QUESTIONS,
)
from lineas.evaluation.metrics.relevance import OTHER_PROMPTS
from lineas.evaluation.metrics.sides import example_sides
from lineas.evaluation.strength_range import cost_sentences
from lineas.evaluation.suites.public_data import take_evenly
from lineas.evaluation.verdict import (
    IDENTICAL,
    UNREADABLE_EXAMPLES,
    WORD_SALAD,
    Judgement,
    identical,
    judgement,
    too_alike,
)
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel
from lineas.models.progress import Result
from lineas.steering.adapter import Steering
from lineas.training.events import Reading, with_progress

STRENGTHS = (0.5, 0.75, 1.0, 1.25, 1.5)
"""Strengths to try beside the plain model."""
BOTH_STRENGTHS = (0.25, 0.5, 0.75, 1.0)
"""Strengths to try beside an instruction, which has an effect of its own."""
OTHERS_TRYING = 1
"""Number of other questions that each answer is read after while strengths are tried; nearly all noise is between questions."""
TOO_STRONG = ("forgets", "repeats", "breaks")
"""Verdicts after which the next lower strength is examined, too, and advised if it works."""
MAX_EXAMPLES = 64
"""Maximum number of examples a side; of more, evenly spaced ones are used."""
MAX_WRONG_WAY = 5
"""Maximum number of examples on the card that sound like the other side."""
SAMPLES = 2
"""Number of answers on the card."""


@dataclass(frozen=True)
class HealthProgress:
    """What the health check is doing, and how much of the whole check is done, 0 to 1."""

    sentence: str
    fraction: float


def health_check(
    model: LoadedModel,
    steering: Steering,
    source: Sequence[str],
    target: Sequence[str],
    *,
    instruction: str = "",
    load_judge: Callable[[], Embed] = load_minilm,
    stop: threading.Event | None = None,
) -> Generator[HealthProgress | HealthCard, None, None]:
    """Yield HealthProgress many times, and the HealthCard last.

    Between two events nothing runs on the model. Closing the generator ends the check.

    Args:
        source, target: the examples that the map was trained on.
        instruction: the same wish in words. With one, saying it alone and together with the map is tried, too, and the card advises
            whichever of showing and both has the better answers.
        load_judge: loads the judge's sentence embeddings.
        stop: when set, text that is being generated ends at once; then close the generator.
    """
    began = time.perf_counter()
    if identical(source, target):
        yield HealthCard(IDENTICAL.verdict, IDENTICAL.reason, 1.0, 0.0, 0.0)
        return
    source, target = take_evenly(source, MAX_EXAMPLES), take_evenly(target, MAX_EXAMPLES)
    sides = yield from _progress("Looking at your examples …", 0.0, 0.1, example_sides(model, source, target))
    yield HealthProgress("Training a judge on your examples …", 0.1)
    judge, judge_note = _judge(source, target, load_judge)
    chats = model.has_chat_template
    rows = [Row(), *(Row(steering, strength) for strength in STRENGTHS)]
    if instruction:
        rows += [Row(steering, strength, instruction) for strength in BOTH_STRENGTHS]
    trying = _asked(model, HEALTH_QUESTIONS if chats else HEALTH_BEGINNINGS, rows, judge, stop, OTHERS_TRYING)
    plain, *measured = yield from _progress("Trying several strengths …", 0.2, 0.65, trying)
    shown = _Tried.of("show", STRENGTHS, measured[: len(STRENGTHS)], plain)
    both = [_Tried.of("both", BOTH_STRENGTHS, measured[len(STRENGTHS) :], plain)] if instruction else []
    tried = [shown, *both]
    advised = max(tried, key=lambda one: one.worth)  # the first, showing, where they are equal
    prompts = VERDICT_QUESTIONS if chats else VERDICT_BEGINNINGS

    def examine(strength: float, known: Sequence[Sequence[str]] = ()) -> Generator[Reading, None, _Examined]:
        rows = [Row(), *([Row(system=instruction)] if instruction else [])] if not known else []
        rows.append(Row(steering, strength, instruction if advised.mode == "both" else None))
        asking = _asked(model, prompts, rows, judge, stop, known=known)
        plain, *said, chosen = yield from with_progress(asking, lambda done: Reading(round(90 * done), 100))
        reading = cost_curve(model, steering, *cost_sentences(target), (0.0, strength))
        before, after = yield from with_progress(reading, lambda done: Reading(round(90 + 10 * done), 100))
        reliable = judge is not None and judge.reliable
        found = too_alike(sides.separability, min(len(source), len(target)), judge.auc if judge else None) or (
            WORD_SALAD
            if before.target_loss > UNREADABLE_EXAMPLES
            else judgement(
                point_of(strength, chosen, plain),
                chosen.statistics.empty,
                plain.score if reliable else None,
                chosen.gain if reliable else None,
                before.target_loss - after.target_loss,
                told=advised.mode == "both",
            )
        )
        return _Examined(
            strength,
            found,
            plain,
            said,
            chosen,
            before.target_loss - after.target_loss,
            after.wiki_loss - before.wiki_loss,
        )

    best = yield from _progress("Asking other questions at the best one …", 0.65, 0.9, examine(advised.best.strength))
    lower = max((one.strength for one in advised.points if 0 < one.strength < best.strength), default=None)
    if best.judgement is not WORD_SALAD and best.judgement.verdict in TOO_STRONG and lower is not None:
        known = [report.texts for report in (best.plain, *best.said)]
        once_more = yield from _progress("Asking them at a lower one …", 0.9, 1.0, examine(lower, known))
        best = once_more if once_more.judgement.verdict == "works" else best
    yield HealthCard(
        best.judgement.verdict,
        best.judgement.reason,
        best.strength,
        best.fall,
        best.cost,
        points=shown.points,
        mode=advised.mode,
        strengths={one.mode: best.strength if one is advised else one.best.strength for one in tried},
        separability=sides.separability,
        judge_auc=judge.auc if judge else None,
        judge=judge_note,
        answers=(
            AnswersReport.from_texts("plain", 0.0, best.plain),
            AnswersReport.from_texts("steered", best.strength, best.chosen),
            *(AnswersReport.from_texts("instruction", 0.0, one) for one in best.said),
        ),
        samples=_samples(prompts, best.plain, best.chosen),
        words=tuple(changed_words(best.plain.texts, best.chosen.texts, source, target)),
        wrong_way=tuple(example.sentence for example in sides.wrong_way[:MAX_WRONG_WAY]),
        seconds=time.perf_counter() - began,
    )


@dataclass(frozen=True)
class _Examined:
    """What the other questions say of one strength: the verdict, the reports behind it, and the losses' fall and rise."""

    strength: float
    judgement: Judgement
    plain: TextReport
    said: Sequence[TextReport]
    chosen: TextReport
    fall: float
    cost: float


@dataclass(frozen=True)
class _Tried:
    """One way to reach the concept, tried at several strengths: the points, the plain model's first, and the best of them."""

    mode: HowAdvised
    points: tuple[StrengthPoint, ...]
    best: StrengthPoint

    @classmethod
    def of(
        cls, mode: HowAdvised, strengths: Sequence[float], reports: Sequence[TextReport], plain: TextReport
    ) -> "_Tried":
        points = tuple(map(point_of, (0.0, *strengths), (plain, *reports), repeat(plain)))
        return cls(mode, points, StrengthReport(points, plain.score is not None).best or points[1])

    @property
    def worth(self) -> tuple[bool, float]:
        """Sound answers are worth more than any others; then quality decides, to one decimal, since both are noisy."""
        return is_sound(self.best), round(quality(self.best), 1)


def _asked(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    judge: Judge | None,
    stop: threading.Event | None,
    others: int = OTHER_PROMPTS,
    known: Sequence[Sequence[str]] = (),
) -> Generator[Reading, None, list[TextReport]]:
    """Answer the prompts with each row and measure the answers, after the ``known`` ones; returns a report for each."""
    asking = answers(model, prompts, rows, EVAL_SAMPLING, stop=stop)
    texts = yield from with_progress(asking, lambda done: Reading(round(60 * done), 100))
    reading = report(model, prompts, [*known, *texts], judge, others=others)
    return (yield from with_progress(reading, lambda done: Reading(round(60 + 40 * done), 100)))


def _samples(prompts: Sequence[str], plain: TextReport, steered: TextReport) -> tuple[Sample, ...]:
    """The first answers, always to the same questions: none is chosen because it reads well."""
    return tuple(Sample(*three) for three in zip(prompts, plain.texts, steered.texts, strict=True))[:SAMPLES]


def _judge(source: Sequence[str], target: Sequence[str], load_judge: Callable[[], Embed]) -> tuple[Judge | None, str]:
    """The judge and a sentence about its reliability, or None and why there is no judge."""
    try:
        judge = train_judge(source, target, load_judge())
    except LineasError as error:
        return None, str(error)
    return judge, judge.sentence


def _progress(
    sentence: str, start: float, end: float, work: Generator[object, None, Result]
) -> Generator[HealthProgress, None, Result]:
    """Run ``work``, which is the part of the whole check from ``start`` to ``end``, and yield its progress."""
    return with_progress(work, lambda done: HealthProgress(sentence, start + (end - start) * done))
