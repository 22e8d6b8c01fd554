"""Measure the answers to the same prompts at rising strengths, fast enough for a page."""

from collections.abc import Generator, Sequence

from lineas.evaluation.advice import StrengthReport, point_of
from lineas.evaluation.metrics.effect import Score, report
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading


def measure_sweep(
    model: LoadedModel,
    strengths: Sequence[float],
    prompts: Sequence[str],
    texts: Sequence[Sequence[str]],
    score: Score | None = None,
) -> Generator[Reading, None, StrengthReport]:
    """Measure answers that were written at several strengths; a few texts are read between two events.

    Args:
        strengths: ascending, the first 0: the plain answers, with which the others are compared.
        texts: [strength][prompt].
        score: scores a text from 0 to 1.
    """
    reports = yield from report(model, prompts, texts, score)
    points = [point_of(strength, one, reports[0]) for strength, one in zip(strengths, reports, strict=True)]
    return StrengthReport(tuple(points), score is not None)
