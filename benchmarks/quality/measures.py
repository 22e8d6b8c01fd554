"""Measurements and statistics that several suites share, taken with the library's own evaluation."""

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from benchmarks.quality.recommend import Recommendation, recommend_in_range, strength_at_damage
from lineas.data.presets import Preset
from lineas.evaluation.metrics.cost import perplexities, sentence_losses
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, Score, answers, median_of, text_scores
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.metrics.text_statistics import text_statistics
from lineas.evaluation.strength_range import cost_sentences, has_strength
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.adapter import Steering
from lineas.training.batching import tokenize

WIKI_TOKENS = 50
"""Maximum tokens of a Wikipedia sentence."""
RANGE_SHARES = (1 / 3, 2 / 3, 1.0)
"""Strengths to measure besides the recommended one, as shares of the method's range."""
EQUAL_COST = 0.1
"""Rise of the Wikipedia loss, in nats per token, at which methods are compared: about a tenth more perplexity."""
RESAMPLES = 500
"""Bootstrap resamples behind each 95 % interval."""
NO_COST = ("prompting",)
"""Methods whose cost is not shown: in the stored results it was measured on bare sentences, where an instruction gives the model's
first words a context and seems to lower the loss. It can be shown once the suites are measured anew."""


@lru_cache(maxsize=2)
def preset_judge(preset: Preset) -> Judge:
    """A judge of the preset's concept, independent of the steered model."""
    return train_judge(preset.source, preset.target, load_minilm())


def wikipedia_perplexity(
    model: LoadedModel, sentences: Sequence[str], steering: Steering | None, strength: float
) -> float:
    """Mean over sentences of exp(mean loss of its tokens), at most 50 tokens each, as the LinEAS paper measures it."""
    rows = tokenize(model, sentences, WIKI_TOKENS)
    losses = finish(sentence_losses(model, rows, steering, strength))
    return statistics.mean(math.exp(loss / (len(row) - 1)) for loss, row in zip(losses.tolist(), rows, strict=True))


def recommended(model: LoadedModel, steering: Steering, target: Sequence[str]) -> Recommendation:
    """The strength that the losses recommend within the method's own range."""
    return finish(recommend_in_range(model, steering, *cost_sentences(target)))


def strength_at_equal_cost(best: Recommendation) -> float:
    """The strength at which the Wikipedia loss has risen by ``EQUAL_COST``."""
    plain = best.curve[0].wiki_loss
    return strength_at_damage([(point.strength, point.wiki_loss - plain) for point in best.curve], EQUAL_COST)


def rows_along_range(
    model: LoadedModel, steering: Steering, target: Sequence[str]
) -> tuple[Recommendation, list[Row]]:
    """The recommended strength, and rows at that strength and then at three more of the method's range."""
    best = recommended(model, steering, target)
    others = [best.curve[-1].strength * share for share in RANGE_SHARES] if has_strength(steering) else []
    return best, [Row(steering, strength) for strength in (best.strength, *others)]


def continuations(
    model: LoadedModel, prompts: Sequence[str], steering: Steering | None, strength: float, sampling: Sampling
) -> list[str]:
    [texts] = finish(answers(model, prompts, [Row(steering, strength)], sampling))
    return texts


def judge_answers(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    scores: Sequence[Score],
    seed: int,
    tokens: int,
    chat: bool | None = None,
) -> list[dict[str, Any]]:
    """Each row's strength, every judge's score of every answer, every answer's perplexity, and word statistics."""
    texts = finish(answers(model, prompts, rows, replace(EVAL_SAMPLING, seed=seed, max_new_tokens=tokens, chat=chat)))
    measured = []
    for row, said in zip(rows, texts, strict=True):
        counted = text_statistics(said)
        measured.append(
            {
                "strength": row.strength,
                "scores": [[round(value, 4) for value in text_scores(score, said)] for score in scores],
                "perplexities": [
                    round(value, 2) if math.isfinite(value) else None for value in finish(perplexities(model, said))
                ],
                "distinct_2": counted.distinct_2,
                "repetition": counted.repetition,
                "example": said[0][:300],
            }
        )
    return measured


def median_perplexity(values: Sequence[float | None]) -> float:
    """The median of the perplexities that are known."""
    return median_of([value for value in values if value is not None])


def percentile_interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    ordered = sorted(values)
    return ordered[int(0.025 * len(ordered))], ordered[min(len(ordered) - 1, int(0.975 * len(ordered)))]


@lru_cache
def resamples(count: int, seeds: int = 1) -> list[list[int]]:
    """Indices of the answers in each bootstrap resample of ``count`` prompts, always the same, so that methods stay paired.

    Args:
        seeds: number of answers to each prompt, in blocks of ``count``; a prompt is drawn with all of its answers.
    """
    rng = random.Random(0)
    draws = [[rng.randrange(count) for _ in range(count)] for _ in range(RESAMPLES)]
    return [[seed * count + prompt for seed in range(seeds) for prompt in draw] for draw in draws]


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean ± standard deviation over the seeds; the value alone for one seed."""
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.{digits}f}"
