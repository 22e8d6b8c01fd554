"""The effect of steering on new text: answers to neutral prompts, scored beside the plain model's."""

import math
import re
import threading
from collections.abc import Callable, Generator, Sequence
from statistics import median

from lineas.errors import LineasError
from lineas.evaluation.findings import TextReport
from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.evaluation.metrics.relevance import OTHER_PROMPTS, relevance
from lineas.evaluation.metrics.text_statistics import text_statistics, words_of
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading

Score = Callable[[Sequence[str]], list[float]]
"""Scores texts, one number each: a judge or a scorer."""

MAX_BATCH = 32
EVAL_SAMPLING = Sampling(max_new_tokens=48, repetition_penalty=1.0)
"""Sampling of measured answers; a repetition penalty would hide broken text."""


def neutral_prompts(model: LoadedModel) -> tuple[str, ...]:
    """Questions for a chat model, beginnings of texts for any other."""
    return QUESTIONS if model.has_chat_template else BEGINNINGS


def answers(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling = EVAL_SAMPLING,
    *,
    stop: threading.Event | None = None,
) -> Generator[Reading, None, list[list[str]]]:
    """Answer all prompts with each row; returns texts as [row][prompt], with a few prompts between two events.

    Args:
        stop: when set, ends the generation after the current token.
    """
    size = max(1, MAX_BATCH // len(rows))
    texts: list[list[str]] = [[] for _ in rows]
    for start in range(0, len(prompts), size):
        for answered in generate(model, prompts[start : start + size], rows, sampling, stop=stop):
            for row, answer in zip(texts, answered, strict=True):
                row.append(answer.text.strip())
        yield Reading(min(start + size, len(prompts)), len(prompts))
    return texts


def report(
    model: LoadedModel,
    prompts: Sequence[str],
    texts: Sequence[Sequence[str]],
    score: Score | None = None,
    *,
    chat: bool | None = None,
    others: int = OTHER_PROMPTS,
) -> Generator[Reading, None, list[TextReport]]:
    """Measure the answers of several rows to the same prompts; gains are over the first row.

    Args:
        texts: [row][prompt], as ``answers`` returns them.
        chat: as in the ``Sampling`` of the answers.
        others: as in ``relevance``.

    Raises:
        LineasError: all answers are empty.
    """
    if not any(words_of(text) for row in texts for text in row):
        raise LineasError(
            "The model answered nothing at all, so there is nothing to judge. Use other prompts or a lower strength."
        )
    reports: list[TextReport] = []
    scores = [text_scores(score, row) for row in texts] if score else []
    kept = yield from relevance(model, prompts, texts, chat=chat, others=others)
    for i, row in enumerate(texts):
        mean = mean_interval(scores[i]) if score else None
        gain = gain_interval(scores[0], scores[i]) if score and i else None
        losses = [one.loss for one in kept[i] if math.isfinite(one.loss)]
        reports.append(
            TextReport(
                tuple(row),
                mean,
                gain,
                mean_interval([one.relevance for one in kept[i]]),
                sum(losses) / len(losses) if losses else math.nan,
                median_of([math.exp(loss) for loss in losses]),
                text_statistics(row),
            )
        )
    return reports


def text_scores(score: Score, texts: Sequence[str]) -> list[float]:
    """Score of each text: the mean over its sentences, because a judge is trained on single sentences."""
    split = [sentences(text) for text in texts]
    values = iter(score([sentence for parts in split for sentence in parts]))
    return [sum(next(values) for _ in parts) / len(parts) for parts in split]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without an unfinished last one and those of one or two words, unless nothing else is there."""
    parts = [part.strip() for part in re.split(r"(?<=[.!?…])[\"'”’)]*\s+|\n+", text) if part.strip()]
    whole = parts[:-1] if len(parts) > 1 and not re.search(r"[.!?…][\"'”’)]*$", parts[-1]) else parts
    return [part for part in whole if len(words_of(part)) > 2] or parts or [text]


def median_of(values: Sequence[float]) -> float:
    """Median of the finite values; NaN if there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return median(finite) if finite else math.nan
