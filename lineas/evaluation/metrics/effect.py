"""The effect of steering on new text: answers to neutral prompts, scored side by side with the plain model's."""

import math
import re
import threading
from collections.abc import Callable, Generator, Sequence
from statistics import median

from lineas.errors import LineasError
from lineas.evaluation.findings import TextReport
from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval
from lineas.evaluation.metrics.cost import perplexities
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.evaluation.metrics.text_statistics import text_statistics, words_of
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading

Score = Callable[[Sequence[str]], list[float]]
"""A number for each text: a judge, or a ready scorer."""

ANSWERS_AT_ONCE = 32
MEASURING = Sampling(max_new_tokens=48, repetition_penalty=1.0)
"""A repetition penalty would hide a text that has broken down."""


def neutral_prompts(model: LoadedModel, count: int = len(QUESTIONS)) -> tuple[str, ...]:
    """Answers for a model that chats, beginnings of texts for one that does not."""
    return (QUESTIONS if model.has_chat_template else BEGINNINGS)[:count]


def answers(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling = MEASURING,
    *,
    stop: threading.Event | None = None,
) -> Generator[Reading, None, list[list[str]]]:
    """What each row says to all prompts, [row][prompt]; a few prompts between two events.

    Args:
        stop: ends it after the current token when set.
    """
    size = max(1, ANSWERS_AT_ONCE // len(rows))
    texts: list[list[str]] = [[] for _ in rows]
    for start in range(0, len(prompts), size):
        for answered in generate(model, prompts[start : start + size], rows, sampling, stop=stop):
            for row, answer in zip(texts, answered, strict=True):
                row.append(answer.text.strip())
        yield Reading(min(start + size, len(prompts)), len(prompts))
    return texts


def report(
    model: LoadedModel, texts: Sequence[Sequence[str]], score: Score | None = None
) -> Generator[Reading, None, list[TextReport]]:
    """Measures of what several rows said to the same prompts; the first row is what the others are compared with.

    Args:
        texts: [row][prompt], as of ``answers``.

    Raises:
        LineasError: where nothing at all was said.
    """
    if not any(words_of(text) for row in texts for text in row):
        raise LineasError(
            "The model answered nothing at all, so there is nothing to judge. Use other prompts or a lower strength."
        )
    reports: list[TextReport] = []
    plain_scores: list[float] = []
    for row in texts:
        values = text_scores(score, row) if score else []
        scores = perplexity = gain = None
        if values:
            plain_scores = plain_scores or values
            scores, gain = mean_interval(values), gain_interval(plain_scores, values) if reports else None
        perplexity = median_of((yield from perplexities(model, row)))
        reports.append(TextReport(tuple(row), scores, gain, perplexity, text_statistics(row)))
    return reports


def text_scores(score: Score, texts: Sequence[str]) -> list[float]:
    """A score for each text: the mean over its sentences, since that is what a judge has learnt on."""
    split = [sentences(text) for text in texts]
    values = iter(score([sentence for parts in split for sentence in parts]))
    return [sum(next(values) for _ in parts) / len(parts) for parts in split]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without those of one or two words and a last one that was cut off, where others are there."""
    parts = [part.strip() for part in re.split(r"(?<=[.!?…])[\"'”’)]*\s+|\n+", text) if part.strip()]
    whole = parts[:-1] if len(parts) > 1 and not re.search(r"[.!?…][\"'”’)]*$", parts[-1]) else parts
    return [part for part in whole if len(words_of(part)) > 2] or parts or [text]


def median_of(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return median(finite) if finite else math.nan
